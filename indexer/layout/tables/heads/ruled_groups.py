"""Tell heads of groups from heads of columns by the rules between them.

A rule that spans some columns, with words above and below it, stands under the name of a group. The layout
model often cuts such heads into lines instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import PageBox
from indexer.base.regions import RegionCell
from indexer.layout.cut import rows_of
from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    frame_around,
    n_head_rows,
    words_of_rows,
)
from indexer.layout.tables.heads.group_rules import (
    GroupOfColumns,
    are_nested,
    groups_over_rules,
    middle_of,
    wide_heads,
    word_height,
)

_MAX_HEAD_ROWS = 6
_NAME_GAP = 0.5  # a space
_NO_PLACE: PageBox = (0, 0, 0, 0)


def with_ruled_heads(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: NDArray[np.float64],
) -> list[CellDraft]:
    """Return the cells of a table; where rules part its heads, each of their words in the head it belongs to.

    frames, rules  (W, 4) and (R, 4), in points of the upright page
    """
    n_rows = n_head_rows(cells)
    heads = [d for d in cells if d.cell.row < n_rows]
    body = [d for d in cells if d.cell.row >= n_rows]
    columns = _columns(frames, cells, n_rows)
    members = [i for d in heads for i in words_of_rows(d.rows)]
    if not 0 < n_rows <= _MAX_HEAD_ROWS or not members or not body or len(columns) < 3:
        return list(cells)
    groups = groups_over_rules(frames, members, columns, rules, _top_of(frames, body))
    if not groups:
        return list(cells)
    groups += wide_heads(frames, heads, groups, len(columns))
    if not are_nested(groups):
        return list(cells)
    band = box_around(d.cell.box for d in heads)
    rows_of_words = {frozenset(words_of_rows(d.rows)): d.rows for d in heads}
    heads = [
        replace(d, rows=rows_of_words.get(frozenset(words_of_rows(d.rows)), d.rows))
        for d in _heads(words, frames, members, groups, columns)
    ]
    n_more = max(d.cell.row + d.cell.n_rows for d in heads) - n_rows
    return [
        *(d if d.rows else _with_place(d, body, band) for d in heads),
        *(replace(d, cell=replace(d.cell, row=d.cell.row + n_more)) for d in body),
    ]


def _heads(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    groups: Sequence[GroupOfColumns],
    columns: Sequence[tuple[float, float]],
) -> list[CellDraft]:
    """Return the heads of groups and of columns, row by row."""
    levels = sorted({group.y for group in groups})
    heads = [
        _head(words, frames, g.members, (levels.index(g.y), 1), (g.first, g.stop)) for g in groups
    ]
    in_groups = {i for group in groups for i in group.members}
    free = [i for i in members if i not in in_groups]
    for column, own in enumerate(_of_columns(words, frames, free, columns)):
        above = [levels.index(g.y) + 1 for g in groups if g.first <= column < g.stop]
        row = max(above, default=0)
        rows = (row, len(levels) + 1 - row)
        heads.append(_head(words, frames, own, rows, (column, column + 1)))
    return sorted(heads, key=lambda d: (d.cell.row, d.cell.column))


def _with_place(head: CellDraft, body: Sequence[CellDraft], band: PageBox) -> CellDraft:
    """Return a head without words with the box that it has above its column."""
    below = [d.cell.box for d in body if d.cell.column == head.cell.column]
    x0, _, x1, _ = box_around(below or [band])
    return replace(head, cell=replace(head.cell, box=(x0, band[1], x1, band[3])))


def _columns(
    frames: NDArray[np.float64], cells: Sequence[CellDraft], n_head_rows: int
) -> list[tuple[float, float]]:
    """Return from where to where the words of each column's cells go; [] if one has none."""
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    columns: list[tuple[float, float]] = []
    for column in range(n_columns):
        own = [d for d in cells if d.cell.column == column and d.cell.n_columns == 1]
        body = [i for d in own if d.cell.row >= n_head_rows for i in words_of_rows(d.rows)]
        members = body or [i for d in own for i in words_of_rows(d.rows)]
        if not members:
            return []
        frame = frame_around([frames[i] for i in members])
        columns.append((float(frame[0]), float(frame[2])))
    return columns


def _top_of(frames: NDArray[np.float64], body: Sequence[CellDraft]) -> float:
    return min((float(frames[i][1]) for d in body for i in words_of_rows(d.rows)), default=0.0)


def _of_columns(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    columns: Sequence[tuple[float, float]],
) -> list[list[int]]:
    """Return the words of each column's head: names whose middle is nearest to the words below."""
    of_column: list[list[int]] = [[] for _ in columns]
    for name in _names(words, frames, members):
        middle = middle_of(frames, name)
        distances = [max(left - middle, middle - right) for left, right in columns]
        of_column[int(np.argmin(distances))] += name
    return of_column


def _names(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int]
) -> list[list[int]]:
    """Return the words of each line that stand close together."""
    names: list[list[int]] = []
    for i in sorted(members, key=lambda i: (words[i].line, float(frames[i][0]))):
        last = names[-1][-1] if names else i
        gap = float(frames[i][0] - frames[last][2])
        if (
            names
            and words[i].line == words[last].line
            and gap <= _NAME_GAP * word_height(frames, i)
        ):
            names[-1].append(i)
        else:
            names.append([i])
    return names


def _head(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> CellDraft:
    """Return a head with its words; `rows` is its first and their number, `columns` first and stop."""
    box = box_around(words[i].box for i in members) if members else _NO_PLACE
    cell = RegionCell(rows[0], columns[0], box, rows[1], columns[1] - columns[0], is_head=True)
    lines = rows_of(np.stack([frames[i] for i in members])) if members else []
    return CellDraft(cell, [[members[n] for n in line] for line in lines])
