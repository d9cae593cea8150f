"""Tell cells that span columns by where their words stand.

A cell that spans columns and has a name in one and a figure in the next is two cells. A figure in the middle
below two columns that have a name together, as their sum, spans them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    cells_by_row,
    frame_around,
    words_of_rows,
)
from indexer.layout.tables.amounts import is_figure
from indexer.layout.tables.glued_columns import LEADER

_MIN_CELLS = 2  # of each column say where it stands
_GAP = 0.9  # in heights: between the words of two columns
_CENTRED = 0.15  # of the width of two columns


class _Extent(NamedTuple):
    """From where to where the words of a column go: at most, and usually."""

    left: float
    right: float
    usual_left: float
    usual_right: float


_Extents = dict[int, _Extent]  # of each column


def with_spans_of_words(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table, those below its heads as wide as their words say.

    frames  (W, 4) of all words, in points of the upright page
    """
    extents = _extents(frames, cells)
    parted_cells = [part for draft in cells for part in _parts(words, frames, draft, extents)]
    extents = _extents(frames, [d for d in parted_cells if is_figure(words, d)])
    pairs = {d.cell.column for d in cells if d.cell.is_head and d.cell.n_columns == 2 and d.rows}
    cells_left: list[CellDraft] = []
    for row in cells_by_row(parted_cells).values():
        cells_left += _with_sums(words, frames, row, extents, pairs)
    return cells_left


def _extents(frames: NDArray[np.float64], cells: Sequence[CellDraft]) -> _Extents:
    members: dict[int, list[NDArray[np.float64]]] = {}
    for draft in cells:
        if draft.rows and draft.cell.n_columns == 1 and not draft.cell.is_head:
            extent = frame_around([frames[i] for i in words_of_rows(draft.rows)])
            members.setdefault(draft.cell.column, []).append(extent)
    return {
        column: _Extent(
            min(float(e[0]) for e in own),
            max(float(e[2]) for e in own),
            float(np.median([e[0] for e in own])),
            float(np.median([e[2] for e in own])),
        )
        for column, own in members.items()
        if len(own) >= _MIN_CELLS
    }


def _parts(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    draft: CellDraft,
    extents: _Extents,
) -> list[CellDraft]:
    """Return a cell over two columns as one for each, where dots or a gap part a name from a figure."""
    cell = draft.cell
    if cell.n_columns != 2 or cell.is_head or cell.n_rows > 1 or len(draft.rows) != 1:
        return [draft]
    row = draft.rows[0]
    column = extents.get(cell.column + 1)
    gaps = [
        at
        for at, (a, b) in enumerate(pairwise(row), 1)
        if frames[b][0] - frames[a][2] > _GAP * (frames[b][3] - frames[b][1])
        or (LEADER.fullmatch(words[a].text) and not LEADER.fullmatch(words[b].text))
    ]
    if not gaps or column is None:
        return [draft]
    sides = row[: gaps[-1]], row[gaps[-1] :]
    behind = frame_around([frames[i] for i in sides[1]])
    is_name = any(character.isalpha() for i in sides[0] for character in words[i].text)
    if not is_name or not (behind[0] <= column.right and column.left <= behind[2]):
        return [draft]
    return [
        CellDraft(
            replace(
                cell,
                column=cell.column + at,
                n_columns=1,
                box=box_around(words[i].box for i in side),
            ),
            [side],
        )
        for at, side in enumerate(sides)
    ]


def _with_sums(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    row: Sequence[CellDraft],
    extents: _Extents,
    pairs: set[int],
) -> list[CellDraft]:
    """Return a row; a figure in the middle of its column and the empty one beside it spans both.

    pairs  the first columns of those that a head names two by two
    """
    cells_left = list(row)
    for draft in row:
        if draft.cell.is_head or not is_figure(words, draft):
            continue
        beside = next(
            (
                empty
                for empty in cells_left
                if not empty.rows
                and min(draft.cell.column, empty.cell.column) in pairs
                and _is_below_both(frames, draft, empty, extents)
            ),
            None,
        )
        if beside is None:
            continue
        cell = replace(
            draft.cell,
            column=min(draft.cell.column, beside.cell.column),
            n_columns=2,
            box=box_around([draft.cell.box, beside.cell.box]),
        )
        cells_left = [
            CellDraft(cell, draft.rows) if d is draft else d for d in cells_left if d is not beside
        ]
    return cells_left


def _is_below_both(
    frames: NDArray[np.float64], draft: CellDraft, beside: CellDraft, extents: _Extents
) -> bool:
    """Say whether the words of a cell stand in the middle of two columns, and in neither of them."""
    columns = sorted((draft.cell.column, beside.cell.column))
    is_next = columns[1] - columns[0] == 1 and columns[0] > 0
    is_single = all(d.cell.n_columns == d.cell.n_rows == 1 for d in (draft, beside))
    if not is_next or not is_single or not all(column in extents for column in columns):
        return False
    first, second = (extents[column] for column in columns)
    extent = frame_around([frames[i] for i in words_of_rows(draft.rows)])
    distance = abs((extent[0] + extent[2]) - (first.left + second.right)) / 2
    is_centred = distance <= _CENTRED * (second.right - first.left)
    return bool(extent[0] < second.usual_left and first.usual_right < extent[2] and is_centred)
