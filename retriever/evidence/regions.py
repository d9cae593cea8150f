"""Evidence of a hit: the regions of the page that its best matching vectors look at.

Dimension key: T query tokens, N page vectors.

The similarities are those that MaxSim summed: no second model pass, the same for every encoder.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import (
    BOX_SCALE,
    Boxes,
    PageEmbedding,
    QueryEmbedding,
    enclosing,
    fraction_box,
)
from retriever.evidence.maxsim import similarities
from retriever.hits import Evidence

MAX_REGIONS = 5
# A token whose best match is far below the page's best one matched nothing in particular.
_RELATIVE_FLOOR = 0.5
# Boxes closer than this belong to one region: about a word space, and less than a line space.
_GAP_X = round(0.012 * BOX_SCALE)
_GAP_Y = round(0.004 * BOX_SCALE)


def evidence(query: QueryEmbedding, page: PageEmbedding) -> tuple[Evidence, ...]:
    """Return up to MAX_REGIONS regions, best first; a region's score is its share 0..1 of the page's.

    Each content token of the query points at the one vector it matches best; boxes that touch form one
    region.
    """
    if len(page.vectors) == 0:
        return ()
    tokens = query.vectors[query.content] if query.content.any() else query.vectors
    table = similarities(tokens, page.vectors)  # (T, N)
    best = table.argmax(axis=1)
    value = table[np.arange(len(table)), best].clip(min=0.0)
    is_match = value >= _RELATIVE_FLOOR * value.max()
    total = float(value.sum()) or 1.0
    regions = _regions(page.boxes[best[is_match]], value[is_match])
    regions.sort(key=lambda region: -region[1])
    return tuple(
        Evidence(fraction_box(box), round(score / total, 4)) for box, score in regions[:MAX_REGIONS]
    )


def _regions(boxes: Boxes, values: NDArray[np.float32]) -> list[tuple[NDArray[np.uint16], float]]:
    """Join boxes that touch; each region has the sum of its values."""
    regions: list[tuple[NDArray[np.uint16], float]] = []
    for box, value in zip(boxes, values, strict=True):
        region, score = box, float(value)
        apart = []
        for earlier, earlier_score in regions:
            if _touch(region, earlier):
                region = enclosing(np.stack([region, earlier]))
                score += earlier_score
            else:
                apart.append((earlier, earlier_score))
        regions = [*apart, (region, score)]
    return regions


def _touch(a: NDArray[np.uint16], b: NDArray[np.uint16]) -> bool:
    ax0, ay0, ax1, ay1 = map(int, a)
    bx0, by0, bx1, by1 = map(int, b)
    return (
        ax0 <= bx1 + _GAP_X and bx0 <= ax1 + _GAP_X and ay0 <= by1 + _GAP_Y and by0 <= ay1 + _GAP_Y
    )
