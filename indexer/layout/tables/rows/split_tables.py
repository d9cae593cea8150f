"""Join tables that the layout model has cut in two: one below the other, with the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.base.layout import BlockKind
from indexer.base.regions import Region, RegionCell
from indexer.layout.drafts import DraftWord, box_around
from indexer.layout.holding import owners_of

_SAME_EDGE = 0.006 * 65535  # of the page
_MAX_GAP = 0.6  # of the first row below


def join_split_tables(words: Sequence[DraftWord], regions: Sequence[Region]) -> tuple[Region, ...]:
    """Return the regions of a page; a table that begins where one of the same columns ends is part of it."""
    regions_left: list[Region] = []
    for region in sorted(regions, key=lambda r: r.box[1]):
        above = next((r for r in reversed(regions_left) if _goes_on(r, region)), None)
        if above is None:
            regions_left.append(region)
            continue
        at = next(i for i, r in enumerate(regions_left) if r is above)
        regions_left[at] = _join(words, above, region)
    order = {region.box[:2]: i for i, region in enumerate(regions)}
    return tuple(sorted(regions_left, key=lambda r: order.get(r.box[:2], 0)))


def _goes_on(above: Region, below: Region) -> bool:
    if above.kind != BlockKind.TABLE or below.kind != BlockKind.TABLE:
        return False
    first, second = _edges(above), _edges(below)
    if len(first) < 2 or len(first) != len(second):
        return False
    gap = below.box[1] - above.box[3]
    height = min(cell.box[3] - cell.box[1] for cell in below.cells if cell.row == 0)
    return abs(gap) <= _MAX_GAP * height and all(
        abs(a - b) <= _SAME_EDGE for a, b in zip(first, second, strict=True)
    )


def _edges(region: Region) -> list[int]:
    """Return where the columns begin."""
    lefts: dict[int, int] = {}
    for cell in region.cells:
        if cell.n_columns == 1:
            lefts[cell.column] = min(cell.box[0], lefts.get(cell.column, cell.box[0]))
    n_columns = max((cell.column + cell.n_columns for cell in region.cells), default=0)
    return [lefts[column] for column in sorted(lefts)] if len(lefts) == n_columns else []


def _join(words: Sequence[DraftWord], above: Region, below: Region) -> Region:
    n_rows = max(cell.row + cell.n_rows for cell in above.cells)
    is_named = _names_columns(words, below.cells)
    cells = [
        replace(cell, row=cell.row + n_rows, is_head=cell.is_head and is_named)
        for cell in below.cells
    ]
    return Region(above.kind, box_around([above.box, below.box]), (*above.cells, *cells))


def _names_columns(words: Sequence[DraftWord], cells: Sequence[RegionCell]) -> bool:
    """Say whether most heads behind the first column have letters."""
    heads = [cell for cell in cells if cell.is_head and cell.column > 0]
    owners = owners_of([word.box for word in words], [cell.box for cell in heads])
    named_columns = {
        owner
        for word, owner in zip(words, owners.tolist(), strict=True)
        if any(map(str.isalpha, word.text))
    }
    return len(named_columns - {-1}) > len(heads) / 2
