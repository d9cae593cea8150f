"""Finds the page vectors that look at a passage, for word vectors and image patches alike.

Dimension key: N page vectors, P passages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from generator.passages.splitting.passage import Passage
from indexer.base.pages import Boxes, PageEmbedding, QueryEmbedding
from retriever.evidence.maxsim import similarities

# Of the smaller of the two areas. Word boxes of neighbouring lines overlap less than this; a patch
# that is two lines high overlaps each of them more.
_MIN_OVERLAP = 1 / 3


def standing_in(boxes: Boxes, passages: Sequence[Passage]) -> Iterator[NDArray[np.int64]]:
    """Yield for each of P passages the vectors, as positions 0..N-1, whose boxes lie in one of its lines."""
    if len(boxes) == 0:
        yield from (np.zeros(0, np.int64) for _ in passages)
        return
    corners = boxes.astype(np.float64)
    middles = (corners[:, 1] + corners[:, 3]) / 2
    order = np.argsort(middles, kind="stable")
    middles = middles[order]
    reach = float((corners[:, 3] - corners[:, 1]).max()) / 2
    for passage in passages:
        inside = []
        for part in passage.parts.astype(np.float64):
            first, last = np.searchsorted(middles, (part[1] - reach, part[3] + reach), "left")
            near = order[first : last + 1]
            inside.append(near[_overlap(corners[near], part) >= _MIN_OVERLAP])
        yield np.unique(np.concatenate(inside))


def least_similarity(query: QueryEmbedding, embedding: PageEmbedding, passage: Passage) -> float:
    """Return the similarity in a passage of the content token that it matches worst; 0 without vectors."""
    tokens = query.vectors[query.content] if query.content.any() else query.vectors
    (inside,) = standing_in(embedding.boxes, [passage])
    if not len(inside):
        return 0.0
    return float(similarities(tokens, embedding.vectors[inside]).max(axis=1).min())


def _overlap(boxes: NDArray[np.float64], part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the smaller area that each box and the part have in common, edges included."""
    low = np.maximum(boxes[:, :2], part[:2])
    high = np.minimum(boxes[:, 2:], part[2:])
    common = (high - low + 1).clip(min=0.0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2] + 1).prod(axis=1)
    return np.asarray(common / np.minimum(areas, (part[2:] - part[:2] + 1).prod()))
