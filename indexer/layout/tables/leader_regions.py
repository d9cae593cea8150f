"""Find lists beside each other whose dots lead to figures, where the layout model saw tables in parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import Region, RegionCell
from indexer.layout.drafts import DraftWord, box_around, frame_around
from indexer.layout.holding import words_inside
from indexer.layout.tables.edges.page_pieces import PagePieces
from indexer.layout.tables.glued_columns import LEADER
from indexer.layout.tables.leader_lists import MIN_LINES, SAME_END, led_lines

_MIN_LISTS = 2
_BESIDE = 0.5  # of the lower list's height: both stand there
_REACH = 1.8  # heights of a word to a heading above the lists, and to the marks of headings
_SAME_LINE = 0.5  # of that height
_MOST = 0.9  # of their words: a table that the model saw whole
_MIN_OWN = 0.6  # of the words around the lists are theirs


class _List(NamedTuple):
    """The words of lines that lead to one place across the page, and the frame around them."""

    words: list[int]
    frame: NDArray[np.float64]


def with_leader_lists(
    words: Sequence[DraftWord], frames: NDArray[np.float64], regions: Sequence[Region]
) -> tuple[Region, ...]:
    """Return the regions of an upright page; lists beside each other are one table, to be parted later.

    frames  (W, 4) of all words, in points
    """
    tables = [region for region in regions if region.kind == BlockKind.TABLE]
    n_leaders = sum(LEADER.fullmatch(word.text) is not None for word in words)
    if n_leaders < _MIN_LISTS * MIN_LINES:
        return tuple(regions)
    lists = _lists_beside(frames, led_lines(words, frames, range(len(words))))
    members = [i for own in lists for i in own.words]
    if len(lists) < _MIN_LISTS:
        return tuple(regions)
    n_own, own_words = len(members), set(members)
    members += _marks_and_headings(frames, lists)
    box = box_around(words[i].box for i in members)
    inside = words_inside(words, box, set())
    if n_own < _MIN_OWN * len(inside) or any(
        len(own_words.intersection(words_inside(words, table.box, set()))) >= _MOST * n_own
        for table in tables
    ):
        return tuple(regions)
    page = PagePieces.of_page(words, frames, regions)
    left = [r for r in page.without(set(inside)) if not _is_table_inside(words, r, inside)]
    cells = tuple(RegionCell(0, column, box) for column in range(2))
    return (*left, Region(BlockKind.TABLE, box, cells))


def _lists_beside(
    frames: NDArray[np.float64], lines_by_end: Sequence[Sequence[Sequence[int]]]
) -> list[_List]:
    """Return lists from left to right, where each begins behind the one before and stands beside it."""
    if not all(any(lines) for lines in lines_by_end):
        return []
    lists = [
        _List(own, frame_around([frames[i] for i in own]))
        for own in ([i for line in lines for i in line] for lines in lines_by_end)
    ]
    for a, b in pairwise(lists):
        heights = [own.frame[3] - own.frame[1] for own in (a, b)]
        common = min(a.frame[3], b.frame[3]) - max(a.frame[1], b.frame[1])
        if a.frame[2] > b.frame[0] or common < _BESIDE * min(heights):
            return []
    return lists


def _marks_and_headings(frames: NDArray[np.float64], lists: Sequence[_List]) -> list[int]:
    """Return the words of headings right above the lists, and of the marks before those within them.

    A heading begins where the lines below it begin, and leads to where they lead to.
    """
    left, top, right, bottom = frame_around([own.frame for own in lists]).tolist()
    height = float(np.median([frames[i][3] - frames[i][1] for own in lists for i in own.words]))
    reach = _REACH * height
    middles = (frames[:, 1] + frames[:, 3]) / 2
    is_above = (frames[:, 3] > top - reach) & (middles < top)
    for own in lists:
        is_end = is_above & (np.abs(frames[:, 2] - own.frame[2]) <= SAME_END)
        is_start = is_above & (np.abs(frames[:, 0] - own.frame[0]) <= reach)
        for y in middles[is_end]:
            if (np.abs(middles[is_start] - y) <= _SAME_LINE * height).any():
                top = min(top, float(y) - _SAME_LINE * height)
    is_inside = (frames[:, 0] >= left - reach) & (frames[:, 2] <= right + SAME_END)
    return [int(i) for i in np.flatnonzero(is_inside & (middles >= top) & (middles <= bottom))]


def _is_table_inside(words: Sequence[DraftWord], region: Region, inside: Sequence[int]) -> bool:
    """Say whether a region is a table of which the words are all taken."""
    return region.kind == BlockKind.TABLE and set(words_inside(words, region.box, set())) <= set(
        inside
    )
