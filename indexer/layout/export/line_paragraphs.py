"""Paragraphs of a page whose layout is not known: lines that stand close below each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from indexer.base.layout import Block, BlockKind
from indexer.base.pages import PageWords, enclosing

_MAX_GAP = 0.6  # of a line's height, between two lines of a paragraph


def line_paragraphs(words: PageWords) -> tuple[Block, ...]:
    """Return blocks of text that hold every word once, in order."""
    return tuple(
        Block(BlockKind.TEXT, start, stop, box_of(words, start, stop))
        for start, stop in _spans(words)
    )


def box_of(words: PageWords, start: int, stop: int) -> tuple[int, int, int, int]:
    """Return the box around words start..stop, at least one."""
    x0, y0, x1, y1 = enclosing(words.boxes[start:stop]).tolist()
    return (x0, y0, x1, y1)


def _spans(words: PageWords) -> Iterator[tuple[int, int]]:
    if not len(words):
        return
    breaks = np.flatnonzero(np.diff(words.lines)) + 1
    starts, stops = [0, *breaks.tolist()], [*breaks.tolist(), len(words)]
    first = 0
    before = box_of(words, 0, stops[0])
    for start, stop in zip(starts[1:], stops[1:], strict=True):
        box = box_of(words, start, stop)
        if not _goes_on(before, box):
            yield first, start
            first = start
        before = box
    yield first, len(words)


def _goes_on(above: tuple[int, ...], below: tuple[int, ...]) -> bool:
    """Say whether a line stands close below another, in one column and of about its size."""
    height = above[3] - above[1]
    gap = below[1] - above[3]
    is_beside = below[0] >= above[2] or below[2] <= above[0]
    is_of_its_size = 0.7 < (below[3] - below[1] + 1) / (height + 1) < 1.4
    return -height < gap < _MAX_GAP * height and not is_beside and is_of_its_size
