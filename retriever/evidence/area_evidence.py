"""Evidence on a page with a layout: the few areas in which the question's words find their match.

Dimension key: T content tokens of the query, N page vectors, A areas of the page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import Boxes
from retriever.evidence.page_areas import PageArea

MAX_AREAS = 3
# A token that matches half as well as its best says little about where: the power at which it counts.
_SHARPNESS = 4
# Of the matches of the first area: a further one that adds less than this is not worth a look.
_MIN_GAIN = 0.2
# A vector looks at an area if they share this much of the shorter side, along both axes.
_MIN_OVERLAP = 0.5

Matches = NDArray[np.float32]


def best_areas(
    table: NDArray[np.float32], boxes: Boxes, areas: Sequence[PageArea]
) -> list[tuple[PageArea, float]]:
    """Choose up to MAX_AREAS areas, best first, each with what it adds to the matches of those before.

    table  (T, N) similarities of the tokens that match something
    boxes  (N, 4) what each page vector looks at
    """
    matches = _matches(table, boxes, areas)  # (T, A)
    weights = np.array([area.weight for area in areas], np.float32)
    best_so_far = np.zeros(len(table), np.float32)
    is_free = np.ones(len(areas), bool)
    choices: list[tuple[PageArea, float]] = []
    while len(choices) < MAX_AREAS and is_free.any():
        gains = (matches - best_so_far[:, None]).clip(min=0.0).sum(axis=0)
        best = int(np.where(is_free, gains * weights, -1.0).argmax())
        gain = float(gains[best])
        if gain <= 0 or (choices and gain < _MIN_GAIN * choices[0][1]):
            break
        choices.append((areas[best], gain))
        best_so_far = np.maximum(best_so_far, matches[:, best])
        is_free &= [not area.overlaps(areas[best]) for area in areas]
    return sorted(choices, key=lambda choice: -choice[1])


def _matches(table: NDArray[np.float32], boxes: Boxes, areas: Sequence[PageArea]) -> Matches:
    """Return how well each token (T,) matches in each area (A,): its best similarity where that is there."""
    best = table.max(axis=1, keepdims=True)
    near_best = (table >= 0.5 * best).any(axis=0)  # what is further off counts for nothing
    table = table[:, near_best]
    area_boxes = np.array([area.box for area in areas], np.float32)
    inside = _looks_at(boxes[near_best].astype(np.float32), area_boxes)
    matches = np.zeros((len(table), len(areas)), np.float32)
    area_of_pair, vector_of_pair = np.nonzero(inside.T)
    if len(area_of_pair):
        seen_areas, first_pairs = np.unique(area_of_pair, return_index=True)
        matches[:, seen_areas] = np.maximum.reduceat(table[:, vector_of_pair], first_pairs, axis=1)
    return np.asarray(best * (matches.clip(min=0.0) / best) ** _SHARPNESS, np.float32)


def _looks_at(boxes: NDArray[np.float32], areas: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which vectors look at which areas, (N, A)."""
    inside = np.ones((len(boxes), len(areas)), bool)
    for low, high in ((0, 2), (1, 3)):
        common = np.minimum(boxes[:, None, high], areas[None, :, high]) - np.maximum(
            boxes[:, None, low], areas[None, :, low]
        )
        sides = np.minimum(
            (boxes[:, high] - boxes[:, low])[:, None], (areas[:, high] - areas[:, low])[None, :]
        )
        inside &= common >= _MIN_OVERLAP * sides
    return inside
