"""Leave out the rows and columns of a table that are none: white space, or a head apart from its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from indexer.base.regions import RegionCell
from indexer.layout.drafts import CellDraft, DraftWord, box_around, cells_by_row
from indexer.layout.tables.amounts import has_figure

_MIN_CELLS = 2

_Span = tuple[int, int]  # first row or column, and number


def without_empty_lines(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; those that span an empty row or column are smaller by it.

    A table without words stays as it is: its cells may be boxes to fill in. Where the heads are
    empty, the next row is the head if it has a name in each column.
    """
    if not any(d.rows for d in cells):
        return list(cells)
    heads_had_words = any(d.rows for d in cells if d.cell.is_head)
    has_heads = any(d.cell.is_head for d in cells)
    cells = _without_empty(cells, lambda c: (c.column, c.n_columns), _at_columns)
    cells = _without_empty(cells, lambda c: (c.row, c.n_rows), _at_rows)
    first = cells_by_row(cells).get(0, [])
    are_names = len(first) > 1 and all(d.rows and not has_figure(words, d) for d in first)
    if has_heads and not heads_had_words and are_names:
        return [replace(d, cell=replace(d.cell, is_head=d.cell.row == 0)) for d in cells]
    return list(cells)


def with_heads_apart(cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; a column that is only a head, and one beside it without, are one.

    A head stands flush left and its figures flush right, so that there may be white space between them.
    """
    cells_left = list(cells)
    column = 1
    while column + 1 < max((d.cell.column + d.cell.n_columns for d in cells_left), default=0):
        if _is_head_apart(cells_left, column):
            cells_left = _joined_columns(cells_left, column)
        column += 1
    return cells_left


def _is_head_apart(cells: Sequence[CellDraft], column: int) -> bool:
    """Say whether a column or the next one is nothing but a head, and the other one has none.

    What stands over both says nothing.
    """
    first, second = (
        [
            d
            for d in cells
            if d.cell.column <= at < d.cell.column + d.cell.n_columns
            and d.rows
            and not d.cell.column <= column < d.cell.column + d.cell.n_columns - 1
        ]
        for at in (column, column + 1)
    )
    if any(d.cell.n_columns > 1 for d in (*first, *second)):
        return False
    heads, body = (first, second) if len(first) == 1 else (second, first)
    return (
        len(heads) == 1
        and heads[0].cell.is_head
        and len(body) >= _MIN_CELLS
        and not any(d.cell.is_head for d in body)
    )


def _joined_columns(cells: Sequence[CellDraft], column: int) -> list[CellDraft]:
    """Return the cells; those of a column and of the next one are one, with the words of both."""
    cells_left: list[CellDraft] = []
    for draft in cells:
        cell = draft.cell
        if cell.column == column + 1:
            left = cells_left[-1]
            box = box_around([left.cell.box, cell.box])
            cells_left[-1] = CellDraft(replace(left.cell, box=box), [*left.rows, *draft.rows])
        elif cell.column > column + 1:
            cells_left.append(replace(draft, cell=replace(cell, column=cell.column - 1)))
        elif cell.column + cell.n_columns > column + 1:
            cells_left.append(replace(draft, cell=replace(cell, n_columns=cell.n_columns - 1)))
        else:
            cells_left.append(draft)
    return cells_left


def _at_columns(cell: RegionCell, first: int, number: int) -> RegionCell:
    return replace(cell, column=first, n_columns=number)


def _at_rows(cell: RegionCell, first: int, number: int) -> RegionCell:
    return replace(cell, row=first, n_rows=number)


def _without_empty(
    cells: Sequence[CellDraft],
    span_of: Callable[[RegionCell], _Span],
    at: Callable[[RegionCell, int, int], RegionCell],
) -> list[CellDraft]:
    spans = [span_of(d.cell) for d in cells]
    n_lines = max(first + number for first, number in spans)
    filled_lines = {
        first for d, (first, number) in zip(cells, spans, strict=True) if d.rows and number == 1
    }
    for draft, (first, number) in zip(cells, spans, strict=True):
        if draft.rows and not filled_lines.intersection(range(first, first + number)):
            filled_lines.add(first)
    new_place = [sum(line in filled_lines for line in range(n)) for n in range(n_lines + 1)]
    cells_left: list[CellDraft] = []
    for draft, (first, number) in zip(cells, spans, strict=True):
        n_left = new_place[first + number] - new_place[first]
        if n_left:
            cell = at(draft.cell, new_place[first], n_left)
            cells_left.append(replace(draft, cell=cell))
    return cells_left
