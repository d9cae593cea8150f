"""Put the words of heads above their columns where the rule below them is drawn in parts, one for each cell.

Heads that stand close together are one line of words, which the layout model parts anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.cut import rows_of
from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    frame_around,
    n_head_rows,
    words_of_rows,
)
from indexer.layout.tables.table_rules import TableRules

_NEAR = 1.5  # heights of a word between heads and the rule below them
_MOST = 0.9  # of the table's width that the rule covers, all parts together
_TOUCHING = 2.0  # points: parts of one rule

_Edges = dict[
    int, float
]  # where a column ends and the next one begins, for those that a rule shows


def with_heads_in_segments(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> list[CellDraft]:
    """Return the cells of a table; the words of its last heads stand over their parts of the rule below.

    frames  (W, 4) of all words, in points of the upright page
    """
    last = n_head_rows(cells) - 1
    heads = [d for d in cells if d.cell.row == last]
    members = [i for d in heads for i in words_of_rows(d.rows)]
    if last < 0 or not members or any(d.cell.n_rows > 1 for d in heads):
        return list(cells)
    body = [d for d in cells if d.cell.row > last]
    edges = _edges(frames, body, _breaks(frames, cells, members, rules))
    columns = {i: _columns_of(float(frames[i][0] + frames[i][2]) / 2, edges) for i in members}
    left: list[CellDraft] = []
    words_of_column: dict[int, list[int]] = {}
    for draft in heads:
        own, column_of_word = _without_others_words(draft, columns)
        left += own
        for i, column in column_of_word.items():
            words_of_column.setdefault(column, []).append(i)
    if not words_of_column or not words_of_column.keys() <= {
        d.cell.column for d in left if d.cell.n_columns == 1
    }:
        return list(cells)
    new_heads = [
        _with_words(words, frames, d, words_of_column.get(d.cell.column, [])) for d in left
    ]
    return [
        *(d for d in cells if d.cell.row < last),
        *sorted(new_heads, key=lambda d: d.cell.column),
        *body,
    ]


def _breaks(
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    members: Sequence[int],
    rules: TableRules,
) -> NDArray[np.float64]:
    """Return where parts of the first rule below words begin, from left to right."""
    height = float(np.median([frames[i][3] - frames[i][1] for i in members]))
    bottom = max(float(frames[i][3]) for i in members)
    table = frame_around([frames[i] for d in cells for i in words_of_rows(d.rows)])
    below = [
        y
        for y in rules.heights(float(table[0]), float(table[2]), _MOST)
        if bottom - height / 2 <= y <= bottom + _NEAR * height
    ]
    if not below:
        return np.zeros(0)
    middles = (rules.across[:, 1] + rules.across[:, 3]) / 2
    parts = rules.across[np.abs(middles - below[0]) <= _TOUCHING]
    return np.unique(parts[:, 0])


def _edges(
    frames: NDArray[np.float64], body: Sequence[CellDraft], breaks: NDArray[np.float64]
) -> _Edges:
    """Return the last break between the words of each two columns."""
    extents: dict[int, tuple[float, float]] = {}
    for draft in body:
        if draft.rows and draft.cell.n_columns == 1:
            frame = frame_around([frames[i] for i in words_of_rows(draft.rows)])
            left, right = extents.get(draft.cell.column, (np.inf, -np.inf))
            extents[draft.cell.column] = min(left, float(frame[0])), max(right, float(frame[2]))
    edges: _Edges = {}
    for column, (_, right) in extents.items():
        if column + 1 in extents:
            stop = extents[column + 1][0]
            between = breaks[(breaks >= right - _TOUCHING) & (breaks <= stop + _TOUCHING)]
            if len(between):
                edges[column] = float(between[-1])
    return edges


def _columns_of(x: float, edges: _Edges) -> tuple[int, int]:
    """Return the first and the last column that a place across the page may be in."""
    first = max((column + 1 for column, edge in edges.items() if edge <= x), default=0)
    last = min((column for column, edge in edges.items() if edge > x), default=2**31)
    return first, last


def _without_others_words(
    draft: CellDraft, columns: dict[int, tuple[int, int]]
) -> tuple[list[CellDraft], dict[int, int]]:
    """Return a head without the words that are in other columns, and the column of each of those.

    One over several columns is a head for each if it has words over each of them.
    """
    first, stop = draft.cell.column, draft.cell.column + draft.cell.n_columns
    of_word = {i: min(max(first, columns[i][0]), columns[i][1]) for i in words_of_rows(draft.rows)}
    if draft.cell.n_columns > 1:
        if set(of_word.values()) != set(range(first, stop)):
            return [draft], {}
        parts = [
            CellDraft(replace(draft.cell, column=column, n_columns=1))
            for column in range(first, stop)
        ]
        return parts, of_word
    column_of_word = {i: column for i, column in of_word.items() if column != first}
    rows = [[i for i in row if i not in column_of_word] for row in draft.rows]
    return [replace(draft, rows=[row for row in rows if row])], column_of_word


def _with_words(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    draft: CellDraft,
    words_of_column: Sequence[int],
) -> CellDraft:
    members = sorted([*words_of_rows(draft.rows), *words_of_column])
    if not words_of_column:
        return draft
    rows = rows_of(np.stack([frames[i] for i in members]))
    box = box_around(words[i].box for i in members)
    return CellDraft(replace(draft.cell, box=box), [[members[n] for n in row] for row in rows])
