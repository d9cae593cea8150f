"""Reads the number that a text holds: thousands and decimals of any usual form, one sign, no scale."""

from __future__ import annotations

import re

_SPACE = " \u00a0\u202f"
# Forms that leave no doubt. A comma before three digits parts thousands, a point before them decimals, as in
# English; before any other number of digits a comma begins decimals. Groups do not begin with a zero.
_ENGLISH = r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"
_INDIAN = r"[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?"
_GERMAN = r"[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})"
_SPACED = rf"[1-9]\d{{0,2}}(?:[{_SPACE}'’]\d{{3}})+(?:[.,]\d+)?"
_COMMA = r"\d+,(?:\d{1,2}|\d{4,})|0,\d+"
_PLAIN = r"\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?<![\w.,'’])(?<![^\W\d_][-–])(?:(?P<english>{_ENGLISH}|{_INDIAN})|(?P<german>{_GERMAN})"
    rf"|(?P<spaced>{_SPACED})|(?P<comma>{_COMMA})|(?P<plain>{_PLAIN}))(?![.,'’]?\d)(?![kK]\b)"
)
_OTHER_FIGURE = re.compile(r"(?<!\w)(?<![^\W\d_][-–])\d")
_SIGN = re.compile(
    rf"(?:^|(?<=[\s(]))[-−–][{_SPACE}]?[$€£¥₹]?[{_SPACE}]?$|^[$€£¥₹][{_SPACE}]?[-−–]$"
)
_IN_BRACKETS = re.compile(r"[\s$€£¥]*\([^()]*\)\s*%?\s*")  # a loss, as accountants write it


def number_in(text: str) -> float | int | None:
    """Return the one number of a text; None where it holds none, several, or one that can be read two ways.

    Digits of codes (KD-340, m2) are none. It is not scaled: of "3.1 million" it is 3.1.
    """
    match = _FIGURE.search(text)
    if match is None or _OTHER_FIGURE.search(text[: match.start()] + " " + text[match.end() :]):
        return None
    figures = re.sub(rf"[{_SPACE}'’]", "", match[0])
    if match["english"]:
        figures = figures.replace(",", "")
    elif match["german"]:
        figures = figures.replace(".", "")
    number = float(figures.replace(",", "."))
    if _SIGN.search(text[: match.start()].lstrip()) or _IN_BRACKETS.fullmatch(text):
        number = -number
    return int(number) if number.is_integer() else number
