"""Part rows of a table that the layout model took for one, by lines that show where each begins or ends.

Some cells have one line a row, others several: figures stand beside the first line of their row, or, behind
dots, beside its last one; a form has a label on each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    Rows,
    box_around,
    cells_by_row,
    frame_around,
    words_of_rows,
)
from indexer.layout.tables.amounts import has_figure, is_figure
from indexer.layout.tables.rows.joined_rows import Row, numbered_cells
from indexer.layout.tables.rows.ruled_rows import are_ruled
from indexer.layout.upright import Upright

_DOTS = re.compile(r"[.…·_]+")  # that lead from a name to its figure
_SAME_LINE = 0.5  # largest distance of the centres of one line, in heights
_MIN_SAME = 0.5  # of the cells have as many lines as there are rows


def part_lined_rows(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: NDArray[np.float64],
    upright: Upright,
) -> list[CellDraft]:
    """Return the cells of a table; a row that lines show to be several is parted, unless rules part its rows.

    frames, rules  (W, 4) and (R, 4) of horizontal rules, in points of the upright page
    """
    rows = [row for _, row in sorted(cells_by_row(cells).items())]
    body = [row for row in rows if not any(d.cell.is_head for d in row)]
    if any(d.cell.n_rows > 1 for d in cells) or are_ruled(body, rules, upright):
        return list(cells)
    rows_left = [part for row in rows for part in _parts(words, frames, row)]
    return numbered_cells(rows_left) if len(rows_left) > len(rows) else list(cells)


def _parts(words: Sequence[DraftWord], frames: NDArray[np.float64], row: Row) -> list[Row]:
    """Return the rows that a row of the model is."""
    filled_cells = [d for d in row if d.rows]
    if (
        len(filled_cells) < 2
        or filled_cells[0].cell.column
        or max(len(d.rows) for d in filled_cells[1:]) < 2
        or any(d.cell.is_head for d in row)
    ):
        return [row]
    lines = [[_middle(frames, line) for line in d.rows] for d in filled_cells]
    height = min(float(f[3] - f[1]) for d in filled_cells for f in [frames[d.rows[0][0]]])
    anchors = _last_lines(words, filled_cells, lines, _SAME_LINE * height)
    if anchors:
        stops = [y + _SAME_LINE * height for y in anchors]
    else:
        anchors = _first_lines(words, filled_cells, lines, _SAME_LINE * height)
        stops = [y - _SAME_LINE * height for y in anchors[1:]]
    return (
        _rows_between(words, frames, row, stops[: len(anchors) - 1]) if len(anchors) > 1 else [row]
    )


def _last_lines(
    words: Sequence[DraftWord],
    cells: Sequence[CellDraft],
    lines: Sequence[Sequence[float]],
    near: float,
) -> list[float]:
    """Return where rows end: each figure stands behind dots at the end of its name; [] if they do not."""
    anchors = lines[-1]
    leading = [
        y
        for y, line in zip(lines[0], cells[0].rows, strict=True)
        if any(_DOTS.fullmatch(words[i].text) for i in line)
    ]
    is_led = (
        all(len(own) == len(anchors) == len(leading) for own in lines[1:])
        and all(_are_near(anchors, own, near) for own in (*lines[1:], leading))
        and abs(lines[0][-1] - anchors[-1]) <= near
        and all(is_figure(words, d) for d in cells[1:])
    )
    return list(anchors) if is_led else []


def _first_lines(
    words: Sequence[DraftWord],
    cells: Sequence[CellDraft],
    lines: Sequence[Sequence[float]],
    near: float,
) -> list[float]:
    """Return where rows begin, at labels or at figures of one line; [] where cells have no line there."""
    are_labels = all(words[line[-1]].text.endswith(":") for line in cells[0].rows)
    figures = [
        own
        for d, own in zip(cells[1:], lines[1:], strict=True)
        if len(own) > 1 and is_figure(words, d) and has_figure(words, d)
    ]
    if are_labels:
        anchors = lines[0]
    elif figures:
        anchors = max(figures, key=len)
    else:
        return []
    n_same = sum(_are_near(anchors, own, near) for own in lines)
    begin_there = all(
        _are_among(own, anchors, near)
        if is_figure(words, d)
        else abs(own[0] - anchors[0]) <= near and _are_among(anchors, own, near)
        for d, own in zip(cells, lines, strict=True)
    )
    has_several = are_labels or (n_same > 1 and n_same >= _MIN_SAME * len(lines))
    return list(anchors) if begin_there and has_several else []


def _are_among(heights: Sequence[float], places: Sequence[float], near: float) -> bool:
    return all(any(abs(y - place) <= near for place in places) for y in heights)


def _are_near(anchors: Sequence[float], own: Sequence[float], near: float) -> bool:
    return len(own) == len(anchors) and all(
        abs(a - b) <= near for a, b in zip(anchors, own, strict=True)
    )


def _rows_between(
    words: Sequence[DraftWord], frames: NDArray[np.float64], row: Row, stops: Sequence[float]
) -> list[Row]:
    """Return the parts of a row between heights."""
    return [
        [_between(words, frames, draft, top, bottom) for draft in row]
        for top, bottom in zip([-np.inf, *stops], [*stops, np.inf], strict=True)
    ]


def _between(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    draft: CellDraft,
    top: float,
    bottom: float,
) -> CellDraft:
    rows: Rows = [line for line in draft.rows if top < _middle(frames, line) <= bottom]
    if not rows:
        return replace(draft, rows=[])
    box = box_around(words[i].box for i in words_of_rows(rows))
    return CellDraft(replace(draft.cell, box=box), rows)


def _middle(frames: NDArray[np.float64], line: Sequence[int]) -> float:
    frame = frame_around([frames[i] for i in line])
    return float(frame[1] + frame[3]) / 2
