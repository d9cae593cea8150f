"""The words around a hit's best evidence, for a person to read."""

from __future__ import annotations

import numpy as np

from indexer.pages import BOX_SCALE, PageWords
from retriever.hits import Evidence

MAX_CHARACTERS = 240


def snippet(words: PageWords, evidence: tuple[Evidence, ...]) -> str:
    """Up to MAX_CHARACTERS of the page's own words, in order, around the first word of evidence."""
    if len(words) == 0:
        return ""
    start = _line_start(words, _first_word_inside(words, evidence))
    text = " ".join(
        words.texts[start : start + MAX_CHARACTERS]
    )  # a word has at least one character
    if len(text) <= MAX_CHARACTERS and start + MAX_CHARACTERS >= len(words):
        return text
    return text[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _first_word_inside(words: PageWords, evidence: tuple[Evidence, ...]) -> int:
    if not evidence:
        return 0
    x0, y0, x1, y1 = (value * BOX_SCALE for value in evidence[0].box)
    centres = (words.boxes[:, :2].astype(np.float64) + words.boxes[:, 2:]) / 2
    inside = (centres >= (x0, y0)).all(axis=1) & (centres <= (x1, y1)).all(axis=1)
    return int(inside.argmax()) if inside.any() else 0


def _line_start(words: PageWords, word: int) -> int:
    return int(np.searchsorted(words.lines, words.lines[word]))
