"""Find heads of columns below heads of groups, and span those of groups over their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    cells_by_row,
    frame_around,
    n_head_rows,
    text_of,
    words_of_rows,
)
from indexer.layout.tables.amounts import has_figure
from indexer.layout.tables.heads.second_heads import has_heads_below, with_whole_names

_MAX_HEADS = 3
_MAX_HEAD_WORDS = 20
_MIN_FIGURES = 0.5  # of the cells in the rows below
_NEARER = 0.6  # a span's middle is so much nearer to the name's than its own column's


def with_group_heads(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table, heads of groups as wide as their columns.

    Rows of names below a first row that names few columns are heads, where figures follow them.
    """
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    n_heads = n_head_rows(cells)
    if not n_heads or n_columns < 3:
        return list(cells)
    cells_below_title = _below_title(words, cells, n_columns)
    if cells_below_title is not None:
        return cells_below_title
    cells = _with_stub(cells)
    n_heads = n_head_rows(cells)
    last = _last_head_row(words, cells, n_heads, n_columns)
    cells = [
        replace(d, cell=replace(d.cell, is_head=True)) if d.cell.row <= last else d for d in cells
    ]
    cells = with_whole_names(words, frames, cells, last)
    extents = _extents(frames, cells, last, n_columns)
    return _with_spans(frames, cells, last, extents) if extents else list(cells)


def with_heads_below_title(
    words: Sequence[DraftWord], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table; below a title that is its only head, the first row has the heads."""
    heads = [d.cell for d in cells if d.cell.is_head]
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    is_title = len(heads) == 1 and heads[0].n_columns == n_columns > 1
    return (_below_title(words, cells, n_columns) if is_title else None) or list(cells)


def _below_title(
    words: Sequence[DraftWord], cells: Sequence[CellDraft], n_columns: int
) -> list[CellDraft] | None:
    """Return the cells with the first full row as heads, where each row above it is one cell: a title."""
    by_row = cells_by_row(cells)
    row = 0
    while row in by_row and [d.cell.n_columns for d in by_row[row] if d.rows] == [n_columns]:
        row += 1
    members = by_row.get(row, [])
    texts = {text_of(words, d) for d in members if d.rows}
    is_head = (
        0 < row < max(by_row)
        and len(texts) == len(members) == n_columns
        and not any(d.cell.n_rows > 1 or has_figure(words, d) for d in members)
        and max(len(text.split()) for text in texts) <= _MAX_HEAD_WORDS
    )
    if not is_head:
        return None
    return [
        replace(d, cell=replace(d.cell, is_head=d.cell.row == row or d.cell.is_head)) for d in cells
    ]


def _with_stub(cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells; a first head alone above an empty one is the head of the names of rows."""
    by_row = cells_by_row(cells)
    first, second = by_row.get(0, []), by_row.get(1, [])
    stubs = [d for d in first if d.rows]
    is_alone = len(stubs) == 1 and stubs[0].cell.column == 0 and stubs[0].cell.n_rows == 1
    has_heads = bool(second) and all(
        d.cell.is_head and d.cell.n_rows == 1 and bool(d.rows) == bool(d.cell.column)
        for d in second
    )
    if not is_alone or not has_heads or second[0].cell.n_columns > 1:
        return list(cells)
    cells_left = [replace(second[0], rows=stubs[0].rows), *(d for d in cells if d.cell.row > 0)]
    cells_left = [d for d in cells_left if d is not second[0]]
    return [replace(d, cell=replace(d.cell, row=d.cell.row - 1)) for d in cells_left]


def _last_head_row(
    words: Sequence[DraftWord], cells: Sequence[CellDraft], n_heads: int, n_columns: int
) -> int:
    columns_with_names = _columns_with_words(cells, 0, n_heads)
    if len(columns_with_names - {0}) >= n_columns - 1:
        return n_heads - 1 + has_heads_below(words, cells, n_heads)
    for row in range(n_heads, min(_MAX_HEADS, n_heads + 2)):
        members = [d for d in cells if d.cell.row == row]
        if any(d.cell.n_rows > 1 or has_figure(words, d) for d in members):
            break
        if len(_columns_with_words(cells, row, row + 1) - {0}) == n_columns - 1:
            below = [d for d in cells if d.cell.row > row and d.cell.column and d.rows]
            has_figures = sum(has_figure(words, d) for d in below) > _MIN_FIGURES * len(below)
            return row if has_figures else n_heads - 1
    return n_heads - 1


def _columns_with_words(cells: Sequence[CellDraft], start: int, stop: int) -> set[int]:
    return {
        column
        for d in cells
        if start <= d.cell.row < stop and d.rows
        for column in range(d.cell.column, d.cell.column + d.cell.n_columns)
    }


def _extents(
    frames: NDArray[np.float64], cells: Sequence[CellDraft], last: int, n_columns: int
) -> list[tuple[float, float]]:
    """Return from where to where the words of each column go, below heads of groups; [] if one has none."""
    extents: list[tuple[float, float]] = []
    for column in range(n_columns):
        members = [
            i
            for d in cells
            if d.cell.column == column and d.cell.n_columns == 1 and d.cell.row >= max(last, 1)
            for i in words_of_rows(d.rows)
        ]
        if not members:
            return []
        frame = frame_around([frames[i] for i in members])
        extents.append((float(frame[0]), float(frame[2])))
    return extents


def _with_spans(
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    last: int,
    extents: Sequence[tuple[float, float]],
) -> list[CellDraft]:
    """Return the cells; a name above other heads takes the empty cells that it is in the middle of."""
    cells_left = list(cells)
    for row in range(last):
        members = [d for d in cells_left if d.cell.row == row]
        empty_columns = {
            d.cell.column for d in members if not d.rows and d.cell.n_rows == 1 == d.cell.n_columns
        }
        for draft in [d for d in members if d.rows and d.cell.n_rows == 1]:
            first, stop = _span(frames, draft, empty_columns - {0}, extents)
            beside_columns = set(range(first, stop)) & empty_columns
            if not beside_columns:
                continue
            beside = [d for d in members if d is draft or d.cell.column in beside_columns]
            cell = replace(
                draft.cell,
                column=first,
                n_columns=stop - first,
                box=box_around(d.cell.box for d in beside),
            )
            at = min(next(i for i, c in enumerate(cells_left) if c is d) for d in beside)
            cells_left[at] = CellDraft(cell, draft.rows)
            cells_left = [
                c for i, c in enumerate(cells_left) if i == at or not any(c is d for d in beside)
            ]
            empty_columns -= beside_columns
    return cells_left


def _span(
    frames: NDArray[np.float64],
    draft: CellDraft,
    empty_columns: set[int],
    extents: Sequence[tuple[float, float]],
) -> tuple[int, int]:
    """Return the first column and the one behind the last of the span that a name is in the middle of."""
    frame = frame_around([frames[i] for i in words_of_rows(draft.rows)])
    middle = float(frame[0] + frame[2]) / 2
    own = draft.cell.column, draft.cell.column + draft.cell.n_columns
    firsts, stops = [own[0]], [own[1]]
    while firsts[-1] - 1 in empty_columns:
        firsts.append(firsts[-1] - 1)
    while stops[-1] in empty_columns:
        stops.append(stops[-1] + 1)

    def distance(span: tuple[int, int]) -> float:
        return abs((extents[span[0]][0] + extents[span[1] - 1][1]) / 2 - middle)

    best = min(((a, b) for a in firsts for b in stops), key=distance)
    return best if distance(best) < _NEARER * distance(own) else own
