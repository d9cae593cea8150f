"""Find the groups of columns whose names stand over rules of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, frame_around, words_of_rows

_SAME_RULE = 2.0  # points: rules so near in height stand in one row
_TOUCHING = 1.0  # points between the parts of one rule
_WORD_GAP = 1.0  # in heights: names beside each other_group have more between them
_Segment = tuple[float, float]  # where a rule begins and ends


@dataclass(frozen=True, slots=True)
class GroupOfColumns:
    """The columns first..stop that a rule spans, and the words above it."""

    y: float
    first: int
    stop: int
    members: tuple[int, ...]


def groups_over_rules(
    frames: NDArray[np.float64],
    members: Sequence[int],
    columns: Sequence[tuple[float, float]],
    rules: NDArray[np.float64],
    bottom: float,
) -> list[GroupOfColumns]:
    """Return the groups whose rules stand between words of the heads, from top to bottom."""
    groups: list[GroupOfColumns] = []
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
                groups.append(GroupOfColumns(y, *span, tuple(name)))
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
    return [(y, _joined_segments(segments)) for y, segments in rows]


def _joined_segments(segments: Sequence[_Segment]) -> list[_Segment]:
    """Return segments from left to right, those that touch as one."""
    joined_segments: list[_Segment] = []
    for left, right in sorted(segments):
        if joined_segments and left - joined_segments[-1][1] <= _TOUCHING:
            joined_segments[-1] = joined_segments[-1][0], max(right, joined_segments[-1][1])
        else:
            joined_segments.append((left, right))
    return joined_segments


def _named_parts(
    frames: NDArray[np.float64], members: Sequence[int], segments: Sequence[_Segment]
) -> list[tuple[list[int], float, float]]:
    """Return each name above a row of segments, with where those that are nearest to it begin and end.

    [] where one segment has several names: it parts no groups.
    """
    names = _parted_by_gaps(frames, members)
    middles = [middle_of(frames, name) for name in names]
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


def _parted_by_gaps(frames: NDArray[np.float64], members: Sequence[int]) -> list[list[int]]:
    """Return words between white gaps, from left to right; lines of one name lie above each other_group."""
    names: list[list[int]] = []
    reach = -np.inf
    for i in sorted(members, key=lambda i: float(frames[i][0])):
        if not names or frames[i][0] - reach > _WORD_GAP * word_height(frames, i):
            names.append([])
        names[-1].append(i)
        reach = max(reach, float(frames[i][2]))
    return names


def wide_heads(
    frames: NDArray[np.float64],
    heads: Sequence[CellDraft],
    groups: Sequence[GroupOfColumns],
    n_columns: int,
) -> list[GroupOfColumns]:
    """Return the heads that the model has as wide, and that have no rule; they stand as high as others."""
    in_groups = {i for group in groups for i in group.members}
    groups_without_rules: list[GroupOfColumns] = []
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
        y = level if abs(level - bottom) <= word_height(frames, members[0]) else bottom
        stop = draft.cell.column + draft.cell.n_columns
        groups_without_rules.append(GroupOfColumns(y, draft.cell.column, stop, members))
    return groups_without_rules


def are_nested(groups: Sequence[GroupOfColumns]) -> bool:
    """Say whether groups at one height have no column together, and lower ones lie within higher ones."""
    for at, group in enumerate(groups):
        for other_group in groups[:at]:
            common = min(group.stop, other_group.stop) - max(group.first, other_group.first)
            is_inside = other_group.first <= group.first and group.stop <= other_group.stop
            if common > 0 and (group.y == other_group.y or not is_inside):
                return False
    return True


def middle_of(frames: NDArray[np.float64], name: Sequence[int]) -> float:
    frame = frame_around([frames[i] for i in name])
    return float(frame[0] + frame[2]) / 2


def word_height(frames: NDArray[np.float64], i: int) -> float:
    return float(frames[i][3] - frames[i][1])
