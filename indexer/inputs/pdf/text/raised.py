"""Set raised and lowered glyphs apart from the word before them, in the child: standard library only.

Gaps alone do not tell `1,480` with footnote 2 from `14802`. Size and baseline do: a glyph smaller than
the one before it and stands above or below its line is a footnote mark, an exponent, a subscript or the cents
of a price. Letters stay with their word (`1st`, `Mlle`, `T` with index `max`), fractions are whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from indexer.base.word_marks import GLUED, LOWERED, RAISED
from indexer.inputs.pdf.text.library_text import is_delimiter
from indexer.layout.placed_words import Box, PlacedWord, enclosing

# In sizes of the glyphs beside: footnote marks are set at .58 to .75 and raised by .3, indices lowered by .1.
_SMALLER = 0.87
_LEAST_RISE = 0.15
_LEAST_DROP = 0.07
_MOST_SHIFT = 1.0
_LEAST_RISE_AT_FULL_SIZE = 0.25

_APART = re.compile(r"[\d*†‡§¶#+\-−–()\[\],.]*[\d*†‡§¶#][\d*†‡§¶#+\-−–()\[\],.]*")
_FOOTNOTE_LETTER = re.compile(r"[a-d]{1,4}|[a-d](?:,[a-d])+")
_FRACTION = re.compile(r"(\d+)[/⁄](\d+)")
_BESIDE = 0.6  # of a size: a smaller glyph further away is of another column


class _Span(NamedTuple):
    """Glyphs of one size on one baseline; `marks` say how they stand to those before."""

    text: str
    size: float
    baseline: float
    box: Box
    marks: int


def split_raised(words: Sequence[PlacedWord], spans: Sequence[dict[str, Any]]) -> list[PlacedWord]:
    """Return the words of one upright line with raised and lowered glyphs as words of their own."""
    line_spans = _with_marks(spans)
    if not any(span.marks for span in line_spans):
        return list(words)
    characters = [
        (character, i)
        for i, span in enumerate(line_spans)
        for character in span.text
        if not is_delimiter(character)
    ]
    if "".join(character for character, _ in characters) != "".join(word.text for word in words):
        return list(words)  # of another line, or read otherwise: better the words than a wrong cut
    owners = [i for _, i in characters]
    pieces: list[PlacedWord] = []
    start = 0
    for word in words:
        stop = start + len(word.text)
        pieces += _pieces(word, owners[start:stop], line_spans)
        start = stop
    return pieces


def _with_marks(spans: Sequence[dict[str, Any]]) -> list[_Span]:
    line_spans = [
        _Span(span["text"], span["size"], span["origin"][1], span["bbox"], 0) for span in spans
    ]
    with_text = [i for i, span in enumerate(line_spans) if span.text.strip()]
    before: _Span | None = None
    for position, i in enumerate(with_text):
        following = line_spans[with_text[position + 1]] if position + 1 < len(with_text) else None
        marks = _marks(line_spans[i], before or following)
        if marks:
            line_spans[i] = line_spans[i]._replace(marks=marks)
        else:
            before = line_spans[i]
    return line_spans


def _marks(span: _Span, base: _Span | None) -> int:
    """Return how `span` stands to glyphs on the line itself."""
    if base is None or base.size <= 0:
        return 0
    if max(span.box[0] - base.box[2], base.box[0] - span.box[2]) > _BESIDE * base.size:
        return 0
    rise = (base.baseline - span.baseline) / base.size
    if span.size > _SMALLER * base.size:
        is_raised = _LEAST_RISE_AT_FULL_SIZE <= rise <= 0.6 and span.size <= 1.02 * base.size
        return RAISED if is_raised else 0
    if _LEAST_RISE <= rise <= _MOST_SHIFT:
        return RAISED
    return LOWERED if _LEAST_DROP <= -rise <= _MOST_SHIFT else 0


def _pieces(word: PlacedWord, owners: Sequence[int], spans: Sequence[_Span]) -> list[PlacedWord]:
    """Return a word in the pieces that stand on, above and below the line."""
    cuts: list[tuple[int, int, int]] = []  # start, stop, marks
    for marks, group in groupby(range(len(owners)), lambda k: spans[owners[k]].marks):
        characters = list(group)
        start, stop = characters[0], characters[-1] + 1
        base_start = cuts[-1][0] if cuts else 0
        base = word.text[base_start:start]
        if cuts and stop <= cuts[-1][1]:  # within a fraction
            continue
        start = max(start, cuts[-1][1]) if cuts else start
        fraction = _FRACTION.match(word.text, start) if marks & RAISED else None
        if fraction:
            cuts.append((start, fraction.end(), 0))
        elif marks and _stands_apart(word.text[start:stop], base, marks):
            cuts.append((start, stop, marks))
        elif cuts and not cuts[-1][2]:
            cuts[-1] = (cuts[-1][0], stop, 0)
        else:
            cuts.append((start, stop, 0))
    pieces: list[PlacedWord] = []
    for start, stop, marks in cuts:
        piece = _piece(word, start, stop, owners, spans)
        is_fraction = marks == 0 and _FRACTION.match(piece.text) is not None  # `3 1/2`, not 31/2
        # The mark before a footnote, of which a stop or comma is no part.
        follows_mark = (
            len(pieces) == 1 and pieces[0].marks & RAISED and piece.text[0] not in ".,;:)"
        )
        glue = GLUED if start and not is_fraction and not follows_mark else 0
        pieces.append(piece._replace(marks=word.marks | marks | glue))
    return pieces


def _stands_apart(text: str, base: str, marks: int) -> bool:
    """Say whether a raised or lowered text is no part of the word before it."""
    if _APART.fullmatch(text):
        return True
    is_figure = base[-1:].isdigit() or base[-1:] in ".,;:)"
    return bool(marks & RAISED and _FOOTNOTE_LETTER.fullmatch(text) and base and is_figure)


def _piece(
    word: PlacedWord, start: int, stop: int, owners: Sequence[int], spans: Sequence[_Span]
) -> PlacedWord:
    if start == 0 and stop == len(word.text):
        return word
    x0, y0, x1, y1 = enclosing([spans[i].box for i in set(owners[start:stop])])
    box = (max(x0, word.box[0]), max(y0, word.box[1]), min(x1, word.box[2]), min(y1, word.box[3]))
    lies_outside = box[0] > box[2] or box[1] > box[3]
    return word._replace(text=word.text[start:stop], box=word.box if lies_outside else box)
