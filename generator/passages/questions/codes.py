"""Finds codes in questions and passages: part, section and policy numbers, such as `KD-340/B` or `4.2.1`.

Another code is never the answer to a question about this one, however much of the two is alike. Ranges
(`18-29`), dates and plain numbers are no codes: pages write them in many ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TOKEN = re.compile(r"[^\W_]+(?:[-/.][^\W_]+)+")
_SEPARATOR = re.compile(r"[-/.]")
_MIN_DIGITS = 3  # `10-K` and `COVID-19` are names
_DATE = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(\d{4}|\d\d)")
_DASHES = str.maketrans("‐‑–−", "----")


def codes_in(text: str) -> frozenset[str]:
    """Return the codes of a text, in lower case."""
    tokens = TOKEN.findall(text.translate(_DASHES))
    return frozenset(token.lower() for token in tokens if is_code(token))


def is_code(token: str) -> bool:
    """Say whether parts that are joined by hyphens, slashes or stops are a code."""
    parts = _SEPARATOR.split(token)
    if len(parts) < 2 or sum(map(str.isdigit, token)) < _MIN_DIGITS or _DATE.fullmatch(token):
        return False
    if not token.replace("-", "").replace("/", "").replace(".", "").isdigit():
        return "-" in token or "/" in token or not any(part.isalpha() for part in parts)
    if "." in token:
        return len(parts) > 2 and not all(len(part) == 3 for part in parts[1:])  # not 1.000.000
    return len(parts) > 2 or ("-" in token and int(parts[0]) >= int(parts[1]))


def names_code(text: str, code: str) -> bool:
    """Say whether a code stands in a text, however its parts are joined."""
    return _pattern(code).search(text.translate(_DASHES)) is not None


def lacking_codes(
    codes: frozenset[str], quotes: Sequence[str], headings: Sequence[str]
) -> NDArray[np.bool_]:
    """Return which passages (P,) of a page are not of some code: they have another, or no passage has it."""
    lacking = np.zeros(len(quotes), np.bool_)
    texts = [f"{h} {q}".translate(_DASHES) for h, q in zip(headings, quotes, strict=True)]
    for code in codes:
        stands = np.array([_pattern(code).search(text) is not None for text in texts], np.bool_)
        has_another = np.array([_has_shape_of(code, quote) for quote in quotes], np.bool_)
        lacking |= ~stands & has_another if stands.any() else ~stands
    return lacking


def _pattern(code: str) -> re.Pattern[str]:
    """Return what finds a code however its parts are joined."""
    parts = map(re.escape, _SEPARATOR.split(code))
    return re.compile(r"(?<!\w)" + r"[\s/.-]{0,3}".join(parts) + r"(?!\w)", re.IGNORECASE)


def _has_shape_of(code: str, text: str) -> bool:
    return any(_shape(token) == _shape(code) for token in codes_in(text))


def _shape(code: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", code))
