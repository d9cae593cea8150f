"""Cuts a text into what is compared: words, whole numbers with their units, dates, times, ranges, codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from api.diagnostics.comparison.numbers import SPELLED, Number, merge_thousands, parse_number
from api.diagnostics.comparison.units import CURRENCIES, SCALES, UNITS, unit_of
from indexer.base.language.dates import CalendarDate, dates_in, times_in
from indexer.base.language.scripts import IDEOGRAPHS, KANA

ARTICLES = frozenset({"a", "an", "the"})
# A number behind these names a place, and is no value.
_LABEL_WORDS = """
page pages p pp figure figures fig figs table tables tab section sections sec chapter chapters clause
article step part note footnote appendix equation eq no nr item version slide exhibit unit units quiz lesson
module
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SAME_MARKS = str.maketrans("‐‑‒–—−’‘ʼ′‚“”„«»", "------'''''\"\"\"\"\"")
_CJK = re.compile(f"([{KANA}{IDEOGRAPHS}])")
_EDGES = "\"'“”()[]{}<>.,;:!?…*•·|=~"
_RANGE = re.compile(r"(?P<low>[$€£]?\d[\d,.']*%?)-(?P<high>[$€£]?\d[\d,.']*)(?P<unit>\S*)")
_JOINED = re.compile(r"(?P<digits>[$€£]?\d[\d,.']*)-(?P<word>[^\W\d_]{3,})")  # 45-day
_YEAR_OF = re.compile(r"(?P<word>fy|cy|ytd)'?(?P<digits>\d{4}|\d{2})")


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a text.

    text      as it is compared, in small letters
    number    of a number with its unit
    upper     of a range: `number` is then its lower end
    dates     the readings of a date
    is_label  a number that names a place ("Table 2", "[2]") or begins a line of a list
    """

    text: str
    number: Number | None = None
    upper: Number | None = None
    dates: tuple[CalendarDate, ...] = ()
    is_label: bool = False

    @property
    def is_value(self) -> bool:
        """Say whether it is a number that may be the answer to "how many"."""
        return self.number is not None and self.upper is None and not self.is_label


def plain(text: str) -> str:
    """Return a text in NFKC, small letters, one form of quotation marks, dashes and spaces."""
    marked_text = re.sub(
        "[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+",
        lambda match: "^" + match[0].translate(_SUPERSCRIPTS),
        text.replace("\xad", ""),
    )
    folded_text = unicodedata.normalize("NFKC", marked_text).casefold()
    folded_text = unicodedata.normalize("NFKC", folded_text).translate(_SAME_MARKS)
    degrees = re.sub(r"\bdegrees?\s+([cf])\w*", r"°\1", " ".join(folded_text.split()))
    return re.sub(r"\s+(?=[,;](?:\s|$))", "", degrees)


@lru_cache(maxsize=4096)
def tokens_of(text: str, *, merge: bool = False) -> tuple[Token, ...]:
    """Return the tokens of a text without its articles. `merge`: read 42 000 as one number."""
    text = plain(text)
    tokens: list[Token] = []
    place = 0
    for start, stop, token in sorted(_moments(text), key=lambda moment: moment[0]):
        if start < place:
            continue
        tokens += _tokens_between(text[place:start], at_start=not tokens, merge=merge)
        tokens.append(token)
        place = stop
    tokens += _tokens_between(text[place:], at_start=not tokens, merge=merge)
    return tuple(token for token in tokens if token.text not in ARTICLES)


def _moments(text: str) -> Iterator[tuple[int, int, Token]]:
    for start, stop, readings in dates_in(text):
        yield start, stop, Token(text[start:stop], dates=readings)
    for start, stop, time in times_in(text):
        yield start, stop, Token(time)


def _tokens_between(text: str, *, at_start: bool, merge: bool) -> Sequence[Token]:
    chunks = _CJK.sub(r" \1 ", text).split()
    tokens: list[tuple[str, Token]] = []
    for n, chunk in enumerate(chunks):
        is_list_mark = (
            at_start and n == 0 and re.fullmatch(r"\(?\d{1,2}[.)]", chunk) and len(chunks) > 1
        )
        is_reference = re.fullmatch(r"\[\d+\][.,]?|\(\d{1,2}\)", chunk)
        for token in _tokens_of_chunk(chunk):
            if is_list_mark or is_reference:
                token = replace(token, is_label=True)
            tokens.append((chunk, token))
    return _join(tokens, merge=merge)


def _tokens_of_chunk(chunk: str) -> Iterator[Token]:
    core = chunk.strip(_EDGES)
    if chunk[: len(chunk) - len(chunk.lstrip(_EDGES))].endswith(".") and core[:1].isdigit():
        core = "." + core
    core = re.sub(r"\.?-+$", "", core)  # CHF 186'400.-
    if not core or re.fullmatch(r"\^-?\d+", core):  # a marked_text mark by itself is no number
        return
    if core == "&":
        yield Token("and")
    elif (number := parse_number(core)) is not None:
        yield Token(core, number)
    elif (token := _range_of(core)) is not None:
        yield token
    elif match := _JOINED.fullmatch(core) or _YEAR_OF.fullmatch(core):
        number = parse_number(match["digits"])
        words = [Token(match["word"])]
        numbers = [Token(match["digits"], number)]
        yield from (numbers + words if core[0] == match["digits"][0] else words + numbers)
    elif any(map(str.isdigit, core)) or unit_of(core):
        yield Token(core if unit_of(core) else re.sub(r"[\W_]+", "", core))
    else:
        yield from (Token(word) for word in re.findall(r"[^\W_]+", core))


def _range_of(core: str) -> Token | None:
    match = _RANGE.fullmatch(core)
    if match is None:
        return None
    lower, upper = parse_number(match["low"]), parse_number(match["high"] + match["unit"])
    if lower is None or upper is None or lower.value >= upper.value:
        return None
    return Token(core, lower, upper)


def _join(tokens: Sequence[tuple[str, Token]], *, merge: bool) -> list[Token]:
    """Put together what is one: a number and its unit, size, currency; the two parts of twenty-eight."""
    unions: list[Token] = []
    last_chunk = ""
    for chunk, token in tokens:
        last = unions[-1] if unions else None
        union = _union(last, last_chunk, token, chunk, merge=merge) if last else None
        if union is not None:
            unions[-1] = union
        elif token.text in SPELLED and token.number is None:
            unions.append(Token(token.text, _from_word(SPELLED[token.text])))
        else:
            is_label = token.number is not None and _is_named(unions, last_chunk)
            unions.append(replace(token, is_label=True) if is_label else token)
        last_chunk = chunk
    return _with_ranges(unions)


def _is_named(before: Sequence[Token], last_chunk: str) -> bool:
    """Say whether a number behind these tokens is one of "Figures 1, 2 and 3"."""
    if not before:
        return False
    if before[-1].text == "and" and len(before) > 1:
        return before[-2].is_label
    return before[-1].text in _LABELS or (before[-1].is_label and last_chunk.endswith(","))


def _union(last: Token, last_chunk: str, token: Token, chunk: str, *, merge: bool) -> Token | None:
    number, text = last.number, f"{last.text} {token.text}"
    if number is None:
        currency = UNITS.get(last.text, "")
        if token.number is not None and currency in CURRENCIES and not token.number.unit:
            return Token(text, token.number.with_unit(currency))
        return None
    if last.upper is not None:
        upper = _with_unit(last.upper, last_chunk, token.text)
        return Token(text, number, upper) if upper else None
    is_ten = number.is_word and number.value in range(20, 100, 10)
    if is_ten and 1 <= SPELLED.get(token.text, 0) <= 9:
        return Token(text, _from_word(int(number.value) + SPELLED[token.text]))
    if merge and token.number is not None and not chunk.startswith("("):
        thousands = merge_thousands(number, token.text, token.number)
        return Token(text, thousands) if thousands else None
    quantity = _with_unit(number, last_chunk, token.text)
    return replace(last, text=text, number=quantity) if quantity else None


def _from_word(value: int) -> Number:
    return Number((Decimal(value),), 0, is_word=True)


def _with_unit(number: Number, chunk: str, word: str) -> Number | None:
    """Return the number with the word behind it as its unit or size; None where it is neither."""
    if chunk.endswith((",", ";", ":", ")", ".")) or (word == "in" and number.unit == ""):
        return None  # the next word begins something else; "in" is seldom an inch
    if word in SCALES and not number.scale:
        return number.with_scale(SCALES[word])
    if unit_of(word) and not number.unit:
        return number.with_unit(unit_of(word))
    return None


def _with_ranges(tokens: Sequence[Token]) -> list[Token]:
    """Read "5 to 20 kg" as one range."""
    ranges: list[Token] = []
    for token in tokens:
        ranges.append(token)
        if len(ranges) >= 3 and ranges[-2].text in ("to", "until", "bis"):
            lower, upper = ranges[-3], token
            if lower.is_value and upper.is_value and _rises(lower.number, upper.number):
                ranges[-3:] = [Token("to", lower.number, upper.number)]
    return ranges


def _rises(lower: Number | None, upper: Number | None) -> bool:
    return lower is not None and upper is not None and lower.value < upper.value
