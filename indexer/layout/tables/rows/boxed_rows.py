"""Join lines of one box that the layout model took for rows, in a table whose cells are boxes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, cells_by_row, frame_around, words_of_rows
from indexer.layout.tables.amounts import is_figure
from indexer.layout.tables.rows.joined_rows import (
    Row,
    have_same_columns,
    joined_row,
    numbered_cells,
)
from indexer.layout.tables.table_rules import TableRules
from indexer.layout.upright import Upright

_WHOLE = 0.9  # of the table's width
_MOST = 0.6  # of its height: there may be a title above, and notes below


def join_boxed_rows(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
    upright: Upright,
) -> list[CellDraft]:
    """Return the cells of a table; where rules part all its columns, what stands between two rules is a row.

    frames  (W, 4) of all words, in points of the upright page
    """
    if any(d.cell.n_rows > 1 for d in cells) or not len(rules.upright):
        return list(cells)
    table = frame_around(list(upright.frames([d.cell.box for d in cells])))
    if not _are_columns_parted(frames, cells, rules, table):
        return list(cells)
    heights = rules.heights(float(table[0]), float(table[2]), _WHOLE)
    boxes: dict[int, list[Row]] = {}
    for _, row in sorted(cells_by_row(cells).items()):
        members = [i for d in row for i in words_of_rows(d.rows)]
        frame = frame_around([frames[i] for i in members] or list(_boxes(row, upright)))
        place = int(np.searchsorted(heights, (frame[1] + frame[3]) / 2))
        boxes.setdefault(place, []).append(row)
    rows_left: list[Row] = []
    for rows in boxes.values():
        rows_left += [_joined_rows(rows)] if _is_one_row(words, rows) else rows
    return numbered_cells(rows_left)


def _boxes(row: Row, upright: Upright) -> NDArray[np.float64]:
    return upright.frames([d.cell.box for d in row])


def _are_columns_parted(
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
    table: NDArray[np.float64],
) -> bool:
    """Say whether an upright rule stands between each two columns, over most of the table."""
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    extents: list[tuple[float, float]] = []
    for column in range(n_columns):
        own = [d for d in cells if d.cell.column == column and d.cell.n_columns == 1]
        members = [i for d in own for i in words_of_rows(d.rows)]
        if members:
            frame = frame_around([frames[i] for i in members])
            extents.append((float(frame[0]), float(frame[2])))
    return len(extents) > 1 and all(
        rules.parts(a[1] - 1.0, b[0] + 1.0, float(table[1]), float(table[3]), _MOST)
        for a, b in pairwise(extents)
    )


def _joined_rows(rows: Sequence[Row]) -> Row:
    row = rows[0]
    for below in rows[1:]:
        row = joined_row(row, below)
    return row


def _is_one_row(words: Sequence[DraftWord], rows: Sequence[Row]) -> bool:
    """Say whether rows have the same columns, no figures below each other, and are no list of names."""
    if len(rows) < 2 or not all(have_same_columns(a, b) for a, b in pairwise(rows)):
        return False
    for column in zip(*rows, strict=True):
        if sum(is_figure(words, d) for d in column) > 1:
            return False
    if all(any(d.cell.is_head for d in row) for row in rows):
        return True
    names = [row[0] for row in rows if row[0].rows]
    is_list = len(names) == len(rows) and not any(map(_begins_small, [words] * len(names), names))
    beside = zip(*(row[1:] for row in rows), strict=True)
    return not (is_list and any(all(d.rows for d in column) for column in beside))


def _begins_small(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    return words[draft.rows[0][0]].text[0].islower()
