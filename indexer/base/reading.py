"""Reads the words of a page as a person does: parted words whole, raised and lowered figures told apart.

A page keeps its words as they stand, each with its own box. Search, quotations and page text take them from
here: `pe-` and `riod` are `period`, `1,480` with mark 2 is `1,480 ²`, `10` with exponent 5 is `10⁵`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from indexer.base.word_marks import BROKEN, GLUED, LOWERED, RAISED

_RAISED_FORMS = str.maketrans("0123456789+-−()abcd", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ᵃᵇᶜᵈ")
_LOWERED_FORMS = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_CURRENCIES = "$€£¥₹"
_MAX_UNIT_LETTERS = 2  # m2, km3; a longer word with a raised figure has a footnote

_Form = Callable[[str, int, str, str], tuple[str, str]]


class ReadWord(NamedTuple):
    """A word as it is read, and the position of the first word on the page that it is made of."""

    text: str
    position: int


def encodable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes, by `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def displayed_words(texts: Sequence[str], marks: Sequence[int]) -> Iterator[ReadWord]:
    """Yield words as they are quoted: raised and lowered ones in small figures."""
    return _words_of(texts, marks, _displayed_form)


def searched_words(texts: Sequence[str], marks: Sequence[int]) -> list[ReadWord]:
    """Return words as encoders are given them: in plain letters and digits."""
    if not any(marks):
        return [ReadWord(text, position) for position, text in enumerate(texts)]
    return list(_words_of(texts, marks, _searched_form))


def _words_of(texts: Sequence[str], marks: Sequence[int], form: _Form) -> Iterator[ReadWord]:
    word, position = "", 0
    for i, text in enumerate(texts):
        if i and marks[i - 1] & BROKEN:
            word = word[:-1] + text
            continue
        before = texts[i - 1] if i else ""
        separator, part = form(text, marks[i], before, word) if marks[i] else (" ", text)
        if i and not separator:
            word += part
            continue
        if i:
            yield ReadWord(word, position)
        word, position = part, i
    if texts:
        yield ReadWord(word, position)


def _displayed_form(text: str, marks: int, before: str, word: str) -> tuple[str, str]:
    """Return the separator before a word, and the word in small figures where it has such marks."""
    is_glued = bool(marks & GLUED)
    if marks & LOWERED:
        return "" if is_glued else " ", text.translate(_LOWERED_FORMS)
    if not marks & RAISED:
        return "" if is_glued else " ", text
    if is_glued and word.startswith(tuple(_CURRENCIES)) and _are_cents(text, before):
        return "", "." + text
    is_apart = not is_glued or (before[-1:].isdigit() and not _is_exponent(text, before))
    return " " if is_apart else "", text.translate(_RAISED_FORMS)


def _searched_form(text: str, marks: int, before: str, word: str) -> tuple[str, str]:
    is_glued = bool(marks & GLUED)
    if is_glued and marks & RAISED:
        if word.startswith(tuple(_CURRENCIES)) and _are_cents(text, before):
            return "", "." + text
        is_glued = before.isalpha() and len(before) <= _MAX_UNIT_LETTERS
    return "" if is_glued else " ", text


def _are_cents(text: str, before: str) -> bool:
    return len(text) == 2 and text.isdigit() and before[-1:].isdigit() and "." not in before


def _is_exponent(text: str, before: str) -> bool:
    """Say whether a raised figure behind a figure is a power and no footnote: of ten, or negative."""
    return before in ("10", "(10") or before.endswith(("×10", "x10", "·10")) or text[0] in "-−–+"
