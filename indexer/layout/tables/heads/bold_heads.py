"""Tell heads from rows by their type: where heads of a page are bold, a plain row with a name is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.base.layout import BlockKind
from indexer.base.word_marks import BOLD
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, cells_by_row, words_of_rows
from indexer.layout.tables.heads.row_heads import mark_row_heads

_MIN_PLAIN = 0.8  # of the cells below bold heads


def unmark_plain_heads(words: Sequence[DraftWord], blocks: Sequence[BlockDraft]) -> None:
    """Let plain rows that were taken for heads be rows, in the tables of a page whose heads are bold.

    Such a row stands below bold heads, or is the first of a table without any: `Name`, `Ann Lee`.
    """
    tables = [block for block in blocks if block.kind is BlockKind.TABLE and block.cells]
    if not any(_has_bold_heads(words, table.cells) for table in tables):
        return
    for table in tables:
        rows = cells_by_row(table.cells)
        heads = [rows[n] for n in sorted(rows) if any(d.cell.is_head for d in rows[n])]
        first = next((n for n, row in enumerate(heads) if _is_bold(words, row)), 0)
        plain = [row for row in heads[first:] if _is_plain_row(words, row)]
        for draft in (draft for row in plain for draft in row):
            draft.cell = replace(draft.cell, is_head=False)
        if plain:
            table.cells = mark_row_heads(words, table.cells)


def _has_bold_heads(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> bool:
    """Say whether the first row of a table is bold and what stands behind the names of the others is not."""
    rows = cells_by_row(cells)
    first, *rows_below = (rows[n] for n in sorted(rows))
    body = [d for row in rows_below for d in row if d.cell.column and d.rows]
    n_plain = sum(not _is_bold(words, [d]) for d in body)
    return _is_bold(words, first) and len(body) > 1 and n_plain >= _MIN_PLAIN * len(body)


def _is_bold(words: Sequence[DraftWord], row: Sequence[CellDraft]) -> bool:
    own = [words[i] for draft in row for i in words_of_rows(draft.rows)]
    return bool(own) and all(word.marks & BOLD for word in own)


def _is_plain_row(words: Sequence[DraftWord], row: Sequence[CellDraft]) -> bool:
    """Say whether a row has a name and something behind it, no cell that spans others, and nothing bold."""
    own = [words[i] for draft in row for i in words_of_rows(draft.rows)]
    filled_columns = {d.cell.column for d in row if d.rows}
    return (
        0 in filled_columns
        and len(filled_columns) > 1
        and all(d.cell.n_columns == d.cell.n_rows == 1 for d in row)
        and not any(word.marks & BOLD for word in own)
    )
