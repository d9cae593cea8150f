"""Tell a second row of heads: names of columns below names of groups, which may be torn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, box_around
from indexer.layout.tables.amounts import has_figure

_SPACE = 0.7  # between words, in heights
_MAX_WORDS = 4  # in a line of a head
_MIN_NAMED = 0.7  # of the rows below have a name in their first cell
_MIN_FIGURES = 0.2  # of the other cells below


def with_whole_names(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    last: int,
) -> list[CellDraft]:
    """Return the cells; one name of a group, with words in two columns that have heads, is in one cell."""
    named_columns = {d.cell.column for d in cells if d.cell.row == last and d.rows}
    cells_left: list[CellDraft] = []
    for draft in cells:
        before = cells_left[-1] if cells_left else draft
        pair = before.cell, draft.cell
        is_torn = (
            before is not draft
            and draft.cell.row == before.cell.row < last
            and all(c.n_columns == c.n_rows == 1 and c.column in named_columns for c in pair)
            and len(before.rows) == len(draft.rows) == 1
            and words[before.rows[0][-1]].line == words[draft.rows[0][0]].line
            and _is_space(frames[before.rows[0][-1]], frames[draft.rows[0][0]])
        )
        if is_torn:
            cell = replace(before.cell, n_columns=2, box=box_around(c.box for c in pair))
            cells_left[-1] = CellDraft(cell, [[*before.rows[0], *draft.rows[0]]])
        else:
            cells_left.append(draft)
    return cells_left


def _is_space(before: NDArray[np.float64], behind: NDArray[np.float64]) -> bool:
    return bool(behind[0] - before[2] <= _SPACE * (behind[3] - behind[1]))


def has_heads_below(words: Sequence[DraftWord], cells: Sequence[CellDraft], n_heads: int) -> bool:
    """Say whether the row below heads goes on with them: names of columns, and none of a row.

    Figures may name columns only below one name over all of them: `10-20` below `Number of clutches`.
    """
    row = [d for d in cells if d.cell.row == n_heads and d.rows]
    names = {d.cell.row for d in cells if d.cell.column == 0 and d.cell.row > n_heads and d.rows}
    below = [d for d in cells if d.cell.row > n_heads and d.cell.column and d.rows]
    n_rows = max((d.cell.row for d in cells), default=0) - n_heads
    above = [d.cell for d in cells if d.cell.row == n_heads - 1 and d.rows]
    n_columns = max(d.cell.column + d.cell.n_columns for d in cells)
    is_below_one = len(above) == 1 and above[0].column > 0 and len(row) == n_columns - 1
    return (
        len(row) > 1
        and n_rows > 1
        and all(d.cell.column and d.cell.n_rows == 1 for d in row)
        and (is_below_one or not any(has_figure(words, d) for d in row))
        and max(len(line) for d in row for line in d.rows) <= _MAX_WORDS
        and len(names) >= _MIN_NAMED * n_rows
        and sum(has_figure(words, d) for d in below) > _MIN_FIGURES * len(below)
    )
