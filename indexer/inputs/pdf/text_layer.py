"""Read the words of a page from its text layer, in the child: standard library and PyMuPDF's text page.

Boxes are fractions of the displayed page. The order is the document's own: sorting by height would
weave the columns of a two-column page into each other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from indexer.inputs.sandbox.frames import (
    MAX_LABEL_CHARACTERS,
    MAX_PAGE_CHARACTERS,
    MAX_WORD_CHARACTERS,
    MAX_WORDS,
)

# Everything str.split() splits at beyond ASCII; MuPDF itself knows ASCII and the no-break space.
_SPACES = "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES += "\u2028\u2029\u202f\u205f\u3000"
_UNKNOWN = "\ufffd"  # a glyph without a Unicode value: a text layer made of them says nothing

# Two runs at one height are one line when they share this much of the lower one's height.
_SAME_LINE = 0.6

Box = tuple[float, float, float, float]


class Words(NamedTuple):
    """texts W, boxes 4 W floats, lines W non-decreasing; ``truncated`` when the page holds more."""

    texts: list[str]
    boxes: list[float]
    lines: list[int]
    truncated: bool


def word(raw: str) -> str:
    """Compose letters and their marks (NFC), remove white space, and cut to what a frame takes."""
    text = unicodedata.normalize("NFC", "".join(raw.split()))
    return _storable(text)[:MAX_WORD_CHARACTERS]


def label(raw: str) -> str:
    """Put a page label on one line, and cut it to what a frame takes."""
    return _storable(" ".join(raw.split()))[:MAX_LABEL_CHARACTERS]


def _storable(text: str) -> str:
    """Remove NULs and lone surrogates, which some stores and encoders refuse."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def read_words(textpage: Any, width: float, height: float) -> Words:
    """Return the words inside a page of ``width`` x ``height`` points, as many as a frame takes."""
    texts: list[str] = []
    boxes: list[float] = []
    lines: list[int] = []
    n_characters = 0
    for text, box, line in _with_line_numbers(textpage.extractWORDS(_SPACES + _UNKNOWN)):
        x0, y0, x1, y1 = box[0] / width, box[1] / height, box[2] / width, box[3] / height
        if not text or not (0 < x1 >= x0 < 1 and 0 < y1 >= y0 < 1):  # so written, NaN is out too
            continue
        n_characters += len(text)
        if len(texts) == MAX_WORDS or n_characters > MAX_PAGE_CHARACTERS:
            return Words(texts, boxes, lines, True)
        texts.append(text)
        boxes += (max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0))
        lines.append(line)
    return Words(texts, boxes, lines, False)


def _with_line_numbers(words: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Box, int]]:
    """Yield MuPDF's words as (text, box, line); runs side by side, as in a table row, are one line."""
    number = 0
    run: tuple[int, int] | None = None
    last: Box | None = None
    for x0, y0, x1, y1, raw, block, line, _ in words:
        box = (x0, y0, x1, y1)
        if run != (block, line):
            if last is not None and not _continues(last, box):
                number += 1
            run = (block, line)
        last = box
        yield word(raw), box, number


def _continues(last: Box, box: Box) -> bool:
    """Whether ``box`` stands right of ``last`` at the same height."""
    overlap = min(last[3], box[3]) - max(last[1], box[1])
    lower = min(last[3] - last[1], box[3] - box[1])
    return box[0] >= last[2] - 0.5 * lower and overlap > _SAME_LINE * lower
