"""Take the first row of a table out of its heads, where the layout model took both for one row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, Rows, frame_around
from indexer.layout.tables.amounts import shape_of
from indexer.layout.tables.glued_columns import LEADER
from indexer.layout.tables.table_rules import TableRules

_MIN_FIGURES = 2
_YEAR = re.compile(r"(19|20)\d\d")
_SAME_LINE = 0.5  # largest distance of the centres of one line, in heights
_RULED = 0.6  # of each column: a rule between its head and the first row
_MIN_ALIKE = 0.5  # of the cells of a column are written alike
_MIN_RULED_FIGURES = 0.5  # of the cells below that rule are figures


def with_first_row(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> list[CellDraft]:
    """Return the cells of a table; where the last line of its heads has figures, it is the first row.

    frames  (W, 4) of all words, in points of the upright page
    """
    n_heads = max((d.cell.row + d.cell.n_rows for d in cells if d.cell.is_head), default=0)
    heads = [d for d in cells if d.cell.row == n_heads - 1 and d.rows]
    if not any(len(d.rows) > 1 for d in heads):
        return list(cells)
    top = _top_of_figures(words, frames, heads)
    if top is None:
        top = _rule_above_figures(words, frames, heads, rules)
    if top is None:
        top = _top_of_like(words, frames, cells, heads)
    return list(cells) if top is None else _with_row_below(frames, cells, n_heads, top)


def _top_of_figures(
    words: Sequence[DraftWord], frames: NDArray[np.float64], heads: Sequence[CellDraft]
) -> float | None:
    """Return what the last lines are below if they are one: figures below names, or what dots lead to."""
    lasts = [d.rows[-1] for d in heads]
    named_heads = [d for d in heads if len(d.rows) > 1]
    figures = [
        d
        for d in named_heads
        if _is_figures(words, d.rows[-1]) and not _is_figures(words, d.rows[0])
    ]
    is_led = any(LEADER.fullmatch(words[i].text) for i in lasts[0])
    if (
        len(figures) < (1 if is_led else _MIN_FIGURES)
        or len(figures) < len(named_heads)
        or len(heads) == len(named_heads)
    ):
        return None
    return _top_of_line(frames, lasts)


def _rule_above_figures(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    heads: Sequence[CellDraft],
    rules: TableRules,
) -> float | None:
    """Return the height of a rule below all names, above a single line of which half are figures."""
    extents = [frame_around([frames[i] for line in d.rows for i in line]) for d in heads]
    columns = [(float(extent[0]), float(extent[2])) for extent in extents]
    lines = [(_middle(frames, line), line) for d in heads for line in d.rows]
    for y in reversed(rules.heights_below_all(columns, _RULED)):
        below = [(middle, line) for middle, line in lines if middle > y]
        figures = [line for _, line in below if _is_figures(words, line)]
        if len(below) < 2 or len(figures) < max(_MIN_FIGURES, _MIN_RULED_FIGURES * len(below)):
            continue
        middles = [middle for middle, _ in below]
        height = min(float(frames[line[0]][3] - frames[line[0]][1]) for _, line in below)
        if max(middles) - min(middles) <= height and all(
            _middle(frames, d.rows[0]) < y for d in heads
        ):
            return y
    return None


def _top_of_like(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    heads: Sequence[CellDraft],
) -> float | None:
    """Return what the last lines are below if they are written as the rows are: `9/10/13` above `8/12/13`."""
    if any(len(d.rows) < 2 or d.cell.n_columns > 1 for d in heads):
        return None
    n_alike = 0
    for head in heads:
        below = [
            _shape(words, d.rows)
            for d in cells
            if d.rows and not d.cell.is_head and d.cell.column == head.cell.column
        ]
        shape, name = _shape(words, head.rows[-1:]), _shape(words, head.rows[:-1])
        is_written_so = below.count(shape) >= _MIN_ALIKE * len(below) and "0" in shape
        n_alike += is_written_so and "0" not in name and len(below) > 1
    return _top_of_line(frames, [d.rows[-1] for d in heads]) if n_alike >= _MIN_FIGURES else None


def _shape(words: Sequence[DraftWord], rows: Rows) -> str:
    return shape_of(" ".join(words[i].text for row in rows for i in row))


def _top_of_line(frames: NDArray[np.float64], lines: Rows) -> float | None:
    """Return the top of lines that stand beside each other; None if they do not."""
    middles = [_middle(frames, line) for line in lines]
    height = min(float(frames[line[0]][3] - frames[line[0]][1]) for line in lines)
    is_line = max(middles) - min(middles) <= _SAME_LINE * height
    return min(middles) - _SAME_LINE * height if is_line else None


def _with_row_below(
    frames: NDArray[np.float64], cells: Sequence[CellDraft], n_heads: int, top: float
) -> list[CellDraft]:
    """Return the cells of a table; lines of the last heads below a height are the first row."""
    cells_left: list[CellDraft] = []
    for draft in cells:
        if draft.cell.row == n_heads - 1:
            above, below = _sides(frames, draft.rows, top)
            first = replace(draft.cell, row=n_heads, n_rows=1, is_head=False)
            cells_left += [replace(draft, rows=above), CellDraft(first, below)]
        elif draft.cell.row < n_heads:
            cells_left.append(draft)
        else:
            cells_left.append(replace(draft, cell=replace(draft.cell, row=draft.cell.row + 1)))
    return sorted(cells_left, key=lambda d: (d.cell.row, d.cell.column))


def _sides(frames: NDArray[np.float64], rows: Rows, y: float) -> tuple[Rows, Rows]:
    """Return the lines above a height, and those below it."""
    return (
        [line for line in rows if _middle(frames, line) <= y],
        [line for line in rows if _middle(frames, line) > y],
    )


def _is_figures(words: Sequence[DraftWord], row: Sequence[int]) -> bool:
    return all(is_figure_word(words[i].text) for i in row) and not all(
        _YEAR.fullmatch(words[i].text) for i in row
    )


def is_figure_word(text: str) -> bool:
    """Say whether a word is a figure, or stands for none."""
    return text in ("-", "−", "–", "—") or (
        any(map(str.isdigit, text)) and not any(map(str.isalpha, text))
    )


def _middle(frames: NDArray[np.float64], row: Sequence[int]) -> float:
    frame = frame_around([frames[i] for i in row])
    return float(frame[1] + frame[3]) / 2
