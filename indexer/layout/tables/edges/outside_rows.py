"""Take rows into a table that the layout model left outside: above it, below it, or between its parts.

A row belongs to a table where its words stand in the table's columns and next to its edge. A name alone in
the first column does where such a row follows, or the next part of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import Region, RegionCell
from indexer.layout.drafts import DraftWord, Piece, box_around
from indexer.layout.tables.amounts import is_amount
from indexer.layout.tables.edges.page_pieces import (
    NO_PART_OF_TABLE,
    PagePieces,
    columns_of,
    with_grown_tables,
)
from indexer.layout.tables.rows.flush_rows import Row, flush_row

_SAME_EDGE = 0.008 * 65535  # of the page
_TALLEST = 2.5  # of a word's usual height
_REACH = 1.3  # of a row's height: the next row begins within
_MAX_WORDS = 8  # in a cell of a row outside: longer ones are prose
_MAX_NAMES = 2  # in rows of their own before a full row
_FULL = 0.5  # of the columns have words


def with_outside_rows(
    words: Sequence[DraftWord], frames: NDArray[np.float64], regions: Sequence[Region]
) -> tuple[Region, ...]:
    """Return the regions of an upright page; those that lose words to a table shrink, or go."""
    return with_grown_tables(words, frames, regions, _grown)


def _grown(page: PagePieces, region: Region) -> Region:
    columns = columns_of(region)
    n_rows = max((cell.row + cell.n_rows for cell in region.cells), default=0)
    if len(columns) < 2:
        return region
    height = min((region.box[3] - region.box[1]) / n_rows, _TALLEST * page.word_height)
    above = list(_rows_beside(page, region, columns, height, is_above=True))[::-1]
    n_heads = _n_heads(page, above)
    below = list(_rows_beside(page, region, columns, height, is_above=False))
    if not above and not below:
        return region
    cells = [
        *_cells_of(above, columns, 0, n_heads),
        *(
            replace(c, row=c.row + len(above), is_head=c.is_head and not above)
            for c in region.cells
        ),
        *_cells_of(below, columns, len(above) + n_rows, 0),
    ]
    return Region(region.kind, box_around([region.box, *(c.box for c in cells)]), tuple(cells))


def _rows_beside(
    page: PagePieces,
    region: Region,
    columns: Sequence[tuple[int, int]],
    height: float,
    *,
    is_above: bool,
) -> Iterator[Row]:
    """Yield the rows next to an edge of a table, the nearest first, and take their words."""
    edge = region.box[1] if is_above else region.box[3]
    n_pieces = _n_pieces(page, region, columns)
    names: list[Row] = []
    for pieces in reversed(page.rows) if is_above else page.rows:
        box = box_around(page.box(piece) for piece in pieces)
        if (box[1] + box[3]) / 2 > edge if is_above else (box[1] + box[3]) / 2 < edge:
            continue
        gap = edge - box[3] if is_above else box[1] - edge
        row = _row_in(page, pieces, columns, n_pieces) if gap <= _REACH * height else None
        if row is None and is_above and gap <= _REACH * height:
            row = flush_row(page, pieces, region, columns)
        if row is None:
            if not is_above and names and _begins_same_table(page, pieces, columns):
                yield from _take(page, names)
            return
        edge = box[1] if is_above else box[3]
        if len({column for column, _, _ in row}) >= max(2, _FULL * len(columns)):
            yield from _take(page, [*names, row])
            names = []
        elif len(row) == 1 and row[0][0] == 0 and len(names) < _MAX_NAMES:
            names.append(row)
        else:
            return


def _take(page: PagePieces, rows: Sequence[Row]) -> Sequence[Row]:
    page.taken_words.update(i for row in rows for _, _, words in row for i in words)
    return rows


def _n_heads(page: PagePieces, rows: Sequence[Row]) -> int:
    """Return how many of the rows above a table are its heads: those before any amount or lone name."""
    for number, row in enumerate(rows):
        texts = [" ".join(page.words[i].text for i in words) for _, _, words in row[1:]]
        if not texts or any(map(is_amount, texts)):
            return number
    return len(rows)


def _begins_same_table(
    page: PagePieces, pieces: Sequence[Piece], columns: Sequence[tuple[int, int]]
) -> bool:
    """Say whether a row is of a table with the same columns."""
    regions = [r for p in pieces for r in page.regions_of(p.words) if r.kind == BlockKind.TABLE]
    return any(
        len(own) == len(columns)
        and all(abs(a[0] - b[0]) <= _SAME_EDGE for a, b in zip(own, columns, strict=True))
        for own in map(columns_of, regions)
    )


def _n_pieces(page: PagePieces, region: Region, columns: Sequence[tuple[int, int]]) -> list[int]:
    """Return how many pieces a row has in each column of a table at most: two figures may stand in one."""
    highest = [1] * len(columns)
    for pieces in page.rows:
        own = [page.box(p) for p in pieces if region in page.regions_of(p.words)]
        for n, (left, right) in enumerate(columns):
            n_own = sum(left <= (box[0] + box[2]) / 2 <= right for box in own)
            highest[n] = max(highest[n], n_own)
    return highest


def _row_in(
    page: PagePieces,
    pieces: Sequence[Piece],
    columns: Sequence[tuple[int, int]],
    n_pieces: Sequence[int],
) -> Row | None:
    """Return the cells of a row of the page in the columns of a table; None where it is none of it."""
    row: Row = []
    for piece in pieces:
        x0, y0, x1, y1 = page.box(piece)
        column = next(
            (
                n
                for n, (left, right) in enumerate(columns)
                if left - _SAME_EDGE <= x0
                and x1 <= right + _SAME_EDGE
                and left <= (x0 + x1) / 2 <= right
            ),
            None,
        )
        is_free = page.are_free(piece.words, NO_PART_OF_TABLE)
        if column is None or not is_free or len(piece.words) > _MAX_WORDS:
            return None
        row.append((column, (x0, y0, x1, y1), list(piece.words)))
    filled_columns = [column for column, _, _ in row]
    is_fitting = all(filled_columns.count(n) <= n_pieces[n] for n in set(filled_columns))
    return row if is_fitting else None


def _cells_of(
    rows: Sequence[Row], columns: Sequence[tuple[int, int]], first: int, n_heads: int
) -> Iterator[RegionCell]:
    for number, row in enumerate(rows):
        box = box_around(cell_box for _, cell_box, _ in row)
        own = {column: cell_box for column, cell_box, _ in row}
        is_inside = all(columns[n][0] <= b[0] and b[2] <= columns[n][1] for n, b in own.items())
        for column, (left, right) in enumerate(columns):
            cell_box = (left, box[1], right, box[3])
            if not is_inside:
                cell_box = own.get(column, cell_box)
            yield RegionCell(first + number, column, cell_box, is_head=number < n_heads)
