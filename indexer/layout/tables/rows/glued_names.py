"""Part the name of a group of rows from the row that the layout model took it for a line of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    Rows,
    box_around,
    cells_by_row,
    frame_around,
)
from indexer.layout.tables.glued_columns import LEADER
from indexer.layout.tables.rows.joined_rows import Row, numbered_cells

_MIN_CAPITALS = 2  # words of a name in capitals


def with_group_names(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table; the name of a group above or below the figures of a row is one of its own.

    It ends with a colon, is in capitals above another name, or stands above names that have a figure each.
    """
    rows = [row for _, row in sorted(cells_by_row(cells).items())]
    rows_left = [part for row in rows for part in _parts(words, frames, row)]
    return numbered_cells(rows_left) if len(rows_left) > len(rows) else list(cells)


def _parts(words: Sequence[DraftWord], frames: NDArray[np.float64], row: Row) -> list[Row]:
    name, behind = row[0], [d for d in row[1:] if d.rows]
    if len(name.rows) < 2 or name.cell.column or not behind or any(d.cell.is_head for d in row):
        return [row]
    top = min(_frame(frames, d.rows[0])[1] for d in behind)
    bottom = max(_frame(frames, d.rows[-1])[3] for d in behind)
    first, last = name.rows[0], name.rows[-1]
    if _middle(frames, first) < top and _names_group(words, name, behind):
        return [_alone(words, row, first), *_parts(words, frames, _without(row, first))]
    if _middle(frames, last) > bottom and words[last[-1]].text.endswith(":"):
        return [_without(row, last), _alone(words, row, last)]
    return [row]


def _names_group(words: Sequence[DraftWord], name: CellDraft, behind: Sequence[CellDraft]) -> bool:
    """Say whether the first line of a name names a group; it stands above all figures of the row."""
    first, second = (" ".join(words[i].text for i in line) for line in name.rows[:2])
    are_capitals = first.isupper() and not second.isupper() and len(first.split()) >= _MIN_CAPITALS
    n_figures = max(len(d.rows) for d in behind)
    goes_on = second[0].islower() or any(LEADER.fullmatch(words[i].text) for i in name.rows[1])
    have_figures = n_figures > 1 and len(name.rows) == n_figures + 1 and not goes_on
    return first.endswith(":") or are_capitals or have_figures


def _alone(words: Sequence[DraftWord], row: Row, line: list[int]) -> Row:
    cell = replace(row[0].cell, box=box_around(words[i].box for i in line))
    return [CellDraft(cell, [line]), *(replace(d, rows=[]) for d in row[1:])]


def _without(row: Row, line: list[int]) -> Row:
    rows: Rows = [own for own in row[0].rows if own is not line]
    return [replace(row[0], rows=rows), *row[1:]]


def _frame(frames: NDArray[np.float64], line: Sequence[int]) -> NDArray[np.float64]:
    return frame_around([frames[i] for i in line])


def _middle(frames: NDArray[np.float64], line: Sequence[int]) -> float:
    frame = _frame(frames, line)
    return float(frame[1] + frame[3]) / 2
