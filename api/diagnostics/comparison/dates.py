"""Dates and times of day in the forms in which people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = """
january jan januar janvier enero
february feb februar februari février febrero
march mar märz mars marzo
april apr avril abril
may mai mayo
june jun juni juin junio
july jul juli juillet julio
august aug août agosto
september sep sept septembre septiembre
october oct oktober okt octobre octubre
november nov novembre noviembre
december dec dezember dez décembre diciembre
"""
MONTHS: dict[str, int] = {
    name: n for n, names in enumerate(_MONTHS.strip().splitlines(), 1) for name in names.split()
}
_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b\.?"
_YEAR = r"(?P<year>[12]\d{3})\b"
_AWAY = r"(?<![\w./:-])"  # of a longer number or code
_CENTURY_TURNS = 70  # 69 is 2069 and 70 is 1970, as POSIX has it
_PATTERNS = tuple(
    re.compile(_AWAY + pattern)
    for pattern in (
        r"(?P<year>[12]\d{3})-(?P<day_or_month>\d{1,2})-(?P<day>\d{1,2})(?![\w-])",
        r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year>[12]\d{3})(?![\w-])",
        r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{2})(?![\w/])",
        rf"{_DAY}\s*(?:of\s+)?{_MONTH},?\s*{_YEAR}",
        rf"{_MONTH}\s*{_DAY},?\s+{_YEAR}",
        rf"{_YEAR},?\s+{_MONTH}\s*{_DAY}(?![\w])",
        rf"{_MONTH},?\s+{_YEAR}",
        rf"{_DAY}\s*(?:of\s+)?{_MONTH}(?!\w)",
        rf"{_MONTH}\s+{_DAY}(?![\w,.]*\d)",
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
    elif "day_or_month" in parts:
        yield CalendarDate(year, int(parts["day_or_month"]), int(parts["day"]))
    else:
        yield CalendarDate(year, MONTHS[parts["month"]], int(parts.get("day") or 0))


def _is_possible(moment: CalendarDate) -> bool:
    try:
        date(moment.year or 2000, moment.month, moment.day or 1)  # 2000 has a 29 February
    except ValueError:
        return False
    return True
