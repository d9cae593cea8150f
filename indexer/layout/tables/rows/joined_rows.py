"""Join two rows of a table that are one, and number the rows that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.layout.drafts import CellDraft, box_around

Row = list[CellDraft]


def have_same_columns(above: Sequence[CellDraft], below: Sequence[CellDraft]) -> bool:
    """Say whether each cell of a row stands below one of the row above that is as wide."""
    return [(d.cell.column, d.cell.n_columns) for d in above] == [
        (d.cell.column, d.cell.n_columns) for d in below
    ]


def joined_row(above: Sequence[CellDraft], below: Sequence[CellDraft]) -> Row:
    """Return two rows of the same columns as one; a cell is a head where one of its halves is."""
    return [_joined_cell(upper, lower) for upper, lower in zip(above, below, strict=True)]


def numbered_cells(rows: Sequence[Row]) -> list[CellDraft]:
    """Return the cells of all rows, numbered from 0."""
    return [
        replace(draft, cell=replace(draft.cell, row=number))
        for number, row in enumerate(rows)
        for draft in row
    ]


def _joined_cell(upper: CellDraft, lower: CellDraft) -> CellDraft:
    cell = replace(
        upper.cell,
        box=box_around([upper.cell.box, lower.cell.box]),
        is_head=upper.cell.is_head or lower.cell.is_head,
    )
    return CellDraft(cell, [*upper.rows, *lower.rows])
