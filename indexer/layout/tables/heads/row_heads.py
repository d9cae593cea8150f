"""Tell which cells of a table name their row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.layout.drafts import CellDraft, DraftWord, box_around, cells_by_row, words_of_rows
from indexer.layout.tables.glued_columns import LEADER
from indexer.layout.tables.heads.group_heads import with_heads_below_title
from indexer.layout.tables.heads.names_beside import columns_of_names_beside

_MIN_NAMES = 0.6  # of the cells of a column that names rows are no figures,
_CENTRED = 0.04  # twice the distance of two middles, of the table's width
_YEAR = re.compile(r"(19|20)\d\d")
_MIN_DISTINCT = 0.8  # or this many differ


def mark_row_heads(words: Sequence[DraftWord], cells: list[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; those are marked that name their row, or a group of rows.

    A row that has nothing but a name in its first cell names the rows below it: that cell spans the table.
    Where pairs stand beside each other, the name of the second one names what is right of it.
    """
    n_columns = max((draft.cell.column + draft.cell.n_columns for draft in cells), default=0)
    if n_columns < 2:
        return cells
    cells = with_heads_below_title(words, _with_group_rows(words, cells, n_columns))
    column = 0
    are_groups = False
    while column < n_columns - 1:
        body = [d for d in cells if d.cell.column == column and not d.cell.is_head and d.rows]
        single = [d for d in body if d.cell.n_columns == 1]
        if not body or not _are_names(words, body):
            break
        for draft in body:
            draft.is_row_head = True
        have_marks = (
            _are_marks(words, single) and not are_groups
        )  # marks tell the rows of a group apart
        are_groups = any(draft.cell.n_rows > 1 for draft in body)
        if not are_groups and not have_marks:
            break
        column += 1  # the column names groups, or has marks: the next one names the rows
    columns = columns_of_names_beside(words, cells, n_columns)
    for draft in cells:
        if draft.cell.column in columns and draft.rows and not draft.cell.is_head:
            draft.is_row_head = True
    return cells


def _with_group_rows(
    words: Sequence[DraftWord], cells: list[CellDraft], n_columns: int
) -> list[CellDraft]:
    """Return the cells, those of a row with words in its first cell only as one; marks do not count."""
    by_row = cells_by_row(cells)
    first_column = [d for d in cells if d.cell.column == 0 and not d.cell.is_head and d.rows]
    has_marks = n_columns > 2 and bool(first_column) and _are_marks(words, first_column)
    last = max(by_row)
    cells_left: list[CellDraft] = []
    for number, row in by_row.items():
        name = row[1] if has_marks and len(row) > 1 and not row[0].rows else row[0]
        if number < last and _is_centred_name(words, row, by_row.get(number + 1, ())):
            name = next(draft for draft in row if draft.rows)
            box = box_around(draft.cell.box for draft in row)
            cell = replace(name.cell, column=0, n_columns=n_columns, box=box)
            cells_left.append(CellDraft(cell, name.rows, is_row_head=not cell.is_head))
            continue
        below = number + 1
        while below < last and _is_name_alone(by_row.get(below, ()), n_columns):
            below += 1  # the name of a group within this one
        is_name = (
            not name.cell.is_head
            and name.cell.n_rows == 1
            and bool(name.rows)
            and not any(draft.rows for draft in row if draft is not name)
            and len(row) == n_columns
            and sum(bool(draft.rows) for draft in by_row.get(below, ())) > 1
        )
        if is_name and number < last:
            box = box_around(draft.cell.box for draft in row)
            cell = replace(row[0].cell, n_columns=n_columns, box=box)
            cells_left.append(CellDraft(cell, name.rows, is_row_head=True))
        else:
            cells_left += row
    return cells_left


def _is_name_alone(row: Sequence[CellDraft], n_columns: int) -> bool:
    """Say whether a row has words in its first cell only."""
    return len(row) == n_columns and [i for i, d in enumerate(row) if d.rows] == [0]


def _is_centred_name(
    words: Sequence[DraftWord], row: Sequence[CellDraft], below: Sequence[CellDraft]
) -> bool:
    """Say whether the only words of a row stand in the middle of the table, above a row of several cells."""
    filled_cells = [draft for draft in row if draft.rows]
    if len(filled_cells) != 1 or len(row) < 2 or any(d.cell.n_rows > 1 for d in row):
        return False
    name = filled_cells[0]
    is_title = name.cell.is_head and name.cell.row == 0 and not any(d.cell.is_head for d in below)
    if name.cell.is_head and not is_title:
        return False
    if not name.cell.column or sum(bool(d.rows) for d in below) < 2:
        return False
    left, _, right, _ = box_around(draft.cell.box for draft in row)
    x0, _, x1, _ = box_around(words[i].box for i in words_of_rows(name.rows))
    has_letters = any(map(str.isalpha, words[name.rows[0][0]].text))
    return has_letters and abs((x0 + x1) - (left + right)) <= _CENTRED * (right - left)


def _are_marks(words: Sequence[DraftWord], body: Sequence[CellDraft]) -> bool:
    """Say whether the cells of a column are single letters or signs: what notes refer to."""
    texts = ["".join(words[i].text for i in words_of_rows(d.rows)) for d in body]
    return bool(texts) and all(len(text) == 1 and not text.isdigit() for text in texts)


def _are_names(words: Sequence[DraftWord], body: Sequence[CellDraft]) -> bool:
    """Say whether the cells of a column have letters, are years, or tell the rows apart as times do."""
    texts = [
        " ".join(
            words[i].text for i in words_of_rows(draft.rows) if not LEADER.fullmatch(words[i].text)
        )
        for draft in body
    ]
    n_names = sum(any(map(str.isalpha, t)) or not any(map(str.isdigit, t)) for t in texts)
    n_years = sum(bool(_YEAR.fullmatch(text)) for text in texts)
    are_distinct = len(set(texts)) >= _MIN_DISTINCT * len(body)
    return n_names + n_years >= _MIN_NAMES * len(body) or are_distinct
