"""Join cells of a row that a line of text crosses: a name over two columns, a source below the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, box_around, frame_around, words_of_rows
from indexer.layout.tables.amounts import has_figure, is_figure
from indexer.layout.tables.glued_columns import LEADER
from indexer.layout.tables.table_rules import TableRules

_WORD_GAP = 0.45  # in heights of a word's box: a space; columns have more between them
_SIGNS = frozenset("$€£¥₹-−–—")
_SAME_START = 1.0  # points
_MIN_STARTS = 3  # cells that begin there besides it
_PARTED = 0.8  # of the height
_MOST_FIGURES = 0.6  # of the cells of a column
_CENTRED = 0.2  # of a column's width
_MOST_ROWS = 0.34  # more rows than these are crossed where columns stand close


def join_crossed(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> list[CellDraft]:
    """Return the cells of a table, row by row, each with the cells behind that its lines go on in.

    No line goes on behind an upright rule, nor where the other cells of a column begin.
    """
    starts = _starts(frames, cells)
    middles = _middles(frames, cells)
    ends = _ends(frames, cells)
    figure_columns = _figure_columns(words, cells)
    cells_left: list[CellDraft] = []
    crossed_rows: set[int] = set()
    for draft in cells:
        before = cells_left[-1] if cells_left else None
        if (
            before is not None
            and _are_neighbours(before, draft)
            and _crosses(words, frames, before, draft)
            and not _begins_column(frames, draft, starts)
            and not (draft.cell.column in figure_columns and _is_own_figure(words, before, draft))
            and not _is_parted(frames, before, draft, rules)
        ):
            if all(_is_flush_head(frames, d, ends) for d in (before, draft)):
                cells_left.append(draft)
                continue
            is_alone = _is_alone(cells, before, draft)
            if not is_alone and all(_is_own_head(frames, d, middles) for d in (before, draft)):
                cells_left.append(draft)
                continue
            cells_left[-1] = _join(words, before, draft)
            if not is_alone:
                crossed_rows.add(draft.cell.row)
        else:
            cells_left.append(draft)
    n_rows = len({draft.cell.row for draft in cells})
    return list(cells) if len(crossed_rows) > max(1, _MOST_ROWS * n_rows) else cells_left


def _are_neighbours(before: CellDraft, draft: CellDraft) -> bool:
    a, b = before.cell, draft.cell
    return (
        a.row == b.row
        and a.n_rows == b.n_rows == 1
        and a.is_head == b.is_head
        and a.column + a.n_columns == b.column
        and bool(before.rows and draft.rows)
    )


def _crosses(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    before: CellDraft,
    draft: CellDraft,
) -> bool:
    """Say whether each line of a cell begins right behind a word of the cell before."""
    last_words = {words[i].line: i for i in words_of_rows(before.rows)}
    for row in draft.rows:
        last = last_words.get(words[row[0]].line)
        if last is None or LEADER.fullmatch(words[last].text):
            return False
        if _ends_figure(words[last].text) and _begins_figure(words[row[0]].text):
            return False
        height = frames[last][3] - frames[last][1]
        if not -0.2 * height <= frames[row[0]][0] - frames[last][2] <= _WORD_GAP * height:
            return False
    return True


def _starts(
    frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> dict[int, NDArray[np.float64]]:
    """Return for each column where the words of its cells begin."""
    starts: dict[int, list[float]] = {}
    for draft in cells:
        if draft.rows and draft.cell.n_columns == 1:
            left = min(float(frames[row[0]][0]) for row in draft.rows)
            starts.setdefault(draft.cell.column, []).append(left)
    return {column: np.array(lefts) for column, lefts in starts.items()}


def _begins_column(
    frames: NDArray[np.float64], draft: CellDraft, starts: dict[int, NDArray[np.float64]]
) -> bool:
    left = min(float(frames[row[0]][0]) for row in draft.rows)
    near = np.abs(starts[draft.cell.column] - left) <= _SAME_START
    return int(near.sum()) > _MIN_STARTS


def _is_parted(
    frames: NDArray[np.float64], before: CellDraft, draft: CellDraft, rules: TableRules
) -> bool:
    last = frame_around([frames[i] for i in words_of_rows(before.rows)])
    first = frame_around([frames[i] for i in words_of_rows(draft.rows)])
    top, bottom = float(first[1]), float(first[3])
    return rules.parts(float(last[2]) - 1.0, float(first[0]) + 1.0, top, bottom, _PARTED)


def _is_own_figure(words: Sequence[DraftWord], before: CellDraft, draft: CellDraft) -> bool:
    """Say whether a cell below the heads is a figure, behind one with a name."""
    has_leader = any(LEADER.fullmatch(words[i].text) for i in words_of_rows(draft.rows))
    return (
        not draft.cell.is_head
        and is_figure(words, draft)
        and has_figure(words, draft)
        and not is_figure(words, before)
        and not has_leader
    )


def _figure_columns(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> set[int]:
    """Return the columns with figures in most of their cells."""
    own: dict[int, list[bool]] = {}
    for draft in cells:
        if draft.rows and draft.cell.n_columns == 1 and not draft.cell.is_head:
            own.setdefault(draft.cell.column, []).append(is_figure(words, draft))
    return {
        column for column, figures in own.items() if sum(figures) > _MOST_FIGURES * len(figures)
    }


def _middles(
    frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> dict[int, tuple[float, float]]:
    """Return for each column the middle of its words below the heads, and how wide they are."""
    members: dict[int, list[NDArray[np.float64]]] = {}
    for draft in cells:
        if draft.rows and draft.cell.n_columns == 1 and not draft.cell.is_head:
            own = [frames[i] for i in words_of_rows(draft.rows)]
            members.setdefault(draft.cell.column, []).append(frame_around(own))
    extents = {column: frame_around(own) for column, own in members.items()}
    return {
        column: (float(extent[0] + extent[2]) / 2, float(extent[2] - extent[0]))
        for column, extent in extents.items()
    }


def _is_own_head(
    frames: NDArray[np.float64], draft: CellDraft, middles: dict[int, tuple[float, float]]
) -> bool:
    """Say whether a head stands in the middle above its column: no half of a name over two."""
    if not draft.cell.is_head or draft.cell.column not in middles or draft.cell.n_columns > 1:
        return False
    extent = frame_around([frames[i] for i in words_of_rows(draft.rows)])
    middle, width = middles[draft.cell.column]
    return bool(abs((extent[0] + extent[2]) / 2 - middle) <= _CENTRED * width)


def _ends(frames: NDArray[np.float64], cells: Sequence[CellDraft]) -> dict[int, float]:
    """Return for each column where the words below the heads end, if most of its cells end there."""
    rights: dict[int, list[float]] = {}
    for draft in cells:
        if draft.rows and draft.cell.n_columns == 1 and not draft.cell.is_head:
            right = max(float(frames[row[-1]][2]) for row in draft.rows)
            rights.setdefault(draft.cell.column, []).append(right)
    return {
        column: max(own)
        for column, own in rights.items()
        if sum(max(own) - right <= _SAME_START for right in own) > _MOST_FIGURES * len(own)
    }


def _is_flush_head(frames: NDArray[np.float64], draft: CellDraft, ends: dict[int, float]) -> bool:
    """Say whether a head ends where its column does."""
    if not draft.cell.is_head or draft.cell.n_columns > 1 or draft.cell.column not in ends:
        return False
    right = max(float(frames[row[-1]][2]) for row in draft.rows)
    return abs(right - ends[draft.cell.column]) <= _SAME_START


def _is_alone(cells: Sequence[CellDraft], before: CellDraft, draft: CellDraft) -> bool:
    """Say whether a row has no other words than those of two cells: it is a name of its own."""
    return not any(
        d.rows
        for d in cells
        if d.cell.row == draft.cell.row
        and not before.cell.column <= d.cell.column <= draft.cell.column
    )


def _ends_figure(text: str) -> bool:
    return text == "%" or text.rstrip(")%")[-1:].isdigit()


def _begins_figure(text: str) -> bool:
    """Say whether a figure begins with a word, or its currency does: it has a column of its own."""
    return text.lstrip("$€£¥₹(-−–+")[:1].isdigit() or text in _SIGNS


def _join(words: Sequence[DraftWord], before: CellDraft, draft: CellDraft) -> CellDraft:
    rows = [list(row) for row in before.rows]
    for behind in draft.rows:
        for row in rows:
            if words[row[-1]].line == words[behind[0]].line:
                row += behind
                break
    cell = replace(
        before.cell,
        n_columns=before.cell.n_columns + draft.cell.n_columns,
        box=box_around([before.cell.box, draft.cell.box]),
    )
    return CellDraft(cell, rows)
