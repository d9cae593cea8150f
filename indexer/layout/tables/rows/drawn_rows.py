"""Tell the rows of a table by its upright rules, where these are drawn anew for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    CellDraft,
    DraftWord,
    box_around,
    cells_by_row,
    frame_around,
    words_of_rows,
)
from indexer.layout.tables.rows.joined_rows import (
    Row,
    numbered_cells,
)
from indexer.layout.tables.table_rules import TableRules

_SAME_PLACE = 2.0  # points
_MIN_CELLS = 2  # with words, in each part of a row
_MIN_STROKES = 3  # of one upright rule
_WHOLE = 0.6  # of the table's height: there may be titles and notes
_MARGIN = 0.25  # of a line's height: no stroke ends further inside


class DrawnTable(NamedTuple):
    """The cells of a table, and whether each of its rows has strokes of its own."""

    cells: list[CellDraft]
    is_drawn: bool


def rows_by_strokes(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: TableRules,
) -> DrawnTable:
    """Return a table, a row of which is parted where strokes of its upright rules end.

    frames  (W, 4) of all words, in points of the upright page
    """
    members = [i for d in cells for i in words_of_rows(d.rows)]
    as_it_is = DrawnTable(list(cells), is_drawn=False)
    if not members or not len(rules.upright) or any(d.cell.n_rows > 1 for d in cells):
        return as_it_is
    ends = _ends_of_strokes(rules.upright, frame_around([frames[i] for i in members]))
    if not ends or _are_lines_cut(frames, cells, ends):
        return as_it_is
    parts = [
        part
        for _, row in sorted(cells_by_row(cells).items())
        for part in _parts(words, frames, row, ends)
    ]
    are_apart = len({place for place, _ in parts}) == len(parts)
    is_drawn = are_apart and not any(_goes_on(row) for _, row in parts)
    return DrawnTable(numbered_cells([row for _, row in parts]), is_drawn)


def _ends_of_strokes(strokes: NDArray[np.float64], table: NDArray[np.float64]) -> list[float]:
    """Return where strokes of the upright rule with the most of them begin and end; [] if it is too short."""
    inside = strokes[
        (strokes[:, 3] > table[1])
        & (strokes[:, 1] < table[3])
        & (strokes[:, 2] > table[0] - 2 * _SAME_PLACE)
        & (strokes[:, 0] < table[2] + 2 * _SAME_PLACE)
    ]
    rules: list[list[NDArray[np.float64]]] = []
    for stroke in inside[np.argsort(inside[:, 0])]:
        if rules and stroke[0] - rules[-1][0][0] <= _SAME_PLACE:
            rules[-1].append(stroke)
        else:
            rules.append([stroke])
    longest = max(rules, key=len, default=[])
    n_points = sum(float(min(s[3], table[3]) - max(s[1], table[1])) for s in longest)
    if len(longest) < _MIN_STROKES or n_points < _WHOLE * float(table[3] - table[1]):
        return []
    ends: list[float] = []
    for y in sorted(float(y) for stroke in longest for y in (stroke[1], stroke[3])):
        if not ends or y - ends[-1] > _SAME_PLACE:
            ends.append(y)
    return ends


def _are_lines_cut(
    frames: NDArray[np.float64], cells: Sequence[CellDraft], ends: Sequence[float]
) -> bool:
    boxes = np.stack([frame_around([frames[i] for i in line]) for d in cells for line in d.rows])
    margins = _MARGIN * (boxes[:, 3] - boxes[:, 1])
    return bool(
        any(((boxes[:, 1] + margins < y) & (y < boxes[:, 3] - margins)).any() for y in ends)
    )


def _parts(
    words: Sequence[DraftWord], frames: NDArray[np.float64], row: Row, ends: Sequence[float]
) -> list[tuple[int, Row]]:
    """Return the parts of a row between ends of strokes; all of it where one has words in a single cell."""
    places = sorted({_place(frames, line, ends) for d in row for line in d.rows})
    parts = [(place, _part(words, frames, row, ends, place)) for place in places]
    if len(parts) < 2 or any(sum(bool(d.rows) for d in part) < _MIN_CELLS for _, part in parts):
        return [(places[0] if places else -1, row)]
    return parts


def _part(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    row: Row,
    ends: Sequence[float],
    place: int,
) -> Row:
    lines_of = [[line for line in d.rows if _place(frames, line, ends) == place] for d in row]
    _, top, _, bottom = box_around(words[i].box for own in lines_of for line in own for i in line)
    return [
        CellDraft(replace(d.cell, box=(d.cell.box[0], top, d.cell.box[2], bottom)), own)
        for d, own in zip(row, lines_of, strict=True)
    ]


def _goes_on(row: Row) -> bool:
    """Say whether the only words of a row stand behind its first cell: it goes on with the one above."""
    filled_cells = [d for d in row if d.rows]
    return len(filled_cells) == 1 and filled_cells[0].cell.column > 0


def _place(frames: NDArray[np.float64], line: Sequence[int], ends: Sequence[float]) -> int:
    frame = frame_around([frames[i] for i in line])
    return int(np.searchsorted(ends, (frame[1] + frame[3]) / 2))
