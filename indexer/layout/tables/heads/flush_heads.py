"""Put words of heads into the columns at whose ends they end: typed heads stand only a space apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.regions import RegionCell
from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    cells_by_row,
    n_head_rows,
    words_of_rows,
)
from indexer.layout.tables.amounts import is_figure

_SAME_END = 1.0  # points
_MIN_ROWS = 2  # of figures
_MIN_COLUMNS = 3


def with_flush_heads(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table; its heads are parted where a word ends at the end of each column.

    frames  (W, 4) of all words, in points of the upright page
    """
    heads = cells_by_row(cells).get(0, [])
    members = sorted(
        (i for d in heads for i in words_of_rows(d.rows)), key=lambda i: float(frames[i][0])
    )
    if (
        n_head_rows(cells) != 1
        or all(d.cell.n_columns == 1 for d in heads)
        or any(d.cell.n_rows > 1 or len(d.rows) > 1 for d in heads)
        or (heads[0].cell.n_columns == 1 and heads[0].rows)
    ):
        return list(cells)
    ends = _ends(words, frames, cells)
    rights = [float(frames[i][2]) for i in members]
    parts_in_order = parts_ending_at(members, rights, [*ends.values()], _SAME_END)
    if len(ends) < _MIN_COLUMNS or parts_in_order is None:
        return list(cells)
    parts = dict(zip(ends, parts_in_order, strict=True))
    n_columns = max(d.cell.column + d.cell.n_columns for d in cells)
    box = box_around(d.cell.box for d in heads)
    return [
        *(_head(words, column, parts.get(column, []), box) for column in range(n_columns)),
        *(d for d in cells if d.cell.row > 0),
    ]


def parts_ending_at(
    members: Sequence[int], rights: Sequence[float], ends: Sequence[float], most_apart: float
) -> list[list[int]] | None:
    """Part words so that the last of each part ends where a column does; None unless all words and ends fit.

    members  words from left to right
    rights   where each of them ends
    """
    parts: list[list[int]] = []
    start = 0
    for end in ends:
        fitting = (n for n in range(start, len(members)) if abs(rights[n] - end) <= most_apart)
        stop = next(fitting, start - 1) + 1
        if stop == start:
            return None
        parts.append([*members[start:stop]])
        start = stop
    return parts if start == len(members) else None


def _head(
    words: Sequence[DraftWord], column: int, own: list[int], box: tuple[int, int, int, int]
) -> CellDraft:
    if own:
        box = box_around(words[i].box for i in own)
    return CellDraft(RegionCell(0, column, box, is_head=True), [own] if own else [])


def _ends(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> dict[int, float]:
    """Return where the figures of each column of figures end, from left to right."""
    rights: dict[int, list[float]] = {}
    for draft in cells:
        cell = draft.cell
        has_digit = any(c.isdigit() for i in words_of_rows(draft.rows) for c in words[i].text)
        if cell.n_columns == 1 and cell.column and not cell.is_head and has_digit:
            right = float(frames[draft.rows[0][-1]][2]) if is_figure(words, draft) else np.inf
            rights.setdefault(cell.column, []).append(right)
    return {
        column: max(own)
        for column, own in sorted(rights.items())
        if len(own) >= _MIN_ROWS and max(own) < np.inf and max(own) - min(own) <= _SAME_END
    }
