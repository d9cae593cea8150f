"""Doubt a text layer where that is cheap, and compare it with what is printed.

A font whose character map is wrong gives letters that no language has in such numbers; an old OCR program
leaves invisible text over its scan. Both are looked up on the page image at a few words; nothing is replaced
before the whole page has been read and differs.

Dimension key: W words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from math import log2

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import PageWords, RenderedPage
from indexer.ocr.boxes import overlaps

# Per mille of letters, the mean of nine languages (English, German, French, Spanish, Portuguese, Italian,
# Dutch, Swedish, Polish) after published counts; accents taken off.
_FREQUENCIES = {
    "e": 130, "a": 95, "n": 73, "i": 71, "o": 69, "r": 66, "s": 63, "t": 62, "d": 45, "l": 42, "u": 32,
    "c": 31, "m": 30, "p": 22, "h": 21, "g": 20, "v": 15, "b": 14, "f": 12, "k": 12, "w": 12, "z": 12,
    "y": 8, "j": 7, "q": 4.5, "x": 1.5,
}  # fmt: skip
_BITS = {letter: -log2(share / 1000) for letter, share in _FREQUENCIES.items()}
# Bits a letter: text of those languages has 4.1 to 4.5, letters that were shifted 5 to 6.
_DOUBTFUL_BITS = 4.9
_LEAST_VOWELS = 0.27  # of letters; those languages have .36 to .48
_LINE_LETTERS = 20  # in shorter lines chance decides
_DOUBTFUL_SHARE = 0.25  # of a page's letters that stand in such lines
INVISIBLE_SHARE = 0.5
_SAMPLE_LETTERS = 4
N_SAMPLED = 8
AGREEMENT = 0.6  # likeness of two spellings of what is printed once; misread letters cost about 0.1


def bits_a_letter(text: str) -> tuple[float, int]:
    """Return how unlikely Latin letters are, in bits for each, and how many letters there are."""
    letters = _plain_letters(text)
    return (sum(map(_BITS.__getitem__, letters)) / len(letters) if letters else 0.0), len(letters)


def _is_unlikely(letters: str) -> bool:
    """Whether no language has such letters: rare ones, or hardly a vowel among them."""
    n_vowels = sum(map("aeiouy".__contains__, letters))
    return bits_a_letter(letters)[0] > _DOUBTFUL_BITS or n_vowels < _LEAST_VOWELS * len(letters)


def _plain_letters(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(filter(_BITS.__contains__, plain))


def doubtful_words(page: RenderedPage) -> list[int]:
    """Return words of the layer, at most 8, to be compared with the page image; none: it is believed."""
    words = page.words
    if page.invisible_text >= INVISIBLE_SHARE:
        return _sample(words, np.ones(len(words), np.bool_))
    lines, line_of = np.unique(words.lines, return_inverse=True)
    letters, in_doubt = 0, np.zeros(len(lines), np.bool_)
    n_doubtful = 0
    starts = np.searchsorted(line_of, np.arange(len(lines) + 1)).tolist()
    for number in range(len(lines)):
        of_line = _plain_letters("".join(words.texts[starts[number] : starts[number + 1]]))
        letters += len(of_line)
        if len(of_line) >= _LINE_LETTERS and _is_unlikely(of_line):
            in_doubt[number] = True
            n_doubtful += len(of_line)
    if n_doubtful <= _DOUBTFUL_SHARE * letters:
        return []
    return _sample(words, in_doubt[line_of])


def _sample(words: PageWords, mask: NDArray[np.bool_]) -> list[int]:
    """Return long words, evenly over the page."""
    candidates = [
        i
        for i in np.flatnonzero(mask).tolist()
        if sum(map(str.isalpha, words.texts[i])) >= _SAMPLE_LETTERS
    ]
    n = min(N_SAMPLED, len(candidates))
    return [candidates[int((k + 0.5) * len(candidates) / n)] for k in range(n)]


def alike(first: str, second: str) -> bool:
    """Whether two strings may be spellings of the same print; case and marks do not count."""
    a, b = _bare(first), _bare(second)
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= AGREEMENT


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filter(str.isalnum, plain))


def confirmed_words(layer: PageWords, ocr: PageWords) -> NDArray[np.bool_]:
    """Return the words (W,) of the layer whose line OCR read alike, or where it read nothing."""
    confirmation = np.ones(len(layer), np.bool_)
    if not len(ocr) or not len(layer):
        return confirmation
    covers = overlaps(layer.boxes, ocr.boxes)
    for number in np.unique(layer.lines):
        of_line = np.flatnonzero(layer.lines == number)
        ocr_positions = np.flatnonzero(covers[of_line].any(axis=0))
        if len(ocr_positions):
            confirmation[of_line] = alike(_text_of(layer, of_line), _text_of(ocr, ocr_positions))
    return confirmation


def _text_of(words: PageWords, positions: NDArray[np.intp]) -> str:
    by_place: Sequence[int] = sorted(positions.tolist(), key=lambda i: int(words.boxes[i, 0]))
    return "".join(words.texts[i] for i in by_place)
