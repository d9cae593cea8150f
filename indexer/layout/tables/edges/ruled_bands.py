"""Take rows into a table that stand between rules of its length above and below it.

The layout model may see only some rows of a table whose rows are all parted by rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region, RegionCell
from indexer.layout.drafts import DraftWord
from indexer.layout.tables.amounts import is_amount
from indexer.layout.tables.edges.page_pieces import NO_PART_OF_TABLE, PagePieces, columns_of
from indexer.layout.tables.rows.ruled_stacks import SAME_EDGE, Stack, stacks_of

_MIN_WIDTH = 0.6  # of the rules: a table between them
_MIN_BANDS = 4
_MAX_LINES = 4  # of a row in its first column
_MAX_HEAD_WORDS = 4  # in a cell
_NO_PART = (NO_PART_OF_TABLE | {BlockKind.HEADING}) - {BlockKind.LIST_ITEM, BlockKind.TABLE}


def with_ruled_bands(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    regions: Sequence[Region],
    rules: Sequence[PageBox],
) -> tuple[Region, ...]:
    """Return the regions of an upright page; a table between rules of one length has a row for each two.

    So it is where words outside of it stand in its columns, too, and none stands across two.
    """
    if not any(region.kind == BlockKind.TABLE for region in regions):
        return tuple(regions)
    page = PagePieces.of_page(words, frames, regions)
    regions_left = list(regions)
    for stack in stacks_of(rules):
        tables = [region for region in regions_left if _is_within(region, stack)]
        if len({len(columns_of(table)) for table in tables}) != 1:
            continue
        table = max(tables, key=lambda region: region.box[3] - region.box[1])
        edges = _edges(words, table, stack)
        bands = _bands_around(words, edges, stack, table)
        members = [i for band in bands for i in band]
        are_new = any(not _holds(table.box, words[i].box) for i in members)
        if (
            len(bands) < _MIN_BANDS
            or not are_new
            or not page.are_free(members, _NO_PART)
            or any(_joins_rows(words, band, table) for band in bands)
        ):
            continue
        page.taken_words.update(members)
        grown_table = _table(words, bands, edges, table)
        regions_left = [
            grown_table if region is table else region
            for region in regions_left
            if region is table or not (region in tables and _holds(grown_table.box, region.box))
        ]
    if not page.taken_words:
        return tuple(regions)
    return PagePieces.of_page(words, frames, regions_left).without(page.taken_words)


def _is_within(region: Region, stack: Stack) -> bool:
    """Say whether a region is a table between rules, about as wide as they are."""
    left, top, right, bottom = region.box
    return (
        region.kind == BlockKind.TABLE
        and stack.left - SAME_EDGE <= left
        and right <= stack.right + SAME_EDGE
        and right - left >= _MIN_WIDTH * (stack.right - stack.left)
        and stack.heights[0] <= (top + bottom) / 2 <= stack.heights[-1]
    )


def _edges(words: Sequence[DraftWord], table: Region, stack: Stack) -> list[int]:
    """Return where the columns of a table begin, and the last one ends; [] where words overlap."""
    columns = columns_of(table)
    own = [word.box for word in words if _holds(table.box, word.box)]
    extents: list[tuple[int, int]] = []
    for left, right in columns:
        inside = [box for box in own if left <= (box[0] + box[2]) / 2 <= right]
        if not inside:
            return []
        extents.append((min(b[0] for b in inside), max(b[2] for b in inside)))
    if len(extents) < 2 or any(a[1] >= b[0] for a, b in pairwise(extents)):
        return []
    return [stack.left, *(left for left, _ in extents[1:]), stack.right]


def _bands_around(
    words: Sequence[DraftWord], edges: Sequence[int], stack: Stack, table: Region
) -> list[list[int]]:
    """Return the words between each two rules, from the first to the last band that is a row of the table."""
    if not edges:
        return []
    in_stack = [
        i for i, word in enumerate(words) if stack.left <= _middle(word.box)[0] <= stack.right
    ]
    runs: list[list[list[int]]] = [[]]
    for top, bottom in pairwise(stack.heights):
        band = [i for i in in_stack if top < _middle(words[i].box)[1] <= bottom]
        if not band:
            continue  # a double rule
        if _is_row(words, band, edges):
            runs[-1].append(band)
        else:
            runs.append([])
    return max(
        runs,
        key=lambda run: sum(_holds(table.box, words[i].box) for band in run for i in band),
    )


def _is_row(words: Sequence[DraftWord], band: Sequence[int], edges: Sequence[int]) -> bool:
    """Say whether words stand in each column, few lines in the first, and none across two."""
    boxes = [words[i].box for i in band]
    if any(box[0] < edge < box[2] for box in boxes for edge in edges[1:-1]):
        return False
    of_column = [
        [box for box in boxes if left <= _middle(box)[0] < right] for left, right in pairwise(edges)
    ]
    lines = {words[i].line for i in band if words[i].box in of_column[0]}
    return all(of_column) and len(lines) <= _MAX_LINES


def _joins_rows(words: Sequence[DraftWord], band: Sequence[int], table: Region) -> bool:
    """Say whether two amounts that the model has in rows of their own would be in one cell."""
    columns_of_amounts: set[int] = set()
    for cell in table.cells:
        text = " ".join(words[i].text for i in band if _holds(cell.box, words[i].box))
        if not cell.column or not any(map(str.isdigit, text)) or not is_amount(text):
            continue
        if cell.column in columns_of_amounts:
            return True
        columns_of_amounts.add(cell.column)
    return False


def _table(
    words: Sequence[DraftWord],
    bands: Sequence[Sequence[int]],
    edges: Sequence[int],
    table: Region,
) -> Region:
    """Return a table with a row for each band; the first has its heads, where it has a few words a cell."""
    cells: list[RegionCell] = []
    for row, band in enumerate(bands):
        top, bottom = (
            min(words[i].box[1] for i in band),
            max(words[i].box[3] for i in band),
        )
        for column, (left, right) in enumerate(pairwise(edges)):
            is_head = row == 0 and len(band) <= _MAX_HEAD_WORDS * (len(edges) - 1)
            cells.append(RegionCell(row, column, (left, top, right, bottom), is_head=is_head))
    box = (cells[0].box[0], cells[0].box[1], cells[-1].box[2], cells[-1].box[3])
    return Region(table.kind, box, tuple(cells))


def _middle(box: PageBox) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _holds(box: PageBox, inner_box: PageBox) -> bool:
    """Say whether a box holds the centre of another one."""
    x, y = _middle(inner_box)
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
