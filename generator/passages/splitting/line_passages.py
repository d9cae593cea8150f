"""Splits a page without a layout into passages, by its lines: it was stored before there were layouts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from generator.passages.splitting.lines import Line, lines_of
from generator.passages.splitting.passage import (
    Context,
    Passage,
    goes_on,
    make_passage,
    of_whole_words,
)
from generator.passages.splitting.sentences import sentences
from indexer.base.pages import PageWords

_MAX_HEADING_WORDS = 14
_HEADING_HEIGHT = 1.12  # of the page's usual line
# A column header is short and holds words or years; a row with a larger share of figures is data.
_MAX_HEADER_WORDS = 16
_MAX_HEADER_FIGURES = 0.3
# A table goes on over a gap of this many line heights, and over a subheading of this many words.
_MAX_TABLE_GAP = 2.5
_MAX_SUBHEADING_WORDS = 8

_YEAR = re.compile(r"(19|20)\d\d\D?")


def line_passages(words: PageWords) -> list[Passage]:
    """Return the page's passages in reading order; together they hold every word once."""
    lines = lines_of(words)
    above = _Above(words, lines)
    passages: list[Passage] = []
    for block in _blocks(words, lines):
        context = above.context_of(block)
        is_heading = above.pass_by(block)
        ranges = sentences(words.texts, block[0].start, block[-1].stop)
        for start, stop in of_whole_words(words, ranges):
            leads = is_heading or words.texts[stop - 1].endswith(":")
            passages.append(make_passage(words, start, stop, context, leads))
    return passages


def _blocks(words: PageWords, lines: Sequence[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        block.append(line)
        if not line.joins and not goes_on(words, line.stop):
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
