"""What is written in more than one way in English: numbers, units, British and American spelling.

Each form is brought to one, on pages and in questions alike, so that they meet.
"""

from __future__ import annotations

import re

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen""".split()  # noqa: SIM905 - it reads better so
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ORDINAL_ONES = """zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth""".split()  # noqa: SIM905

NUMBER_WORDS = {word: i for i, word in enumerate(_ONES)} | {
    word: 20 + 10 * i for i, word in enumerate(_TENS)
}
ORDINAL_WORDS = {word: i for i, word in enumerate(_ORDINAL_ONES)} | {
    f"{tens[:-1]}ieth": 20 + 10 * i for i, tens in enumerate(_TENS)
}
ORDINAL_WORDS |= {
    f"{tens}-{ordinal}": 20 + 10 * i + j
    for i, tens in enumerate(_TENS)
    for j, ordinal in enumerate(_ORDINAL_ONES[1:10], 1)
}
NUMBER_WORDS |= {
    f"{tens}-{digit}": 20 + 10 * i + j
    for i, tens in enumerate(_TENS)
    for j, digit in enumerate(_ONES[1:10], 1)
}

# A unit in words, and as it is printed beside a figure. In lower case; the longer ones come first.
_UNITS = (
    (r"kilomet(?:re|er)s? (?:per|an) hour|kph|kmph|km per hour", "km/h"),
    (r"miles (?:per|an) hour", "mph"),
    (r"met(?:re|er)s? per second", "m/s"),
    (r"(?:revolutions|rotations) per minute|r/min", "rpm"),
    (r"square (?:met(?:re|er)s?)|sq\.? ?m|m²", "m2"),
    (r"square (?:kilomet(?:re|er)s?)|km²", "km2"),
    (r"cubic (?:met(?:re|er)s?)|m³", "m3"),
    (r"square (?:feet|foot)|sq\.? ?ft", "ft2"),
    (r"degrees? celsius|degrees? centigrade|° ?c\b|℃", "celsius"),
    (r"degrees? fahrenheit|° ?f\b|℉", "fahrenheit"),
    (r"newton[- ]?met(?:re|er)s?|n·m|n m\b", "nm"),
    (r"kilowatt[- ]hours?", "kwh"),
    (r"kilomet(?:re|er)s?", "km"),
    (r"millimet(?:re|er)s?", "mm"),
    (r"centimet(?:re|er)s?", "cm"),
    (r"kilograms?|kilogrammes?|kilos?", "kg"),
    (r"milligrams?|milligrammes?", "mg"),
    (r"millilit(?:re|er)s?", "ml"),
    (r"kilowatts?", "kw"),
    (r"megawatts?", "mw"),
    (r"per cent|percent|%", "percent"),
    (r"u\.s\. dollars?|us dollars?|us\$", "usd $"),
    (r"u\.s\.a?\.", "usa"),
    (r"u\.k\.", "uk"),
)
# Behind a figure a unit may stand without a space: 90km/h.
_UNIT = re.compile(
    r"(?<![^\W\d_])(?:"
    + "|".join(f"(?P<u{i}>{form})" for i, (form, _) in enumerate(_UNITS))
    + r")(?![^\W_])"
)
# Whether any is there is a cheaper question than which.
_HINTS = ("met", "kilo", "milli", "mega", "per", "%", "°", "²", "³", "℃", "℉", "sq", "degree",
          "u.s", "us", "u.k", "newton", "n·m", "n m", "kph", "kmph", "r/min", "cubic",
          "square", "rev", "rot")  # fmt: skip


def with_short_units(text: str) -> str:
    """Return a text in lower case with units as they are printed beside figures."""
    if not any(hint in text for hint in _HINTS):
        return text
    return _UNIT.sub(_short_unit, text)


def _short_unit(match: re.Match[str]) -> str:
    i = int((match.lastgroup or "u0")[1:])
    return f" {_UNITS[i][1]} "


# British words as Americans write them; endings first, whole words where an ending would hit others.
_AMERICAN_ENDINGS = (
    ("isation", "ization"), ("isations", "izations"), ("ising", "izing"), ("ised", "ized"),
    ("elled", "eled"), ("elling", "eling"), ("ogue", "og"), ("ogues", "ogs"),
)  # fmt: skip
_AMERICAN_WORDS = {
    "aluminium": "aluminum", "analyse": "analyze", "armour": "armor", "behaviour": "behavior",
    "cancelled": "canceled", "centre": "center", "colour": "color", "defence": "defense",
    "favour": "favor", "favourite": "favorite", "fibre": "fiber", "fulfil": "fulfill", "grey": "gray",
    "harbour": "harbor", "honour": "honor", "humour": "humor", "instalment": "installment",
    "jewellery": "jewelry", "labour": "labor", "licence": "license", "litre": "liter", "metre": "meter",
    "mould": "mold", "neighbour": "neighbor", "offence": "offense", "organise": "organize",
    "paediatric": "pediatric", "plough": "plow", "programme": "program", "realise": "realize",
    "recognise": "recognize", "rumour": "rumor", "sulphur": "sulfur", "theatre": "theater",
    "tumour": "tumor", "tyre": "tire", "vapour": "vapor",
}  # fmt: skip
_AMERICAN_WORDS |= {f"{british}s": f"{us}s" for british, us in _AMERICAN_WORDS.items()}
_LEFT_ALONE = frozenset({"raised", "praised", "raising", "praising", "rising", "advised", "advising",
                         "promised", "exercised", "surprised", "comprised", "revised", "supervised",
                         "comprising", "exercising", "promising", "surprising", "revising", "arising",
                         "supervising", "cruising", "bruised", "disguised", "televised", "improvised",
                         "spelled", "spelling", "dialogue", "dialogues", "advertising", "advertised",
                         "wising", "noised", "poised", "noising", "poising", "despised", "excised",
                         "smelled", "selling", "telling", "compelled", "propelled", "excelled",
                         "expelled", "rebelled", "dwelled", "dwelling", "swelling", "yelled", "yelling",
                         "smelling", "felled", "felling", "shelled", "quelled", "enterprising",
                         "compelling", "propelling", "excelling", "expelling", "rebelling"})  # fmt: skip


def american(word: str) -> str:
    """Return a word in lower case as Americans spell it."""
    if word in _AMERICAN_WORDS:
        return _AMERICAN_WORDS[word]
    if word in _LEFT_ALONE or len(word) < 6:
        return word
    for ending, instead in _AMERICAN_ENDINGS:
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    return word
