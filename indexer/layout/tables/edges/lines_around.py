"""Take lines out of a table that only stand next to it: above its first rule, or a source and notes below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.layout.cut import rows_of
from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    Rows,
    cells_by_row,
    frame_around,
    words_of_rows,
)
from indexer.layout.tables.amounts import has_figure, is_figure
from indexer.layout.tables.edges.typed_lines import last_row_above_lines
from indexer.layout.tables.table_rules import TableRules

_WHOLE = 0.9  # of the table's width
_MIN_SIGNED = 2  # rows below a table, and columns of names in them
_MOSTLY = 0.8  # of the cells are figures
_APART = 1.5  # heights of a word


class PartedTable(NamedTuple):
    """The cells of a table, and the rows of words above and below it that are none of its rows."""

    cells: list[CellDraft]
    lines: list[Rows]


def without_lines_around(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> PartedTable:
    """Return a table without lines that cross all its columns: above its first rule, or at its end.

    Those at its end name no rows, and nor does a name alone below rows of figures: a heading.
    frames  (W, 4) of all words, in points of the upright page
    """
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    if n_columns < 2:
        return PartedTable(list(cells), [])
    cells, above = _without_lines_above(frames, cells, rules, n_columns)
    by_row = cells_by_row(cells)
    last = max(by_row, default=0)
    first = last_row_above_lines(words, frames, by_row, last) + 1
    below: list[Rows] = [_lines(frames, by_row[row]) for row in range(first, last + 1)]
    last = first - 1
    while last > 1 and _crosses(by_row.get(last, []), n_columns):
        below[:0] = [d.rows for d in by_row[last] if d.rows]
        last -= 1
    if last > 1 and (
        _is_heading(words, by_row, last) or _is_page_number(words, frames, by_row, last)
    ):
        below[:0] = [d.rows for d in by_row[last] if d.rows]
        last -= 1
    first = _first_signature(words, frames, by_row, last)
    below[:0] = [_lines(frames, by_row[row]) for row in range(first, last + 1)]
    return PartedTable([d for d in cells if d.cell.row < first], above + below)


def _first_signature(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    by_row: dict[int, list[CellDraft]],
    last: int,
) -> int:
    """Return the first of the rows at the end that have names in several columns of figures, else `last` + 1.

    White space parts them from the rows of figures.
    """
    first = last + 1
    while first > 1 and not any(
        is_figure(words, d) and has_figure(words, d) for d in by_row.get(first - 1, ())
    ):
        first -= 1
    body = [d for row in range(first) for d in by_row.get(row, ()) if not d.cell.is_head and d.rows]
    behind = [d for d in body if d.cell.column]
    rows = [[d for d in by_row.get(row, ()) if d.rows] for row in range(first, last + 1)]
    if (
        len(rows) < _MIN_SIGNED
        or max(map(len, rows)) < _MIN_SIGNED
        or sum(is_figure(words, d) for d in behind) <= _MOSTLY * len(behind)
        or any(d.cell.n_rows > 1 for row in rows for d in row)
    ):
        return last + 1
    above, below = (
        frame_around([frames[i] for d in own for i in words_of_rows(d.rows)])
        for own in (body, rows[0] or rows[1])
    )
    height = float(
        np.median([frames[i][3] - frames[i][1] for d in body for i in words_of_rows(d.rows)])
    )
    return first if below[1] - above[3] >= _APART * height else last + 1


def _lines(frames: NDArray[np.float64], row: Sequence[CellDraft]) -> Rows:
    """Return the words of a row line by line."""
    members = [i for d in row for i in words_of_rows(d.rows)]
    if not members:
        return []
    return [[members[n] for n in line] for line in rows_of(np.stack([frames[i] for i in members]))]


def _crosses(row: Sequence[CellDraft], n_columns: int) -> bool:
    filled_cells = [d for d in row if d.rows]
    return (
        len(filled_cells) == 1
        and filled_cells[0].cell.n_columns == n_columns
        and not filled_cells[0].cell.is_head
    )


def _is_heading(words: Sequence[DraftWord], by_row: dict[int, list[CellDraft]], last: int) -> bool:
    """Say whether the last row has words in its first cell only, and all above it are rows of figures."""
    filled_cells = [d for d in by_row[last] if d.rows]
    behind = [d for row in by_row.values() for d in row if d.cell.column and d.rows]
    body = [d for d in behind if not d.cell.is_head]
    spans = any(
        d.cell.row + d.cell.n_rows > last > d.cell.row for row in by_row.values() for d in row
    )
    return (
        len(filled_cells) == 1
        and filled_cells[0].cell.column == 0
        and len(by_row[last]) > 1
        and not spans
        and len(body) > 2
        and all(is_figure(words, d) for d in body)
        and any(d.cell.column and d.rows for d in by_row.get(last - 1, ()))
    )


def _is_page_number(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    by_row: dict[int, list[CellDraft]],
    last: int,
) -> bool:
    """Say whether the last row is one number behind the names of rows, apart from the row above it."""
    filled_cells = [d for d in by_row[last] if d.rows]
    members = [i for d in filled_cells for i in words_of_rows(d.rows)]
    above = [frames[i] for d in by_row.get(last - 1, []) for i in words_of_rows(d.rows)]
    if len(members) != 1 or not filled_cells[0].cell.column or not above:
        return False
    frame = frames[members[0]]
    is_apart = frame[1] - frame_around(above)[3] >= _APART * (frame[3] - frame[1])
    return words[members[0]].text.isdigit() and bool(is_apart)


def _without_lines_above(
    frames: NDArray[np.float64], cells: Sequence[CellDraft], rules: TableRules, n_columns: int
) -> PartedTable:
    first = next((d for d in cells if d.cell.row == 0 and d.rows), None)
    if first is None or first.cell.n_rows > 1:
        return PartedTable(list(cells), [])
    extent = frame_around([frames[i] for d in cells for i in words_of_rows(d.rows)])
    heights = rules.heights(float(extent[0]), float(extent[2]), _WHOLE)
    above = [row for row in first.rows if heights and _middle(frames, row) < heights[0]]
    inside = [row for row in first.rows if not any(row is outer_row for outer_row in above)]
    beside = [row for d in cells if d.cell.row == 0 and d is not first for row in d.rows]
    if not above or any(_middle(frames, row) < heights[0] for row in beside):
        return PartedTable(list(cells), [])
    if inside:
        return PartedTable([replace(d, rows=inside) if d is first else d for d in cells], [above])
    if first.cell.n_columns < n_columns:
        return PartedTable(list(cells), [])
    rest = [d for d in cells if d.cell.row > 0]
    return PartedTable(
        [replace(d, cell=replace(d.cell, row=d.cell.row - 1)) for d in rest], [above]
    )


def _middle(frames: NDArray[np.float64], row: Sequence[int]) -> float:
    frame = frame_around([frames[i] for i in row])
    return float(frame[1] + frame[3]) / 2
