"""Find what is inside of a box."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.pages import BOX_SCALE
from indexer.base.regions import Region
from indexer.layout.drafts import DraftWord

NO_REGION = -1
_WHOLE_PAGE = 0.5  # a picture of this share is a scan


def words_inside(words: Sequence[DraftWord], box: PageBox, used_words: set[int]) -> list[int]:
    """Return the positions of the page's own words that are not taken and have their centre in `box`."""
    x0, y0, x1, y1 = box
    return [
        i
        for i, word in enumerate(words)
        if word.position is not None
        and i not in used_words
        and x0 <= (word.box[0] + word.box[2]) / 2 <= x1
        and y0 <= (word.box[1] + word.box[3]) / 2 <= y1
    ]


def owners_of(
    boxes: Sequence[Sequence[int]], region_boxes: Sequence[Sequence[int]]
) -> NDArray[np.int64]:
    """Return for each box (W, 4) the number of the smallest region that holds its centre; -1 for none."""
    owners = np.full(len(boxes), NO_REGION, np.int64)
    if not len(boxes):
        return owners
    centres = np.asarray(boxes, np.float64).reshape(-1, 2, 2).mean(axis=1)
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in region_boxes]
    for number in sorted(range(len(region_boxes)), key=lambda i: -areas[i]):
        x0, y0, x1, y1 = region_boxes[number]
        inside = (centres >= (x0, y0)).all(axis=1) & (centres <= (x1, y1)).all(axis=1)
        owners[inside] = number
    return owners


def free_words(
    owners: NDArray[np.int64],
    regions: Sequence[Region],
    kinds: Set[BlockKind],
    used_words: set[int],
) -> list[int]:
    """Return the positions of words that are not taken, and in no region of these kinds.

    owners  (W,) as `owners_of` has them
    """
    return [
        i
        for i, owner in enumerate(owners.tolist())
        if i not in used_words and (owner == NO_REGION or regions[owner].kind not in kinds)
    ]


def fills_page(box: PageBox) -> bool:
    """Say whether a picture of this box is a scan: what is read on it has blocks of its own."""
    x0, y0, x1, y1 = box
    return (x1 - x0) * (y1 - y0) > _WHOLE_PAGE * BOX_SCALE**2
