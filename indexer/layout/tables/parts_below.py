"""Part a table whose heads come again further down: each part is a table with heads of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    cells_by_row,
    n_head_rows,
    text_of,
)

_MIN_SAME = 0.6  # of the heads say the same again,
_MIN_HEADS = 2  # and so many


def parts_below(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> list[list[CellDraft]]:
    """Return the cells of a table, parted above each row that repeats its heads."""
    by_row = cells_by_row(cells)
    n_heads = n_head_rows(cells)
    heads = {
        d.cell.column: text_of(words, d)
        for d in cells
        if d.cell.row + d.cell.n_rows == n_heads and d.rows
    }
    spans = [(d.cell.row, d.cell.row + d.cell.n_rows) for d in cells if d.cell.n_rows > 1]
    starts = [
        row
        for row, members in sorted(by_row.items())
        if row > n_heads
        and _repeats(heads, {d.cell.column: text_of(words, d) for d in members if d.rows})
        and not any(first < row < stop for first, stop in spans)
    ]
    heads_at = {_first_head(by_row, row): row for row in starts if row < max(by_row)}
    if not heads_at:
        return [list(cells)]
    edges = [0, *heads_at, max(by_row) + 1]
    return [
        [
            replace(
                d,
                cell=replace(
                    d.cell,
                    row=d.cell.row - first,
                    is_head=d.cell.is_head
                    or (first > 0 and d.cell.row in (first, heads_at[first])),
                ),
            )
            for d in cells
            if first <= d.cell.row < stop
        ]
        for first, stop in pairwise(edges)
    ]


def _first_head(by_row: dict[int, list[CellDraft]], row: int) -> int:
    """Return the row itself, or the one above it where that is the name of a group of columns."""
    above = [d for d in by_row.get(row - 1, ()) if d.rows]
    return row - 1 if len(above) == 1 and above[0].cell.column else row


def _repeats(heads: dict[int, str], row: dict[int, str]) -> bool:
    same_columns = [column for column, text in row.items() if heads.get(column) == text]
    names = [column for column in same_columns if any(map(str.isalpha, row[column]))]
    return (
        len(names) >= _MIN_HEADS
        and len(same_columns) >= _MIN_SAME * len(heads)
        and len(row) <= len(heads)
    )
