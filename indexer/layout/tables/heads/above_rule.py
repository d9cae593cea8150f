"""Tell where the heads of a table end: at its first rule. The layout model may see only their first line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    cells_by_row,
    frame_around,
    text_of,
    words_of_rows,
)
from indexer.layout.tables.amounts import has_figure, is_figure
from indexer.layout.tables.rows.joined_rows import (
    Row,
    have_same_columns,
    joined_row,
    numbered_cells,
)
from indexer.layout.tables.table_rules import TableRules

_WHOLE = 0.9  # of the table's width: a rule below its heads
_RULED = 0.5  # of the rows below the heads
_MOST = 0.6  # of a column: a rule below its head
_GROUP = 0.2  # a rule below the name of a group
_SPACE = 0.5  # between words, in heights
_MAX_LINES = 6
_MAX_WORDS = 8  # of a line of a head
_MAX_GAP = 0.8  # between two lines of a head, in heights
_FLUSH = 2.0  # points
_PARTED = 0.5  # of a head's width: a rule between it and what is below


def with_heads_above_rule(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> list[CellDraft]:
    """Return the cells of a table; all rows above its first rule are heads, and lines of one head are one.

    frames  (W, 4) of all words, in points of the upright page
    """
    by_row = cells_by_row(cells)
    rows = [row for _, row in sorted(by_row.items())]
    are_heads = [any(d.cell.is_head for d in row) for row in rows]
    n_heads = are_heads.index(False) if False in are_heads else len(rows)
    if (
        not 0 < n_heads < len(rows)
        or any(are_heads[n_heads:])
        or any(d.cell.n_rows > 1 for d in cells)
    ):
        return list(cells)
    n_above = _n_rows_above_rule(frames, rows, rules)
    if not n_heads <= n_above <= _MAX_LINES or len(rows) <= n_above:
        return list(cells)
    new_heads = rows[n_heads:n_above]
    if any(_is_body(words, d) for row in new_heads for d in row):
        return list(cells)
    heads = [
        [replace(d, cell=replace(d.cell, is_head=True)) for d in row] for row in rows[:n_above]
    ]
    rows_left = [heads[0]]
    for row in heads[1:]:
        if _are_lines_of_heads(words, frames, rows_left[-1], row, rules):
            rows_left[-1] = joined_row(rows_left[-1], row)
        else:
            rows_left.append(row)
    return numbered_cells([*rows_left, *rows[n_above:]])


def _is_body(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    """Say whether a cell begins with a figure, or is prose: no line of a head."""
    n_words = sum(map(len, draft.rows))
    first = CellDraft(draft.cell, [draft.rows[0][:1]] if draft.rows else [])
    return n_words > _MAX_WORDS or (is_figure(words, first) and has_figure(words, first))


def _n_rows_above_rule(frames: NDArray[np.float64], rows: Sequence[Row], rules: TableRules) -> int:
    """Return how many rows stand between the first two rules that are as wide as the table; 0 for none."""
    extents = [_frame(frames, row) for row in rows]
    if not all(len(extent) for extent in extents):
        return 0
    table = frame_around(extents)
    heights = rules.heights(float(table[0]), float(table[2]), _WHOLE)
    heights += rules.heights_below_all(_columns_behind_names(frames, rows), _MOST)
    top = float(extents[0][1] + extents[0][3]) / 2
    if not (any(y < top for y in heights) or _names_groups(extents, rules)):
        return 0  # without one above the heads, the first may be one between rows
    are_parted = [
        any((above[1] + above[3]) / 2 < y < (below[1] + below[3]) / 2 for y in heights)
        for above, below in pairwise(extents)
    ]
    n_above = next(
        (
            n
            for n, is_parted in enumerate(are_parted, 1)
            if is_parted and _are_named(frames, rows[:n])
        ),
        0,
    )
    if n_above > 1 and sum(are_parted[n_above:]) > _RULED * (len(rows) - n_above - 1):
        return 0  # rules part all rows, but the heads, which have a ground of their own
    return n_above


def _are_named(frames: NDArray[np.float64], rows: Sequence[Row]) -> bool:
    """Say whether each column but the first has a name in these rows, or a group that it is in.

    A line that goes on from cell to cell is the name of a group that was torn.
    """
    named_columns = {
        column
        for row in rows
        if not _is_one_line(frames, row)
        for d in row
        if d.rows
        for column in range(d.cell.column, d.cell.column + d.cell.n_columns)
    }
    n_columns = max(d.cell.column + d.cell.n_columns for row in rows for d in row)
    return named_columns >= set(range(1, n_columns))


def _is_one_line(frames: NDArray[np.float64], row: Row) -> bool:
    """Say whether the words of several cells stand close together."""
    filled_cells = [d for d in row if d.rows and d.cell.column]
    if len(filled_cells) < 2 or any(len(d.rows) > 1 for d in filled_cells):
        return False
    return all(
        frames[b.rows[0][0]][0] - frames[a.rows[0][-1]][2]
        <= _SPACE * (frames[b.rows[0][0]][3] - frames[b.rows[0][0]][1])
        for a, b in pairwise(filled_cells)
    )


def _columns_behind_names(
    frames: NDArray[np.float64], rows: Sequence[Row]
) -> list[tuple[float, float]]:
    """Return from where to where the words of each column but the first go."""
    of_column: dict[int, list[int]] = {}
    for draft in (d for row in rows for d in row if d.cell.n_columns == 1 and d.cell.column):
        of_column.setdefault(draft.cell.column, []).extend(words_of_rows(draft.rows))
    extents = [frame_around([frames[i] for i in own]) for own in of_column.values() if own]
    return [(float(extent[0]), float(extent[2])) for extent in extents]


def _names_groups(extents: Sequence[NDArray[np.float64]], rules: TableRules) -> bool:
    """Say whether a short rule stands below the first row: it names groups of columns."""
    first, second = ((extent[1] + extent[3]) / 2 for extent in extents[:2])
    table = frame_around(list(extents))
    left, right = float(table[0]), float(table[2])
    whole = rules.heights(left, right, _WHOLE)
    return any(first < y < second and y not in whole for y in rules.heights(left, right, _GROUP))


def _frame(frames: NDArray[np.float64], row: Sequence[CellDraft]) -> NDArray[np.float64]:
    members = [frames[i] for d in row for i in words_of_rows(d.rows)]
    return frame_around(members) if members else np.zeros(0)


def _are_lines_of_heads(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    above: Row,
    below: Row,
    rules: TableRules,
) -> bool:
    """Say whether each name goes on right below, or has nothing below, or nothing above."""
    if not have_same_columns(above, below) or any(d.cell.n_columns > 1 for d in above):
        return False
    upper_columns = {d.cell.column for d in above if d.rows}
    lower_columns = {d.cell.column for d in below if d.rows}
    if not (upper_columns <= lower_columns or lower_columns <= upper_columns):
        return False
    names = [text_of(words, d) for d in below if d.rows]
    pairs = [(a, b) for a, b in zip(above, below, strict=True) if a.rows and b.rows]
    if (
        upper_columns < lower_columns
        and len(set(names)) < len(names)
        and not all(_are_flush(frames, upper, lower) for upper, lower in pairs)
    ):
        return False  # names of groups above: `High`, `Low`, and again
    return all(_goes_on(frames, upper, lower, rules) for upper, lower in pairs)


def _are_flush(frames: NDArray[np.float64], upper: CellDraft, lower: CellDraft) -> bool:
    """Say whether two lines of a head end at one place, or have one middle."""
    first, second = _frame(frames, [upper]), _frame(frames, [lower])
    distances = first[2] - second[2], (first[0] + first[2] - second[0] - second[2]) / 2
    return bool(min(map(abs, distances)) <= _FLUSH)


def _goes_on(
    frames: NDArray[np.float64], upper: CellDraft, lower: CellDraft, rules: TableRules
) -> bool:
    first, second = _frame(frames, [upper]), _frame(frames, [lower])
    height = float(frames[upper.rows[-1][0]][3] - frames[upper.rows[-1][0]][1])
    middle = (first[0] + first[2]) / 2
    across = rules.across
    between = (across[:, 1] > (first[1] + first[3]) / 2) & (
        across[:, 3] < (second[1] + second[3]) / 2
    )
    widths = np.minimum(across[:, 2], first[2]) - np.maximum(across[:, 0], first[0])
    is_parted = bool((between & (widths > _PARTED * (first[2] - first[0]))).any())
    is_near = second[1] - first[3] <= _MAX_GAP * height
    is_own = second[0] - height <= middle <= second[2] + height
    return bool(is_near and is_own and not is_parted)
