"""See a table in lines of a text that end in figures below each other, a space apart: a printout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import RegionCell
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, box_around, frame_around

_MIN_ROWS = 3
_MIN_FIGURES = 2  # behind each name below heads,
_MIN_FIGURES_ALONE = 3  # and without heads
_ALIGNED = 0.6  # a right edge from that above it, in heights of the line
_MAX_NAME_WORDS = 6
_FIGURE = re.compile(r"[<>]?[-−–+]?\d(?:[\d.,]*\d)?(?:[eE][-+]?\d+)?%?|NA|NaN")
_MARK = re.compile(r"[*†‡.]{1,3}")  # behind a figure: how sure it is


def figure_table(
    words: Sequence[DraftWord], frames: NDArray[np.float64], lines: Sequence[list[int]]
) -> tuple[BlockDraft, int] | None:
    """Return the table that begins with the first line, which may be its heads, and how many lines it takes.

    frames  (W, 4) of all words, in points
    lines   of the words of a text
    """
    if not any(len(_figures_at_end(words, line)) >= _MIN_FIGURES for line in lines[:2]):
        return None
    figures = _aligned_figures(words, frames, lines[1:])
    for n_columns in range(len(figures[0]) if figures else 0, _MIN_FIGURES - 1, -1):
        last = [row[-n_columns:] for row in figures]
        heads = _heads(words, frames, lines[0], last)
        if heads is not None:
            grid = [heads, *_cells_of_lines(lines[1:], last)]
            return _table(words, frames, grid, n_heads=1), len(grid)
    figures = _aligned_figures(words, frames, lines)
    if not figures or len(figures[0]) < _MIN_FIGURES_ALONE:
        return None
    return _table(words, frames, _cells_of_lines(lines, figures), n_heads=0), len(figures)


def _aligned_figures(
    words: Sequence[DraftWord], frames: NDArray[np.float64], lines: Sequence[list[int]]
) -> list[list[int]]:
    """Return the figures at the end of each line from the first on, while they stand below each other.

    As many lines as can be, with as many columns as they then have.
    """
    rows: list[list[int]] = []
    for line in lines:
        row = _figures_at_end(words, line)
        if len(row) < _MIN_FIGURES or len(line) - len(row) > _MAX_NAME_WORDS + 1:
            break
        rows.append(row)
    longest: list[list[int]] = []
    for n_columns in range(_MIN_FIGURES, len(rows[0]) + 1 if rows else 0):
        last = [row[-n_columns:] for row in rows]
        rows_below = list(takewhile(partial(_is_below, frames, last[0]), last))
        if len(rows_below) >= max(len(longest), _MIN_ROWS):
            longest = rows_below
    return longest


def _is_below(frames: NDArray[np.float64], first: Sequence[int], row: Sequence[int]) -> bool:
    """Say whether figures end where those of the first row do."""
    return len(row) == len(first) and all(
        abs(frames[a][2] - frames[b][2]) <= _ALIGNED * (frames[b][3] - frames[b][1])
        for a, b in zip(row, first, strict=True)
    )


def _figures_at_end(words: Sequence[DraftWord], line: Sequence[int]) -> list[int]:
    members = list(line)
    if members and _MARK.fullmatch(words[members[-1]].text):
        members.pop()
    row: list[int] = []
    while members and _FIGURE.fullmatch(words[members[-1]].text):
        row.insert(0, members.pop())
    is_named_by_figure = len(row) > _MIN_FIGURES and not members
    return row[1:] if is_named_by_figure else row


def _cells_of_lines(
    lines: Sequence[list[int]], figures: Sequence[Sequence[int]]
) -> list[list[list[int]]]:
    """Return the words of the name and of each figure, line by line; a mark is of the last one."""
    grid = []
    for line, row in zip(lines, figures, strict=False):
        first, last = line.index(row[0]), line.index(row[-1])
        grid.append([line[:first], *([i] for i in row[:-1]), line[last:]])
    return grid


def _heads(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    line: Sequence[int],
    figures: Sequence[Sequence[int]],
) -> list[list[int]] | None:
    """Return the words over the names and over each column of figures; None unless they end where it does."""
    left = min(frames[row[0]][0] for row in figures)
    rights = np.max([[frames[i][2] for i in row] for row in figures], axis=0)
    reach = _ALIGNED * (frames[line[0]][3] - frames[line[0]][1])
    heads: list[list[int]] = [[] for _ in range(len(rights) + 1)]
    for i in line:
        column = int(np.searchsorted(rights + reach, frames[i][2]))
        if column == len(rights):
            return None
        is_of_names = column == 0 and frames[i][2] < left
        heads[0 if is_of_names else column + 1].append(i)
    ends = np.array([frames[own[-1]][2] if own else -np.inf for own in heads[1:]])
    have_letters = any(c.isalpha() for own in heads[1:] for i in own for c in words[i].text)
    return heads if have_letters and bool(np.all(np.abs(ends - rights) <= reach)) else None


def _table(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    grid: Sequence[Sequence[list[int]]],
    n_heads: int,
) -> BlockDraft:
    first = 0 if any(row[0] for row in grid) else 1
    around = box_around(words[i].box for row in grid for members in row for i in members)
    cells = []
    for number, row in enumerate(grid):
        for column, members in enumerate(row[first:]):
            box = box_around(words[i].box for i in members) if members else around
            cell = RegionCell(number, column, box, is_head=number < n_heads)
            is_name = column == first == 0 and number >= n_heads and bool(members)
            cells.append(CellDraft(cell, [members] if members else [], is_row_head=is_name))
    frame = frame_around([frames[i] for row in grid for members in row for i in members])
    return BlockDraft(BlockKind.TABLE, around, cells=cells, units=[frame])
