"""Splits a page's words into passages: the pieces that can be quoted.

A passage is a sentence where the page is prose, a row where it is a table or a form, an item where it is
a list. Its quote is a contiguous run of the page's words, in reading order, joined by spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.passages.lines import Line, lines_of
from generator.passages.sentences import sentences
from indexer.base.pages import Boxes, PageWords, enclosing
from indexer.base.word_marks import BROKEN, GLUED

_MAX_HEADING_WORDS = 14
_HEADING_HEIGHT = 1.12  # of the page's usual line
# A column header is short and holds words or years; a row with a larger share of figures is data.
_MAX_HEADER_WORDS = 16
_MAX_HEADER_FIGURES = 0.3
# A table goes on over a gap of this many line heights, and over a subheading of this many words.
_MAX_TABLE_GAP = 2.5
_MAX_SUBHEADING_WORDS = 8
# A heading is quoted with what follows it up to this many words together.
_MAX_LED_WORDS = 80

_YEAR = re.compile(r"(19|20)\d\d\D?")


class Context(NamedTuple):
    """The heading above a passage and the header of its columns, verbatim; empty where there is none."""

    heading: str
    header: str


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """Words start..stop of a page.

    quote    the words joined by single spaces
    box      (4,) uint16, around all of them
    parts    (L, 4) uint16, around those of each line it stands on
    context  what stands above it and belongs to it
    leads    it is a heading, a column header or ends in a colon: it says little without what follows
    """

    start: int
    stop: int
    quote: str
    box: NDArray[np.uint16]
    parts: Boxes
    context: Context
    leads: bool = False


def passages_of(words: PageWords) -> list[Passage]:
    """Return the page's passages in reading order; together they hold every word once."""
    lines = lines_of(words)
    above = _Above(words, lines)
    passages: list[Passage] = []
    for block in _blocks(words, lines):
        context = above.context_of(block)
        is_heading = above.pass_by(block)
        ranges = sentences(words.texts, block[0].start, block[-1].stop)
        for start, stop in _of_whole_words(words, ranges):
            leads = is_heading or words.texts[stop - 1].endswith(":")
            passages.append(_passage(words, start, stop, context, leads))
    return passages


def in_company(words: PageWords, passages: Sequence[Passage], position: int) -> Passage:
    """Return the passage at `position` as it is best quoted.

    A passage that leads is quoted together with what it leads to, the first row of a table with the header.
    """
    first = last = passages[position]
    for following in passages[position + 1 :]:
        if not last.leads or following.stop - first.start > _MAX_LED_WORDS:
            break
        last = following
    if position and passages[position - 1].quote == first.context.header:
        first = passages[position - 1]
    if first is last:
        return first
    return _passage(words, first.start, last.stop, first.context, last.leads)


def _passage(words: PageWords, start: int, stop: int, context: Context, leads: bool) -> Passage:
    own = words.boxes[start:stop]
    edges = [0, *(np.flatnonzero(np.diff(words.lines[start:stop])) + 1).tolist(), stop - start]
    parts = [enclosing(own[a:b]) for a, b in pairwise(edges)]
    quote = words.quote(start, stop)
    return Passage(start, stop, quote, enclosing(own), np.stack(parts), context, leads)


def _of_whole_words(
    words: PageWords, ranges: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the ranges, none of which ends before a footnote mark or within a parted word."""
    first = -1
    for start, stop in ranges:
        first = start if first < 0 else first
        while stop < len(words) and _goes_on(words, stop):
            stop += 1
        if stop > first:
            yield first, stop
        first = stop


def _goes_on(words: PageWords, position: int) -> bool:
    """Say whether the word at `position` belongs to the one before it."""
    if position == len(words):
        return False
    return bool(words.marks[position] & GLUED or words.marks[position - 1] & BROKEN)


def _blocks(words: PageWords, lines: Sequence[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        block.append(line)
        if not line.joins and not _goes_on(words, line.stop):
            yield block
            block = []


class _Above:
    """Remembers the heading and the column header above the block that is read."""

    def __init__(self, words: PageWords, lines: Sequence[Line]) -> None:
        self._words = words
        self._usual_height = float(np.median([line.height for line in lines])) if lines else 1.0
        self._heading = ""
        self._header = ""
        self._last: Line | None = None

    def context_of(self, block: Sequence[Line]) -> Context:
        if self._last is not None and not self._table_goes_on(self._last, block):
            self._header = ""
        return Context(self._heading, self._header if block[0].is_row else "")

    def pass_by(self, block: Sequence[Line]) -> bool:
        """Remember the block; say whether it is a heading or a column header."""
        start, stop = block[0].start, block[-1].stop
        own = self._words.texts[start:stop]
        self._last = block[-1]
        if block[0].is_row:
            if self._header or not _is_header(own):
                return False
            self._header = self._words.quote(start, stop)
            return True
        if self._is_heading(block, own):
            self._heading = self._words.quote(start, stop)
            return True
        return False

    def _table_goes_on(self, last: Line, block: Sequence[Line]) -> bool:
        first = block[0]
        return last.y0 < first.y0 < last.y1 + _MAX_TABLE_GAP * last.height and (
            first.is_row or block[-1].stop - first.start <= _MAX_SUBHEADING_WORDS
        )

    def _is_heading(self, block: Sequence[Line], own: Sequence[str]) -> bool:
        if len(own) > _MAX_HEADING_WORDS or own[-1][-1] in ".,;" or not own[0][0].isalnum():
            return False
        letters = [text for text in own if text[0].isalpha()]
        if not any(len(text) > 3 for text in letters) or letters[0][0].islower():
            return False
        large = block[0].height >= _HEADING_HEIGHT * self._usual_height
        return large or all(text[0].isupper() for text in letters if len(text) > 3)


def _is_header(own: Sequence[str]) -> bool:
    if len(own) > _MAX_HEADER_WORDS or own[-1].endswith("."):
        return False
    figures = [text for text in own if any(map(str.isdigit, text)) and not _YEAR.fullmatch(text)]
    return len(figures) <= _MAX_HEADER_FIGURES * len(own)
