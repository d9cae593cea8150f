"""Read the words of a page from its text layer, in the child: standard library and PyMuPDF's text page.

Boxes are fractions of the displayed page. The order is the document's own: sorting by height would
weave the columns of a two-column page into each other.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from indexer.inputs.pdf.text.library_text import take_text
from indexer.inputs.pdf.text.page_lines import words_by_line
from indexer.inputs.pdf.text.single_words import drawn_once, join_letters
from indexer.inputs.sandbox.frames import (
    MAX_LABEL_CHARACTERS,
    MAX_PAGE_CHARACTERS,
    MAX_WORD_CHARACTERS,
    MAX_WORDS,
)
from indexer.layout.line_breaks import Vocabulary, join_parts
from indexer.layout.placed_words import PlacedWord

_DIRECTIONS = {(1, 0): "upright", (0, -1): "up", (0, 1): "down", (-1, 0): "upside_down"}
_MIN_LETTERS = 2  # a single one tells no direction
_FIRST_EAST_ASIAN = "\u2e80"


class Words(NamedTuple):
    """texts W, boxes 4 W floats, lines W non-decreasing, marks W; ``truncated`` when the page holds more.

    direction  where most of the text runs: a value of `TextDirection`
    """

    texts: list[str]
    boxes: list[float]
    lines: list[int]
    marks: list[int]
    truncated: bool
    direction: str = "upright"


def word(raw: str) -> str:
    """Compose letters and their marks (NFC), remove white space, and cut to what a frame takes."""
    text = unicodedata.normalize("NFC", "".join(raw.split()))
    return _storable(text)[:MAX_WORD_CHARACTERS]


def label(raw: str) -> str:
    """Put a page label on one line, and cut it to what a frame takes."""
    return _storable(" ".join(raw.split()))[:MAX_LABEL_CHARACTERS]


def _storable(text: str) -> str:
    """Remove NULs and lone surrogates, which some stores and encoders refuse."""
    text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def read_words(
    textpage: Any, width: float, height: float, vocabulary: Vocabulary | None = None
) -> Words:
    """Return the words inside a page of ``width`` x ``height`` points, as many as a frame takes.

    vocabulary  of the document's pages before; the words of this one are added
    """
    vocabulary = vocabulary or Vocabulary()
    text = take_text(textpage)
    words = list(join_letters(words_by_line(text._replace(words=drawn_once(text.words)))))
    vocabulary.add(word.text for word in words)
    words_within = _within_page(join_parts(words, vocabulary), width, height)
    return words_within._replace(direction=_direction(words))


def _direction(words: Iterable[PlacedWord]) -> str:
    """Return where most letters run."""
    n_letters: Counter[str] = Counter()
    for entry in words:
        if len(entry.text) >= _MIN_LETTERS:
            is_column = entry.axis == (0, 1) and entry.text[0] >= _FIRST_EAST_ASIAN
            n_letters["columns" if is_column else _DIRECTIONS[entry.axis]] += len(entry.text)
    return n_letters.most_common(1)[0][0] if n_letters else "upright"


def _within_page(words: Iterable[PlacedWord], width: float, height: float) -> Words:
    texts: list[str] = []
    boxes: list[float] = []
    lines: list[int] = []
    marks: list[int] = []
    n_characters = 0
    for entry in words:
        box = entry.box
        x0, y0, x1, y1 = box[0] / width, box[1] / height, box[2] / width, box[3] / height
        text = word(entry.text)
        if not text or not (0 < x1 >= x0 < 1 and 0 < y1 >= y0 < 1):  # so written, NaN is out too
            continue
        n_characters += len(text)
        if len(texts) == MAX_WORDS or n_characters > MAX_PAGE_CHARACTERS:
            return Words(texts, boxes, lines, marks, True)
        texts.append(text)
        boxes += (max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0))
        lines.append(entry.line)
        marks.append(entry.marks)
    return Words(texts, boxes, lines, marks, False)
