"""Tell which cells of a table name their row."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.layout.drafts import CellDraft, DraftWord, flat

_MIN_NAMES = 0.6  # of the cells of a column that names rows are no figures


def mark_row_heads(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> None:
    """Mark the cells that name their row, and those that name a group of rows below or beside them."""
    n_columns = max((draft.cell.column + draft.cell.n_columns for draft in cells), default=0)
    if n_columns < 2:
        return
    column = 0
    while column < n_columns - 1:
        body = [d for d in cells if d.cell.column == column and not d.cell.is_head and d.rows]
        is_named = bool(body) and sum(_is_name(words, d) for d in body) >= _MIN_NAMES * len(body)
        if not is_named:
            break
        for draft in body:
            draft.is_row_head = True
        if not any(draft.cell.n_rows > 1 for draft in body):
            break
        column += 1  # the column names groups: the next one names the rows in them


def _is_name(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    return any(character.isalpha() for i in flat(draft.rows) for character in words[i].text)
