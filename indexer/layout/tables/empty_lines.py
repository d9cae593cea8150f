"""Leave out the rows and columns of a table that no word stands in: white space that was taken for some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from indexer.base.regions import RegionCell
from indexer.layout.drafts import CellDraft, DraftWord, cells_by_row
from indexer.layout.tables.amounts import has_figure

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
