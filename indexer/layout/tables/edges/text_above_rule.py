"""Take text into the last cell of a table that goes on to a rule further down than the layout model saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region
from indexer.layout.drafts import DraftWord
from indexer.layout.tables.edges.page_pieces import (
    NO_PART_OF_TABLE,
    PagePieces,
    columns_of,
    with_grown_tables,
)

_SAME_EDGE = 0.01 * 65535  # of the page
_WHOLE = 0.9  # of the table's width: a rule between its rows
_NO_PART = NO_PART_OF_TABLE - {BlockKind.LIST_ITEM}


def with_text_above_rule(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    regions: Sequence[Region],
    rules: Sequence[PageBox],
) -> tuple[Region, ...]:
    """Return the regions of an upright page; a table whose rows rules part reaches down to its last rule.

    All words between its last row and that rule stand in its last column.
    """
    if not rules:
        return tuple(regions)
    return with_grown_tables(words, frames, regions, partial(_grown, rules=rules))


def _grown(page: PagePieces, region: Region, rules: Sequence[PageBox]) -> Region:
    columns = columns_of(region)
    own = [i for i, word in enumerate(page.words) if _is_inside(word.box, region.box)]
    if len(columns) < 2 or not own:
        return region
    bottom = max(page.words[i].box[3] for i in own)
    end = _last_rule(region, rules, bottom)
    if end is None:
        return region
    behind = [
        i
        for i, word in enumerate(page.words)
        if i not in set(own) and _is_inside(word.box, (end[0], bottom, end[2], end[1]))
    ]
    is_of_last_column = all(
        page.words[i].box[0] >= columns[-1][0] - _SAME_EDGE for i in behind
    ) and page.are_free(behind, _NO_PART)
    if not behind or not is_of_last_column:
        return region
    page.taken_words.update(behind)
    last = max(cell.row + cell.n_rows for cell in region.cells)
    cells = tuple(
        replace(cell, box=(*cell.box[:3], end[1])) if cell.row + cell.n_rows == last else cell
        for cell in region.cells
    )
    x0, y0, x1, _ = region.box
    x1 = max([x1, *(page.words[i].box[2] for i in behind)])
    return Region(region.kind, (x0, y0, x1, end[1]), cells)


def _is_inside(word: PageBox, box: PageBox) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _last_rule(region: Region, rules: Sequence[PageBox], bottom: int) -> PageBox | None:
    """Return the next rule below the words of a table that is like one between its rows."""
    left, top, right, _ = region.box
    across = [rule for rule in rules if rule[2] - rule[0] >= _WHOLE * (right - left)]
    between = [rule for rule in across if top < rule[1] and rule[3] < bottom]
    below = sorted((rule for rule in across if rule[3] >= bottom), key=lambda rule: rule[1])
    if not between or not below:
        return None
    is_like = all(abs(between[0][at] - below[0][at]) <= _SAME_EDGE for at in (0, 2))
    return below[0] if is_like else None
