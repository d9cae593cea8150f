"""Part tables below each other that the layout model took for one: heads come anew below white space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    cells_by_row,
    frame_around,
    words_of_rows,
)
from indexer.layout.tables.amounts import has_figure, is_figure

_MIN_ROWS = 2  # with a name and figures, above heads and below them
_MIN_HEADS = 2
_WHITE = 0.9  # heights of a word between two tables
_Row = list[CellDraft]


def tables_below(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[list[CellDraft]]:
    """Return the cells of a table, parted where white space stands above heads and figures below them."""
    if any(d.cell.n_rows > 1 for d in cells):
        return [list(cells)]
    rows = [row for _, row in sorted(cells_by_row(cells).items()) if any(d.rows for d in row)]
    are_entries = [_is_entry(words, row) for row in rows]
    starts = [0]
    for number in range(_MIN_ROWS, len(rows)):
        last = number
        while last < len(rows) and _are_heads(words, rows[last]):
            last += 1
        if (
            last > number
            and not _are_heads(words, rows[number - 1])
            and sum(bool(d.rows) for d in rows[last - 1]) >= _MIN_HEADS
            and sum(are_entries[starts[-1] : number]) >= _MIN_ROWS
            and all(are_entries[last : last + _MIN_ROWS])
            and len(rows) >= last + _MIN_ROWS
            and _is_white_between(frames, rows[number - 1], rows[number])
        ):
            starts.append(number)
    if len(starts) == 1:
        return [list(cells)]
    return [
        [
            replace(
                draft,
                cell=replace(
                    draft.cell,
                    row=number,
                    is_head=draft.cell.is_head
                    or (first > 0 and _are_heads_from(words, part, number)),
                ),
            )
            for number, row in enumerate(part)
            for draft in row
        ]
        for first, stop in pairwise([*starts, len(rows)])
        for part in [rows[first:stop]]
    ]


def _is_entry(words: Sequence[DraftWord], row: _Row) -> bool:
    """Say whether a row has a name and figures."""
    return bool(row[0].rows) and any(_is_amount(words, d) for d in row[1:])


def _are_heads(words: Sequence[DraftWord], row: _Row) -> bool:
    """Say whether a row has names or years behind its first cell, and no name."""
    return (
        not row[0].cell.column
        and not row[0].rows
        and any(d.rows for d in row)
        and not any(_is_amount(words, d) for d in row)
    )


def _is_amount(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    """Say whether a cell is a figure and no date."""
    return is_figure(words, draft) and has_figure(words, draft)


def _are_heads_from(words: Sequence[DraftWord], rows: Sequence[_Row], number: int) -> bool:
    return all(_are_heads(words, row) for row in rows[: number + 1])


def _is_white_between(frames: NDArray[np.float64], above: _Row, below: _Row) -> bool:
    first, second = (
        frame_around([frames[i] for d in row for i in words_of_rows(d.rows)])
        for row in (above, below)
    )
    height = min(float(frames[i][3] - frames[i][1]) for d in below for i in words_of_rows(d.rows))
    return bool(second[1] - first[3] >= _WHITE * height)
