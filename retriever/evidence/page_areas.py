"""Areas of a page that a person would point at: cells, rows, paragraphs, items, fields, pictures.

Dimension key: W words of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from indexer.base.layout import Block, BlockKind, Cell, PageBox
from indexer.base.pages import BOX_SCALE, Boxes, PageWords
from indexer.catalog.pages import REMEMBERED_PAGES

# More lines than a person sees at a glance are shown as the few around the match.
_MAX_LINES = 8
_SHOWN_LINES = 5
_STEP_LINES = 2  # between windows of lines
# A cell is pointed at together with its row, which says what it is; by itself where the row is a text.
_MAX_ROW_WORDS = 30
_MIN_SENTENCE_WORDS = 8
# A picture that fills the page shows nothing by its box.
_FULL_PAGE = 0.5 * BOX_SCALE * BOX_SCALE

# What counts for less than a paragraph that matches as well: most name or repeat what stands elsewhere.
_WEIGHTS = {
    BlockKind.TITLE: 0.8,
    BlockKind.HEADING: 0.75,
    BlockKind.PAGE_HEADER: 0.6,
    BlockKind.PAGE_FOOTER: 0.6,
    BlockKind.PICTURE: 0.75,  # its labels are many, and far from each other
}
_HEAD_ROW = 0.75
_PROSE_CELL = 1.1  # beside the whole row, which matches at least as well


@dataclass(frozen=True, slots=True)
class PageArea:
    """Words start..stop of a page as one thing to point at.

    weight  how much a match in it counts
    """

    start: int
    stop: int
    box: PageBox
    weight: float = 1.0

    def overlaps(self, area: PageArea) -> bool:
        """Say whether they have words in common, or are the same place."""
        return self.box == area.box or (self.start < area.stop and area.start < self.stop)


class _Span(NamedTuple):
    """Words start..stop, and the box of what is more than its words."""

    start: int
    stop: int
    weight: float
    box: PageBox | None = None


@lru_cache(maxsize=REMEMBERED_PAGES)
def areas_of(words: PageWords) -> Sequence[PageArea]:
    """Return the areas of a page in reading order; they may overlap. None where it has no layout."""
    spans = [span for block in words.layout.blocks for span in _spans_of_block(words, block)]
    boxes = _boxes_around(words.boxes, spans)
    return tuple(
        PageArea(span.start, span.stop, span.box or box, span.weight)
        for span, box in zip(spans, boxes, strict=True)
    )


def _boxes_around(boxes: Boxes, spans: Sequence[_Span]) -> list[PageBox]:
    """Return the box around the words of each span, all at once: a page has many."""
    if not spans:
        return []
    boxes_and_end = np.concatenate(
        [boxes, np.zeros((1, 4), np.uint16)]
    )  # a stop may be behind the last word
    edges = [edge for span in spans for edge in (span.start, span.stop)]
    low = np.minimum.reduceat(boxes_and_end[:, :2], edges)[::2].tolist()
    high = np.maximum.reduceat(boxes_and_end[:, 2:], edges)[::2].tolist()
    return [(x0, y0, x1, y1) for (x0, y0), (x1, y1) in zip(low, high, strict=True)]


def _spans_of_block(words: PageWords, block: Block) -> Iterator[_Span]:
    weight = _WEIGHTS.get(block.kind, 1.0)
    is_picture = block.kind is BlockKind.PICTURE
    x0, y0, x1, y1 = block.box
    if block.cells:
        yield from _rows(block.cells)
    elif block.start == block.stop:
        if is_picture:
            yield _Span(block.start, block.stop, weight, block.box)
    elif is_picture and (x1 - x0) * (y1 - y0) < _FULL_PAGE:
        yield _Span(block.start, block.stop, weight, block.box)
    else:
        yield from _lines(words, block, weight)


def _rows(cells: Sequence[Cell]) -> Iterator[_Span]:
    """Yield each row with words, and the sentences in the cells of a long one by themselves."""
    filled_cells = [cell for cell in cells if cell.stop > cell.start]
    for _, row in groupby(filled_cells, key=lambda cell: cell.row):
        in_row = list(row)
        is_head = all(cell.is_head for cell in in_row)
        weight = _HEAD_ROW if is_head else 1.0
        yield _Span(in_row[0].start, in_row[-1].stop, weight)
        if len(in_row) > 1 and in_row[-1].stop - in_row[0].start > _MAX_ROW_WORDS:
            for cell in in_row:
                if cell.stop - cell.start >= _MIN_SENTENCE_WORDS:
                    yield _Span(cell.start, cell.stop, weight * _PROSE_CELL)


def _lines(words: PageWords, block: Block, weight: float) -> Iterator[_Span]:
    """Yield a block whole, or a window over its lines where it is long."""
    starts = _line_starts(words, block.start, block.stop)
    if len(starts) <= _MAX_LINES:
        yield _Span(block.start, block.stop, weight)
        return
    ends = [*starts[1:], block.stop]
    last = len(starts) - _SHOWN_LINES
    for first in dict.fromkeys([*range(0, last, _STEP_LINES), last]):
        yield _Span(starts[first], ends[first + _SHOWN_LINES - 1], weight)


def _line_starts(words: PageWords, start: int, stop: int) -> list[int]:
    lines = words.lines[start:stop]
    return [start, *(int(i) + start + 1 for i in np.flatnonzero(np.diff(lines)))]
