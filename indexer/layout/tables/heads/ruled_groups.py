"""Tell heads of groups from heads of columns by the rules between them.

A rule that spans some columns, with words above and below it, stands under the name of a group. The layout
model often cuts such heads into lines instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import PageBox
from indexer.base.regions import RegionCell
from indexer.layout.cut import rows_of
from indexer.layout.drafts import CellDraft, DraftWord, box_around, frame_around, words_of_rows

_SAME_RULE = (
    2.0  # points: rules so near in height are one; ends of its parts touch within half of it
)
_TOUCHING = 1.0  # points between the parts of one rule
_MAX_HEAD_ROWS = 6
_WORD_GAP = 1.0  # in heights: names beside each other have more between them
_NAME_GAP = 0.5  # a space
_NO_PLACE: PageBox = (0, 0, 0, 0)

_Segment = tuple[float, float]  # where a rule begins and ends


@dataclass(frozen=True, slots=True)
class _Group:
    """The columns first..stop that a rule spans, and the words above it."""

    y: float
    first: int
    stop: int
    members: tuple[int, ...]


def with_ruled_heads(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    rules: NDArray[np.float64],
) -> list[CellDraft]:
    """Return the cells of a table; where rules part its heads, each of their words in the head it belongs to.

    frames, rules  (W, 4) and (R, 4), in points of the upright page
    """
    n_rows = max((d.cell.row + d.cell.n_rows for d in cells if d.cell.is_head), default=0)
    heads = [d for d in cells if d.cell.row < n_rows]
    body = [d for d in cells if d.cell.row >= n_rows]
    columns = _columns(frames, cells, n_rows)
    members = [i for d in heads for i in words_of_rows(d.rows)]
    if not 0 < n_rows <= _MAX_HEAD_ROWS or not members or not body or len(columns) < 3:
        return list(cells)
    groups = _groups(frames, members, columns, rules, _top_of(frames, body))
    if not groups:
        return list(cells)
    groups += _wide_heads(frames, heads, groups, len(columns))
    if not _are_nested(groups):
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
    groups: Sequence[_Group],
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


def _groups(
    frames: NDArray[np.float64],
    members: Sequence[int],
    columns: Sequence[tuple[float, float]],
    rules: NDArray[np.float64],
    bottom: float,
) -> list[_Group]:
    """Return the groups whose rules stand between words of the heads, from top to bottom."""
    groups: list[_Group] = []
    taken_words: set[int] = set()
    for y, segments in _rule_rows(rules):
        left, right = segments[0][0], max(segment[1] for segment in segments)
        inside = [i for i in members if left <= _middle(frames, i)[0] <= right]
        below = [i for i in inside if _middle(frames, i)[1] > y]
        above = [i for i in inside if _middle(frames, i)[1] < y and i not in taken_words]
        if y >= bottom or not above or not below:
            continue
        for name, first, last in _named_parts(frames, above, segments):
            spanned_columns = [
                n for n, (a, b) in enumerate(columns) if first <= (a + b) / 2 <= last
            ]
            has_below = any(first <= _middle(frames, i)[0] <= last for i in below)
            if 2 <= len(spanned_columns) < len(columns) and has_below:
                span = (spanned_columns[0], spanned_columns[-1] + 1)
                groups.append(_Group(y, *span, tuple(name)))
                taken_words.update(name)
    return groups


def _middle(frames: NDArray[np.float64], i: int) -> tuple[float, float]:
    x0, y0, x1, y1 = frames[i].tolist()
    return (x0 + x1) / 2, (y0 + y1) / 2


def _rule_rows(rules: NDArray[np.float64]) -> list[tuple[float, list[_Segment]]]:
    """Return the height and the segments of rules, from top to bottom and from left to right."""
    rows: list[tuple[float, list[_Segment]]] = []
    for x0, y0, x1, y1 in sorted(rules.tolist(), key=lambda r: float(r[1] + r[3])):
        y = (y0 + y1) / 2
        if not rows or y - rows[-1][0] > _SAME_RULE:
            rows.append((y, []))
        rows[-1][1].append((x0, x1))
    return [(y, _joined(segments)) for y, segments in rows]


def _joined(segments: Sequence[_Segment]) -> list[_Segment]:
    """Return segments from left to right, those that touch as one."""
    joined: list[_Segment] = []
    for left, right in sorted(segments):
        if joined and left - joined[-1][1] <= _TOUCHING:
            joined[-1] = joined[-1][0], max(right, joined[-1][1])
        else:
            joined.append((left, right))
    return joined


def _named_parts(
    frames: NDArray[np.float64], members: Sequence[int], segments: Sequence[_Segment]
) -> list[tuple[list[int], float, float]]:
    """Return each name above a row of segments, with where those that are nearest to it begin and end.

    [] where one segment has several names: it parts no groups.
    """
    names = _parted_by_gaps(frames, members)
    middles = [_middle_of(frames, name) for name in names]
    if any(sum(a <= middle <= b for middle in middles) > 1 for a, b in segments):
        return []
    own: list[list[_Segment]] = [[] for _ in names]
    for a, b in segments:
        own[int(np.argmin([abs(middle - (a + b) / 2) for middle in middles]))].append((a, b))
    return [
        (name, min(a for a, _ in parts), max(b for _, b in parts))
        for name, parts in zip(names, own, strict=True)
        if parts
    ]


def _middle_of(frames: NDArray[np.float64], name: Sequence[int]) -> float:
    frame = frame_around([frames[i] for i in name])
    return float(frame[0] + frame[2]) / 2


def _parted_by_gaps(frames: NDArray[np.float64], members: Sequence[int]) -> list[list[int]]:
    """Return words between white gaps, from left to right; lines of one name lie above each other."""
    names: list[list[int]] = []
    reach = -np.inf
    for i in sorted(members, key=lambda i: float(frames[i][0])):
        if not names or frames[i][0] - reach > _WORD_GAP * _height(frames, i):
            names.append([])
        names[-1].append(i)
        reach = max(reach, float(frames[i][2]))
    return names


def _wide_heads(
    frames: NDArray[np.float64],
    heads: Sequence[CellDraft],
    groups: Sequence[_Group],
    n_columns: int,
) -> list[_Group]:
    """Return the heads that the model has as wide, and that have no rule; they stand as high as others."""
    in_groups = {i for group in groups for i in group.members}
    wide_heads: list[_Group] = []
    for draft in heads:
        members = tuple(words_of_rows(draft.rows))
        if (
            not 1 < draft.cell.n_columns < n_columns
            or not members
            or in_groups.intersection(members)
        ):
            continue
        bottom = max(float(frames[i][3]) for i in members)
        level = min((group.y for group in groups), key=lambda y: abs(y - bottom))
        y = level if abs(level - bottom) <= _height(frames, members[0]) else bottom
        stop = draft.cell.column + draft.cell.n_columns
        wide_heads.append(_Group(y, draft.cell.column, stop, members))
    return wide_heads


def _are_nested(groups: Sequence[_Group]) -> bool:
    """Say whether groups at one height have no column together, and lower ones lie within higher ones."""
    for at, group in enumerate(groups):
        for other in groups[:at]:
            common = min(group.stop, other.stop) - max(group.first, other.first)
            is_inside = other.first <= group.first and group.stop <= other.stop
            if common > 0 and (group.y == other.y or not is_inside):
                return False
    return True


def _of_columns(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    columns: Sequence[tuple[float, float]],
) -> list[list[int]]:
    """Return the words of each column's head: names whose middle is nearest to the words below."""
    of_column: list[list[int]] = [[] for _ in columns]
    for name in _names(words, frames, members):
        middle = _middle_of(frames, name)
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
        if names and words[i].line == words[last].line and gap <= _NAME_GAP * _height(frames, i):
            names[-1].append(i)
        else:
            names.append([i])
    return names


def _height(frames: NDArray[np.float64], i: int) -> float:
    return float(frames[i][3] - frames[i][1])


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
