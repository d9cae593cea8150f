"""Take names of groups of columns into a table that stand above it, each over a rule of its own.

They become one head over all columns; which columns each name stands over, the rules tell once the columns
are known (`heads/ruled_groups.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region, RegionCell
from indexer.layout.drafts import DraftWord, Piece, box_around
from indexer.layout.tables.edges.page_pieces import NO_PART_OF_TABLE, PagePieces, with_grown_tables

_REACH = 1.0  # heights of a word between a name and the table
_MAX_ROWS = 2  # names of groups, and of groups of those
_CENTRED = 0.1  # of a rule's length
_WHOLE = 0.9  # of the table's width
_NO_NAMES = NO_PART_OF_TABLE - {BlockKind.PAGE_HEADER}  # a name at the top of a page looks like one
_TOUCHING = 0.001 * 65535  # of the page: parts of one rule


def with_group_names_above(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    regions: Sequence[Region],
    rules: Sequence[PageBox],
) -> tuple[Region, ...]:
    """Return the regions of an upright page, each table with the names of groups right above it."""
    if not rules:
        return tuple(regions)
    return with_grown_tables(words, frames, regions, partial(_grown_by_rows, rules=rules))


def _grown_by_rows(page: PagePieces, region: Region, rules: Sequence[PageBox]) -> Region:
    for _ in range(_MAX_ROWS):
        region = _grown(page, region, rules)
    return region


def _grown(page: PagePieces, region: Region, rules: Sequence[PageBox]) -> Region:
    row = next(
        (
            pieces
            for pieces in reversed(page.rows)
            if all(_middle(page.box(piece)) < region.box[1] for piece in pieces)
        ),
        [],
    )
    reach = region.box[1] - _REACH * page.word_height
    members = [i for piece in row for i in piece.words]
    if (
        not row
        or any(page.box(piece)[3] < reach for piece in row)
        or not page.are_free(members, _NO_NAMES)
        or not all(_stands_over_rule(page, piece, region, rules) for piece in row)
    ):
        return region
    page.taken_words.update(members)
    left, top, right, bottom = region.box
    names = box_around(page.box(piece) for piece in row)
    n_columns = max(cell.column + cell.n_columns for cell in region.cells)
    head = RegionCell(0, 0, (left, names[1], right, top), n_columns=n_columns, is_head=True)
    cells = (replace(c, row=c.row + 1, is_head=c.is_head or not c.row) for c in region.cells)
    return Region(region.kind, (left, names[1], right, bottom), (head, *cells))


def _middle(box: PageBox) -> float:
    return (box[1] + box[3]) / 2


def _stands_over_rule(
    page: PagePieces, piece: Piece, region: Region, rules: Sequence[PageBox]
) -> bool:
    """Say whether a name is in the middle above a rule that is wider, but not as wide as the table."""
    box = page.box(piece)
    left, _, right, _ = region.box
    rows = [_middle(word.box) for word in page.words if _middle(word.box) > region.box[1]]
    between = [rule for rule in rules if _middle(box) < rule[1] <= min(rows, default=0)]
    return any(
        start <= box[0]
        and box[2] <= stop
        and stop - start <= _WHOLE * (right - left)
        and abs(start + stop - box[0] - box[2]) <= 2 * _CENTRED * (stop - start)
        for start, stop in _joined_rules(between)
    )


def _joined_rules(rules: Sequence[PageBox]) -> list[tuple[int, int]]:
    """Return from where to where rules go, those that touch as one."""
    extents: list[tuple[int, int]] = []
    for left, _, right, _ in sorted(rules):
        if extents and left - extents[-1][1] <= _TOUCHING:
            extents[-1] = extents[-1][0], max(right, extents[-1][1])
        else:
            extents.append((left, right))
    return extents
