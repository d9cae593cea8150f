"""Join the rows of a table that the layout model took for tables of their own: rules part all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region, RegionCell
from indexer.layout.drafts import DraftWord
from indexer.layout.tables.edges.page_pieces import NO_PART_OF_TABLE, PagePieces, columns_of

SAME_EDGE = 0.01 * 65535  # of the page
_SAME_HEIGHT = 0.003 * 65535
_MIN_RULES = 5
_MIN_TABLES = 3  # of the rows are tables
_MAX_LINES = 3  # of a row in its first column
_NO_PART = NO_PART_OF_TABLE - {BlockKind.LIST_ITEM, BlockKind.TABLE}


class Stack(NamedTuple):
    """Rules of one length above each other: from where to where, and how high."""

    left: int
    right: int
    heights: tuple[int, ...]


def join_ruled_stacks(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    regions: Sequence[Region],
    rules: Sequence[PageBox],
) -> tuple[Region, ...]:
    """Return the regions of an upright page; what stands between two rules of a stack is a row of one table.

    So it is where some rows are tables with the same columns, and each has few lines in its first column.
    """
    if sum(region.kind == BlockKind.TABLE for region in regions) < _MIN_TABLES:
        return tuple(regions)
    page = PagePieces.of_page(words, frames, regions)
    regions_left = list(regions)
    for stack in stacks_of(rules):
        rows = [region for region in regions_left if _is_row(region, stack)]
        columns = columns_of(rows[0]) if len(rows) >= _MIN_TABLES else []
        inside = [i for i, word in enumerate(words) if _is_inside(word.box, stack)]
        if (
            len(columns) < 2
            or not all(_has_columns(row, columns) for row in rows)
            or not page.are_free(inside, _NO_PART)
            or _n_lines(page, stack, columns) > _MAX_LINES
        ):
            continue
        page.taken_words.update(inside)
        at = next(i for i, region in enumerate(regions_left) if region is rows[0])
        regions_left[at] = _table(stack, columns, rows[0])
        regions_left = [r for r in regions_left if not any(r is row for row in rows[1:])]
    if not page.taken_words:
        return tuple(regions)
    return PagePieces.of_page(words, frames, regions_left).without(page.taken_words)


def stacks_of(rules: Sequence[PageBox]) -> Iterator[Stack]:
    """Yield the rules across that begin and end at one place, where there are enough of them."""
    across = sorted(
        (rule for rule in rules if rule[2] - rule[0] > rule[3] - rule[1]), key=lambda r: r[1]
    )
    while across:
        first = across[0]
        own = [r for r in across if all(abs(r[at] - first[at]) <= SAME_EDGE for at in (0, 2))]
        across = [rule for rule in across if rule not in own]
        heights = [own[0][1]]
        for rule in own[1:]:
            if rule[1] - heights[-1] > _SAME_HEIGHT:
                heights.append(rule[1])
        if len(heights) >= _MIN_RULES:
            yield Stack(first[0], first[2], tuple(heights))


def _is_row(region: Region, stack: Stack) -> bool:
    """Say whether a region is a table as wide as a stack, between two of its rules."""
    left, top, right, bottom = region.box
    is_wide = abs(left - stack.left) <= SAME_EDGE and abs(right - stack.right) <= SAME_EDGE
    inner_rules = [y for y in stack.heights if top + _SAME_HEIGHT < y < bottom - _SAME_HEIGHT]
    is_between = stack.heights[0] <= (top + bottom) / 2 <= stack.heights[-1]
    return region.kind == BlockKind.TABLE and is_wide and is_between and not inner_rules


def _has_columns(region: Region, columns: Sequence[tuple[int, int]]) -> bool:
    own = columns_of(region)
    return len(own) == len(columns) and all(
        abs(a[0] - b[0]) <= SAME_EDGE for a, b in zip(own, columns, strict=True)
    )


def _is_inside(word: PageBox, stack: Stack) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return stack.left <= x <= stack.right and stack.heights[0] <= y <= stack.heights[-1]


def _n_lines(page: PagePieces, stack: Stack, columns: Sequence[tuple[int, int]]) -> int:
    """Return the most lines that a row has in its first column."""
    lefts = [page.box(pieces[0]) for pieces in page.rows]
    lines = [(box[1] + box[3]) / 2 for box in lefts if stack.left <= box[0] < columns[0][1]]
    return max(sum(top <= y < bottom for y in lines) for top, bottom in pairwise(stack.heights))


def _table(stack: Stack, columns: Sequence[tuple[int, int]], first: Region) -> Region:
    cells = tuple(
        RegionCell(row, n, (left, top, right, bottom), is_head=row == 0)
        for row, (top, bottom) in enumerate(pairwise(stack.heights))
        for n, (left, right) in enumerate(columns)
    )
    box = (stack.left, stack.heights[0], stack.right, stack.heights[-1])
    return Region(first.kind, box, cells)
