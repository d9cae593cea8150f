"""Evidence of a hit: the regions of the page that its best matching vectors look at.

Dimension key: T query tokens, N page vectors.

The similarities are those that MaxSim summed: no second model pass, the same for every encoder. Where the
layout of the page is known a region is a whole area of it, else what lies around the best vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import (
    BOX_SCALE,
    Boxes,
    PageEmbedding,
    PageWords,
    QueryEmbedding,
    enclosing,
    fraction_box,
)
from retriever.evidence.area_evidence import best_areas
from retriever.evidence.maxsim import similarities
from retriever.evidence.page_areas import areas_of
from retriever.hits import Evidence

MAX_REGIONS = 5
# A token whose best match is far below the page's best one matched nothing in particular.
_RELATIVE_FLOOR = 0.5
_TINY = 1e-6  # similarity of a token that matches nothing at all
# Boxes closer than this belong to one region: about a word space, and less than a line space.
_GAP_X = round(0.012 * BOX_SCALE)
_GAP_Y = round(0.004 * BOX_SCALE)


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a page as evidence, and its words start..stop; none where no layout knows them."""

    evidence: Evidence
    start: int = 0
    stop: int = 0


def evidence_regions(
    query: QueryEmbedding,
    page: PageEmbedding,
    words: PageWords = PageWords(),  # noqa: B008 - frozen
) -> tuple[Region, ...]:
    """Return a few regions, best first; a region's score is its share 0..1 of the page's.

    words  of the page: where they have a layout, up to three areas of it that the content tokens of the query
           match best; else up to MAX_REGIONS boxes, joined where they touch, of the vector that each token
           matches best
    """
    if len(page.vectors) == 0:
        return ()
    tokens = query.vectors[query.content] if query.content.any() else query.vectors
    table = similarities(tokens, page.vectors)  # (T, N)
    value = table.max(axis=1).clip(min=0.0)
    is_match = value >= max(_RELATIVE_FLOOR * float(value.max()), _TINY)
    total = float(value.sum()) or 1.0
    areas = areas_of(words)
    if areas and is_match.any():
        best = best_areas(table[is_match], page.boxes, areas)
        if best:
            return tuple(
                Region(
                    Evidence(fraction_box(area.box), round(gain / total, 4)), area.start, area.stop
                )
                for area, gain in best
            )
    return _around_vectors(table, value, page.boxes, total)


def word_regions(words: PageWords, terms_of: Sequence[frozenset[str]]) -> tuple[Region, ...]:
    """Return the regions in which most terms of a query stand, best first; none where there is no term.

    terms_of  for each word of the page (N,), which terms of the query it has
    """
    terms = sorted(frozenset[str]().union(*terms_of))
    table = np.array([[term in of_word for of_word in terms_of] for term in terms], np.float32)
    if not terms:
        return ()
    best = best_areas(table, words.boxes, areas_of(words)) if len(words.layout.blocks) else []
    if not best:
        return _around_vectors(table, np.ones(len(terms), np.float32), words.boxes, len(terms))
    return tuple(
        Region(Evidence(fraction_box(area.box), round(gain / len(terms), 4)), area.start, area.stop)
        for area, gain in best
    )


def _around_vectors(
    table: NDArray[np.float32], value: NDArray[np.float32], boxes: Boxes, total: float
) -> tuple[Region, ...]:
    """Return up to MAX_REGIONS regions of the vectors that tokens match best."""
    is_match = value >= _RELATIVE_FLOOR * value.max()
    regions = _regions(boxes[table.argmax(axis=1)[is_match]], value[is_match])
    regions.sort(key=lambda region: -region[1])
    return tuple(
        Region(Evidence(fraction_box(box), round(score / total, 4)))
        for box, score in regions[:MAX_REGIONS]
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
