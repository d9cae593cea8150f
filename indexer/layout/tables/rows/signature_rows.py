"""Join the two lines of a signature: `/s/ ADA BYRON` with a date, and below it her name and title."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.layout.drafts import CellDraft, DraftWord, cells_by_row
from indexer.layout.tables.rows.joined_rows import (
    Row,
    have_same_columns,
    joined_row,
    numbered_cells,
)

_SIGNED = "/s/"  # begins a signature that was typed


def join_signatures(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; a row that begins with a signature and the next one are one row."""
    rows = [row for _, row in sorted(cells_by_row(cells).items())]
    if any(d.cell.n_rows > 1 for d in cells) or not any(_is_signed(words, row) for row in rows):
        return list(cells)
    rows_left: list[Row] = []
    for row in rows:
        above = rows_left[-1] if rows_left else []
        if (
            above
            and _is_signed(words, above)
            and len(above[0].rows) == 1
            and not _is_signed(words, row)
            and row[0].rows
            and have_same_columns(above, row)
        ):
            rows_left[-1] = joined_row(above, row)
        else:
            rows_left.append(row)
    return numbered_cells(rows_left)


def _is_signed(words: Sequence[DraftWord], row: Row) -> bool:
    return bool(row[0].rows) and words[row[0].rows[0][0]].text == _SIGNED
