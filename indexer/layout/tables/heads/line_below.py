"""Tell a line in the middle below all heads of figures: `(in thousands)`, `Increase/(Decrease)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.regions import RegionCell
from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    cells_by_row,
    frame_around,
    n_head_rows,
    words_of_rows,
)
from indexer.layout.tables.amounts import has_figure
from indexer.layout.tables.table_rules import TableRules

_CENTRED = 0.02  # of the width of the columns of figures
_MAX_WORDS = 8
_RULED = 0.6  # of each column: a rule between its head and the line


class TableWithLine(NamedTuple):
    """The cells of a table without the line below its heads, and the words of the line; [] for none."""

    cells: list[CellDraft]
    line: list[int]


def without_line_below_heads(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> TableWithLine:
    """Return a table without the line in the middle of its columns of figures, right below their heads.

    frames  (W, 4) of all words, in points of the upright page
    """
    by_row = cells_by_row(cells)
    n_heads = n_head_rows(cells)
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    if n_columns < 3 or any(d.cell.n_rows > 1 for d in cells):
        return TableWithLine(list(cells), [])
    for number in (n_heads - 1, n_heads):
        line = _line_of(words, by_row.get(number, []), is_body=number == n_heads)
        if not line or not 0 < number < max(by_row):
            continue
        heads = [d for d in cells if d.cell.row < number]
        body = _columns(frames, [d for d in cells if d.cell.row > number], n_columns)
        ways = (body, _columns(frames, [d for d in cells if d.cell.row != number], n_columns))
        top = max((float(frames[i][1]) for d in heads for i in words_of_rows(d.rows)), default=0.0)
        if body and any(_is_in_the_middle(frames, line, way, top, rules) for way in ways):
            return TableWithLine(_without_words(cells, number, line), line)
    return TableWithLine(list(cells), [])


def with_line_below_heads(
    words: Sequence[DraftWord], cells: Sequence[CellDraft], line: Sequence[int]
) -> list[CellDraft]:
    """Return the cells of a table with a line of words as the last head of all columns but the first."""
    if not line:
        return list(cells)
    n_heads = n_head_rows(cells)
    n_columns = max(d.cell.column + d.cell.n_columns for d in cells)
    box = box_around(words[i].box for i in line)
    left = min((d.cell.box[0] for d in cells if d.cell.column == 0), default=box[0])
    corner = RegionCell(n_heads, 0, (left, box[1], box[0], box[3]), is_head=True)
    head = RegionCell(n_heads, 1, box, n_columns=n_columns - 1, is_head=True)
    return [
        *(d for d in cells if d.cell.row < n_heads),
        CellDraft(corner),
        CellDraft(head, [list(line)]),
        *(
            replace(d, cell=replace(d.cell, row=d.cell.row + 1))
            for d in cells
            if d.cell.row >= n_heads
        ),
    ]


def _line_of(words: Sequence[DraftWord], row: Sequence[CellDraft], *, is_body: bool) -> list[int]:
    """Return the only words of a row behind its first column: one line of a few, without figures."""
    behind = [d for d in row if d.cell.column and d.rows]
    is_named = any(d.rows for d in row if not d.cell.column)
    if len(behind) != 1 or (is_named and not is_body):
        return []
    line = list(words_of_rows(behind[0].rows))
    has_letters = any(character.isalpha() for i in line for character in words[i].text)
    is_line = len(behind[0].rows) == 1 and len(line) <= _MAX_WORDS
    return line if is_line and has_letters and not has_figure(words, behind[0]) else []


def _columns(
    frames: NDArray[np.float64], body: Sequence[CellDraft], n_columns: int
) -> list[tuple[float, float]]:
    """Return from where to where the words of each column behind the first go; [] if one has none."""
    columns: list[tuple[float, float]] = []
    for column in range(1, n_columns):
        own = [d for d in body if d.cell.column == column and d.cell.n_columns == 1]
        members = [frames[i] for d in own for i in words_of_rows(d.rows)]
        if not members:
            return []
        extent = frame_around(members)
        columns.append((float(extent[0]), float(extent[2])))
    return columns


def _is_in_the_middle(
    frames: NDArray[np.float64],
    line: Sequence[int],
    columns: Sequence[tuple[float, float]],
    top: float,
    rules: TableRules,
) -> bool:
    """Say whether a line is in the middle of all columns, and belongs to no single one.

    It goes over several or stands between two, or rules below all heads part it from them.
    """
    extent = frame_around([frames[i] for i in line])
    left, right = columns[0][0], columns[-1][1]
    middle = (extent[0] + extent[2]) / 2
    if abs(middle - (left + right) / 2) > _CENTRED * (right - left):
        return False
    if sum(a < extent[2] and extent[0] < b for a, b in columns) != 1:
        return True
    heights = rules.heights_below_all(columns, _RULED)
    return any(top < y < (extent[1] + extent[3]) / 2 for y in heights)


def _without_words(cells: Sequence[CellDraft], number: int, line: Sequence[int]) -> list[CellDraft]:
    """Return the cells without the words of a line; a row of nothing else goes."""
    in_line = set(line)
    is_named = any(d.rows for d in cells if d.cell.row == number and not d.cell.column)
    return [
        replace(
            d,
            cell=replace(d.cell, row=d.cell.row - (d.cell.row > number and not is_named)),
            rows=[] if in_line.intersection(words_of_rows(d.rows)) else d.rows,
        )
        for d in cells
        if d.cell.row != number or is_named
    ]
