"""Part rows of a table that the layout model took for one: each cell has as many lines as the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, box_around, cells_by_row, frame_around
from indexer.layout.tables.rows.first_rows import is_figure_word
from indexer.layout.tables.rows.glued_names import with_group_names

_MIN_CELLS = 2
_MIN_FIGURES = 0.5  # of the cells have a figure in each line: names on two lines are one row
_SAME_LINE = 0.5  # largest distance of the centres of one line, in heights


def part_rows(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table; a row of which each cell has the same lines, of figures, is several."""
    if not any(d.cell.n_rows > 1 for d in cells):
        cells = with_group_names(words, frames, cells)
    by_row = cells_by_row(cells)
    spans = [(d.cell.row, d.cell.row + d.cell.n_rows) for d in cells if d.cell.n_rows > 1]
    cells_left: list[CellDraft] = []
    n_more = 0
    for number, row in sorted(by_row.items()):
        is_spanned = any(first <= number < stop for first, stop in spans)
        n_lines = 1 if is_spanned else _n_rows_in(words, frames, row)
        for at in range(n_lines):
            for draft in row:
                cells_left.append(_line_of(words, draft, at, number + n_more + at, n_lines))
        n_more += n_lines - 1
    return cells_left


def _n_rows_in(
    words: Sequence[DraftWord], frames: NDArray[np.float64], row: Sequence[CellDraft]
) -> int:
    """Return how many rows of the page a row of the model is."""
    filled_cells = [draft for draft in row if draft.rows]
    n_lines = len(filled_cells[0].rows) if filled_cells else 1
    if (
        n_lines < 2
        or len(filled_cells) < _MIN_CELLS
        or any(draft.cell.is_head or len(draft.rows) != n_lines for draft in filled_cells)
    ):
        return 1
    n_figures = sum(
        all(any(map(is_figure_word, (words[i].text for i in line))) for line in draft.rows)
        for draft in filled_cells
    )
    if n_figures < max(1, _MIN_FIGURES * (len(filled_cells) - 1)):
        return 1
    for lines in zip(*(draft.rows for draft in filled_cells), strict=True):
        boxes = [frame_around([frames[i] for i in line]) for line in lines]
        middles = [(b[1] + b[3]) / 2 for b in boxes]
        height = min(b[3] - b[1] for b in boxes)
        if max(middles) - min(middles) > _SAME_LINE * height:
            return 1
    return n_lines


def _line_of(
    words: Sequence[DraftWord], draft: CellDraft, at: int, number: int, n_lines: int
) -> CellDraft:
    cell = replace(draft.cell, row=number)
    if n_lines == 1:
        return replace(draft, cell=cell)
    rows = [draft.rows[at]] if draft.rows else []
    if rows:
        cell = replace(cell, box=box_around(words[i].box for i in rows[0]))
    return CellDraft(cell, rows)
