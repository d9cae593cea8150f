"""Take the last line of a cell into a table that the layout model left right below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import PageBox
from indexer.base.regions import Region
from indexer.layout.drafts import DraftWord
from indexer.layout.tables.edges.page_pieces import (
    NO_PART_OF_TABLE,
    PagePieces,
    columns_of,
    with_grown_tables,
)

_MAX_GAP = 0.3  # heights of a word between two lines of a cell,
_LEAST_GAP = 0.3  # and what follows stands further off
_FLUSH = 0.002 * 65535  # of the page
_MAX_WORDS = 8


def with_outside_lines(
    words: Sequence[DraftWord], frames: NDArray[np.float64], regions: Sequence[Region]
) -> tuple[Region, ...]:
    """Return the regions of an upright page; a table goes down to a line that goes on with its last row."""
    return with_grown_tables(words, frames, regions, _grown)


def _grown(page: PagePieces, region: Region) -> Region:
    last_row = max(cell.row + cell.n_rows for cell in region.cells)
    columns = columns_of(region)
    own = [i for i, word in enumerate(page.words) if _is_inside(word.box, region.box)]
    if len(columns) < 2 or not own:
        return region
    bottom = max(page.words[i].box[3] for i in own)
    rows = [row for row in page.rows if all(_middle(page.box(p)) > bottom for p in row)]
    if not rows or len(rows[0]) != 1:
        return region
    line = page.box(rows[0][0])
    height = line[3] - line[1]
    next_top = min((page.box(p)[1] for p in rows[1]), default=2**31) if len(rows) > 1 else 2**31
    column = next(
        (n for n, (left, right) in enumerate(columns) if n and left <= _middle_x(line) <= right),
        None,
    )
    if (
        column is None
        or line[1] - bottom > _MAX_GAP * height
        or next_top - line[3] < _LEAST_GAP * height
        or len(rows[0][0].words) > _MAX_WORDS
        or not page.are_free(rows[0][0].words, NO_PART_OF_TABLE)
    ):
        return region
    above = [
        page.words[i].box
        for i in own
        if columns[column][0] <= _middle_x(page.words[i].box) <= columns[column][1]
        and page.words[i].box[3] > bottom - height / 2
    ]
    if not above or not _is_flush(line, above):
        return region
    page.taken_words.update(rows[0][0].words)
    cells = tuple(
        replace(cell, box=(*cell.box[:3], line[3])) if cell.row + cell.n_rows == last_row else cell
        for cell in region.cells
    )
    return Region(region.kind, (*region.box[:3], line[3]), cells)


def _is_flush(line: PageBox, above: Sequence[PageBox]) -> bool:
    """Say whether a line begins, ends, or has its middle where the line above it does."""
    left, right = min(box[0] for box in above), max(box[2] for box in above)
    distances = line[0] - left, line[2] - right, (line[0] + line[2] - left - right) / 2
    return min(map(abs, distances)) <= _FLUSH


def _is_inside(word: PageBox, box: PageBox) -> bool:
    return box[0] <= _middle_x(word) <= box[2] and box[1] <= _middle(word) <= box[3]


def _middle(box: PageBox) -> float:
    return (box[1] + box[3]) / 2


def _middle_x(box: PageBox) -> float:
    return (box[0] + box[2]) / 2
