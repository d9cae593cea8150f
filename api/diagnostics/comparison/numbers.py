"""Numbers as they are written: thousands separators, decimal commas, powers, words of size, units."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from api.diagnostics.comparison.units import CURRENCIES, MONEY_SCALES, SCALES, unit_of

_DIGITS = (
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?"  # 1,234.5 and 8,36,72,770
    r"|\d{1,3}(?:'\d{3})+(?:\.\d+)?"  # 186'400
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}\.\d{3},\d+"  # 1.234.567 and 1.234,50
    r"|\d+,\d{1,2}(?![\d,])"  # 2,3
    r"|\d*\.\d+|\d+"
)
_MONEY = r"(?:us\$|[$€£¥₹₽₪]|(?:eur|usd|gbp|chf|inr|rs)\.?)"
_NUMBER = re.compile(
    rf"(?P<money>{_MONEY})?(?P<sign>[-+])?(?P<money_after_sign>{_MONEY})?"
    rf"(?P<digits>{_DIGITS})(?:\^(?P<power>-?\d+))?(?P<suffix>[^\d\s^'\",;:()\[\]-][^\d\s^'\",;()\[\]-]*)?"
)
_UP_TO_TWENTY = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
"""
_TENS = "thirty forty fifty sixty seventy eighty ninety"
SPELLED: dict[str, int] = {word: n for n, word in enumerate(_UP_TO_TWENTY.split())} | {
    word: 10 * n for n, word in enumerate(_TENS.split(), 3)
}
TOLERANCE = Decimal("0.01")  # relative; see `agreement`


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written.

    values    its value without `scale`; two where 1.234 may be read in two ways
    decimals  digits behind the point
    unit      by the name of `units.py`, empty where none is written at it
    scale     power of ten of the word of size behind it: 6 in "12 million"
    is_word   spelled out
    """

    values: tuple[Decimal, ...]
    decimals: int
    unit: str = ""
    scale: int = 0
    is_word: bool = False

    @property
    def value(self) -> Decimal:
        return self.values[0]

    @property
    def digits(self) -> int:
        """How many significant digits it has."""
        return len(str(abs(self.value)).replace(".", "").lstrip("0"))

    def with_unit(self, unit: str) -> Number:
        return replace(self, unit=unit)

    def with_scale(self, scale: int) -> Number:
        return replace(self, scale=scale)


def parse_number(chunk: str) -> Number | None:
    """Return the number that a chunk without white space is, in small letters; None where it is none.

    Currency, percent sign, unit or word of size may stand at it: $1.2bn, 38km/h, 44k.
    """
    match = _NUMBER.fullmatch(chunk)
    if match is None:
        return None
    values, decimals = _values(match["digits"])
    unit = unit_of((match["money"] or match["money_after_sign"] or "").rstrip("."))
    scale = 0
    suffix = (match["suffix"] or "").rstrip(".")
    if suffix:
        scale = SCALES.get(suffix, 0) or (MONEY_SCALES.get(suffix, 0) if unit else 0)
        if not scale:
            if not unit_of(suffix):
                return None
            unit = unit_of(suffix)
    if match["power"] and values[0] == 10:
        values = (Decimal(10) ** int(match["power"]),)
    if match["sign"] == "-":
        values = tuple(-value for value in values)
    return Number(values, decimals, unit, scale)


def same_unit(a: Number, b: Number) -> bool:
    """Say whether the units agree; one that is not written agrees with any."""
    return not (a.unit and b.unit) or a.unit == b.unit


def same_number(gold: Number, answer: Number) -> bool:
    """Say whether both are one quantity: values equal, units and words of size equal or not written."""
    if not same_unit(gold, answer):
        return False
    if gold.scale and answer.scale and gold.scale != answer.scale:
        return bool(_full_values(gold) & _full_values(answer))
    if gold.unit and answer.scale and not gold.scale:  # 2.4 % is not 2.4 million
        return bool(_full_values(gold) & _full_values(answer))
    plain = set(gold.values) & set(answer.values)
    return bool(plain or _full_values(gold) & _full_values(answer))


def rounds_to(precise: Number, short: Number) -> bool:
    """Say whether `short` is `precise` with fewer decimals, and still has two digits."""
    if precise.decimals <= short.decimals or short.digits < 2:
        return False
    return same_unit(precise, short) and round(precise.value, short.decimals) == short.value


def is_close(gold: Number, answer: Number) -> bool:
    """Say whether they differ by at most one per cent."""
    if not same_unit(gold, answer) or gold.scale != answer.scale:
        return False
    return abs(gold.value - answer.value) <= TOLERANCE * abs(gold.value)


def as_percentage(gold: Number, answer: Number) -> bool:
    """Say whether one is written as a share and the other as the same percentage: .053 and 5.3 %."""
    for share, percentage in ((gold, answer), (answer, gold)):
        if percentage.unit == "%" and not share.unit and abs(share.value) < 1 and share.value:
            return share.value * 100 == percentage.value
    return False


def merge_thousands(left: Number, right_digits: str, right: Number) -> Number | None:
    """Return what 42 and 000 are together; None where they are two numbers."""
    if not re.match(r"\d{3}(?!\d)", right_digits) or left.decimals or left.scale or left.is_word:
        return None
    if left.unit and left.unit not in CURRENCIES:
        return None
    value = left.value * 1000 + right.value
    return Number((value,), right.decimals, right.unit or left.unit, right.scale)


def _values(digits: str) -> tuple[tuple[Decimal, ...], int]:
    plain = digits.replace("'", "")
    if re.fullmatch(r"\d+,\d{1,2}", plain):
        plain = plain.replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
    value = Decimal(plain)
    decimals = len(plain.partition(".")[2])
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        return (value, value * 1000), decimals
    return (value,), decimals


def _full_values(number: Number) -> set[Decimal]:
    return {value * Decimal(10) ** number.scale for value in number.values}
