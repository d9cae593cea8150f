"""Join cells beside each other that no rule parts where rules part the columns: one cell over several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, box_around, cells_by_row, frame_around, words_of_rows
from indexer.layout.tables.table_rules import TableRules

_MIN_PARTED = 0.6  # of the rows have a rule between two columns
_BESIDE = 2.0  # points: a rule may touch the words
_HALF = 0.5  # of the height of a line: what a rule covers of it


def join_column_spans(
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> list[CellDraft]:
    """Return the cells of a table; those in one box of a row are one, if only one has words.

    frames  (W, 4) of all words, in points of the upright page
    """
    gaps = _ruled_gaps(frames, cells, rules)
    if not gaps:
        return list(cells)
    heights = _heights(frames, cells)
    cells_left: list[CellDraft] = []
    for draft in cells:
        before = cells_left[-1] if cells_left else None
        if before is not None and _are_in_one_box(before, draft, gaps, heights, rules):
            cell = replace(
                before.cell,
                n_columns=before.cell.n_columns + draft.cell.n_columns,
                box=box_around([before.cell.box, draft.cell.box]),
            )
            cells_left[-1] = CellDraft(cell, [*before.rows, *draft.rows])
        else:
            cells_left.append(draft)
    return cells_left


def _are_in_one_box(
    before: CellDraft,
    draft: CellDraft,
    gaps: dict[int, tuple[float, float]],
    heights: dict[int, tuple[float, float]],
    rules: TableRules,
) -> bool:
    a, b = before.cell, draft.cell
    gap = gaps.get(a.column + a.n_columns - 1)
    if (
        gap is None
        or a.row != b.row
        or a.n_rows != 1
        or b.n_rows != 1
        or a.column + a.n_columns != b.column
        or bool(before.rows) == bool(draft.rows)
        or a.row not in heights
    ):
        return False
    return not rules.parts(*gap, *heights[a.row], _HALF)


def _ruled_gaps(
    frames: NDArray[np.float64], cells: Sequence[CellDraft], rules: TableRules
) -> dict[int, tuple[float, float]]:
    """Return where a column ends and the next one begins, for those that rules part in most rows."""
    extents: dict[int, list[tuple[float, float]]] = {}
    for row in cells_by_row(cells).values():
        for a, b in pairwise(draft for draft in row if draft.rows and draft.cell.n_columns == 1):
            if b.cell.column == a.cell.column + 1:
                ends = [frame_around([frames[i] for i in words_of_rows(d.rows)]) for d in (a, b)]
                extents.setdefault(a.cell.column, []).append((float(ends[0][2]), float(ends[1][0])))
    heights = list(_heights(frames, cells).values())
    gaps: dict[int, tuple[float, float]] = {}
    for column, pairs in extents.items():
        left, right = max(end for end, _ in pairs), min(start for _, start in pairs)
        if left > right + _BESIDE:
            continue
        gap = (left - _BESIDE, right + _BESIDE)
        n_parted = sum(rules.parts(*gap, top, bottom, _HALF) for top, bottom in heights)
        if _MIN_PARTED * len(heights) <= n_parted < len(heights):
            gaps[column] = gap
    return gaps


def _heights(
    frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> dict[int, tuple[float, float]]:
    """Return from where to where the first line of each row goes."""
    tops: dict[int, tuple[float, float]] = {}
    for draft in cells:
        if draft.rows:
            frame = frame_around([frames[i] for i in draft.rows[0]])
            top, bottom = tops.get(draft.cell.row, (np.inf, np.inf))
            tops[draft.cell.row] = min((top, bottom), (float(frame[1]), float(frame[3])))
    return tops
