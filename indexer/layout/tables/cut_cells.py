"""Join paragraphs of one cell that the layout model took for rows of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, box_around
from indexer.layout.upright import Upright

_MIN_LINES = 3  # of the cell above: a cell of prose
_MIN_WORDS = 4


def join_paragraphs_of_cells(
    cells: Sequence[CellDraft], rules: NDArray[np.float64], upright: Upright
) -> list[CellDraft]:
    """Return the cells of a table; a row that only goes on with the last cell of the one above is part of it.

    rules  (R, 4) horizontal rules, in points of the upright page
    """
    by_row: dict[int, list[CellDraft]] = {}
    for draft in cells:
        by_row.setdefault(draft.cell.row, []).append(draft)
    if any(draft.cell.n_rows > 1 for draft in cells):
        return list(cells)
    rows_left: list[list[CellDraft]] = []
    for _, row in sorted(by_row.items()):
        above = rows_left[-1] if rows_left else None
        if above is None or not _goes_on(above, row, rules, upright):
            rows_left.append(row)
            continue
        rows_left[-1] = [
            CellDraft(replace(a.cell, box=box_around([a.cell.box, b.cell.box])), [*a.rows, *b.rows])
            for a, b in zip(above, row, strict=True)
        ]
    return [
        replace(draft, cell=replace(draft.cell, row=number))
        for number, row in enumerate(rows_left)
        for draft in row
    ]


def _goes_on(
    above: Sequence[CellDraft],
    row: Sequence[CellDraft],
    rules: NDArray[np.float64],
    upright: Upright,
) -> bool:
    if [(d.cell.column, d.cell.n_columns) for d in above] != [
        (d.cell.column, d.cell.n_columns) for d in row
    ]:
        return False
    last, upper = row[-1], above[-1]
    if (
        len(row) < 2
        or any(d.cell.is_head for d in (*above, *row))
        or any(d.rows for d in row[:-1])
        or not above[0].rows
        or len(upper.rows) < _MIN_LINES
        or sum(map(len, last.rows)) < _MIN_WORDS
    ):
        return False
    first, second = upright.frames([upper.cell.box, last.cell.box])
    top, bottom = (first[1] + first[3]) / 2, (second[1] + second[3]) / 2
    between = (rules[:, 1] > top) & (rules[:, 3] < bottom)
    meets = (rules[:, 0] < second[2]) & (rules[:, 2] > second[0])
    return not bool((between & meets).any())
