"""Tell pages with formulas from forms: small letters in formulas name nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_PLAIN_SIGNS = frozenset("+−±×÷=<>~|")  # of mathematics, that forms have, too
_MIN_SIGNS = 3  # words with others, such as ∀ and →


def holds_formulas(texts: Iterable[str]) -> bool:
    """Say whether several of some words have signs of mathematics."""
    return sum(map(_is_of_formula, texts)) >= _MIN_SIGNS


def _is_of_formula(text: str) -> bool:
    return not text.isalnum() and any(
        unicodedata.category(sign) == "Sm" and sign not in _PLAIN_SIGNS for sign in text
    )
