"""Dates and times of day in the forms in which people write them, in small letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


def _without_marks(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


_MONTHS = """
january jan januar jänner janvier enero يناير
february feb februar februari février févr febrero فبراير
march mar märz mars marzo مارس
april apr avril avr abril أبريل إبريل
may mai mayo مايو
june jun juni juin junio يونيو
july jul juli juillet juil julio يوليو
august aug août agosto أغسطس
september sep sept septembre septiembre سبتمبر
october oct oktober okt octobre octubre أكتوبر
november nov novembre noviembre نوفمبر
december dec dezember dez décembre déc diciembre ديسمبر
"""
MONTHS: dict[str, int] = {
    form: n
    for n, names in enumerate(_MONTHS.strip().splitlines(), 1)
    for name in names.split()
    for form in (name, _without_marks(name))
}
_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?\b\.?"
_YEAR = r"(?P<year>[12]\d{3})\b"
_A_YEAR = re.compile(r"[12]\d{3}")
_AWAY = r"(?<![\w./:-])"  # of a longer number or code
_CENTURY_TURNS = 70  # 69 is 2069 and 70 is 1970, as POSIX has it
_IN_FIGURES = r"(?<!\d)(?P<year>[12]\d{3})\s*[年년]\s*(?P<figure>\d{1,2})\s*[月월]"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        _IN_FIGURES + r"\s*(?P<day>\d{1,2})\s*[日号일]",
        _IN_FIGURES,
        _AWAY
        + r"(?P<year>[12]\d{3})(?P<mark>[-/.])(?P<figure>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![\w-])",
        _AWAY
        + r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year>[12]\d{3})(?![\w-])",
        _AWAY + r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{2})(?![\w/])",
        rf"{_AWAY}{_DAY}\s*(?:of\s+)?{_MONTH},?\s*{_YEAR}",
        rf"{_AWAY}{_MONTH}\s*{_DAY},?\s+{_YEAR}",
        rf"{_AWAY}{_YEAR},?\s+{_MONTH}\s*{_DAY}(?![\w])",
        rf"{_AWAY}{_MONTH},?\s+{_YEAR}",
        rf"{_AWAY}{_DAY}\s*(?:of\s+)?{_MONTH}(?!\w)",
        rf"{_AWAY}{_MONTH}\s+{_DAY}(?![\w,.]*\d)",
    )
)
_TIME = re.compile(
    r"(?<![\w:.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?\s*(?P<half>[ap]\.?m\b\.?)?(?![\w:])"
)


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A date, or the parts of it that are written; 0 stands for a part that is not."""

    year: int
    month: int
    day: int

    def within(self, wider: CalendarDate) -> bool:
        """Say whether all that `wider` says is true of this date, too."""
        parts = zip(
            (self.year, self.month, self.day), (wider.year, wider.month, wider.day), strict=True
        )
        return all(wide_part in (0, own_part) for own_part, wide_part in parts)


def dates_in(text: str) -> Iterator[tuple[int, int, tuple[CalendarDate, ...]]]:
    """Yield start, stop and the readings of every date, `text` in small letters; the earliest pattern wins.

    05/04/2020 has two readings.
    """
    taken_spans: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, stop = match.span()
            if any(start < end and begin < stop for begin, end in taken_spans):
                continue
            readings = tuple(filter(_is_possible, _readings(match)))
            if readings:
                taken_spans.append((start, stop))
                yield start, stop, readings


def whole_dates_in(text: str) -> list[str]:
    """Return the dates that have a day, a month, a year and one reading, as 2019-03-31."""
    if _A_YEAR.search(text) is None:
        return []
    return [
        f"{moment.year}-{moment.month:02}-{moment.day:02}"
        for _, _, (moment, *more_readings) in dates_in(text)
        if moment.year and moment.day and not more_readings
    ]


def times_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, stop and the 24-hour form of every time of day, `text` in small letters."""
    for match in _TIME.finditer(text):
        hour = int(match["hour"])
        if match["half"]:
            hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
        yield match.start(), match.end(), f"{hour:02d}:{match['minute']}"


def _readings(match: re.Match[str]) -> Iterator[CalendarDate]:
    parts = match.groupdict()
    year = int(parts.get("year") or 0)
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        if year < 100:
            year += 2000 if year < _CENTURY_TURNS else 1900
        yield CalendarDate(year, second, first)
        if parts.get("mark", "/") == "/" and first != second:
            yield CalendarDate(year, first, second)
    elif "figure" in parts:
        yield CalendarDate(year, int(parts["figure"]), int(parts.get("day") or 0))
    else:
        yield CalendarDate(year, MONTHS[parts["month"]], int(parts.get("day") or 0))


def _is_possible(moment: CalendarDate) -> bool:
    try:
        date(moment.year or 2000, moment.month, moment.day or 1)  # 2000 has a 29 February
    except ValueError:
        return False
    return True
