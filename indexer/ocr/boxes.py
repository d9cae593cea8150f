"""Arithmetic of upright boxes (x0, y0, x1, y1) in any one unit.

Dimension key: W words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import Boxes, FractionBox

_MOST_PAIRS = 1_000_000  # compared at once, which takes 80 bytes each
COVERED = 0.3  # share of the smaller box: OCR boxes are loose, words of one line still touch less


def share_inside(box: FractionBox, outer: FractionBox) -> float:
    """Return the share 0..1 of a box's area that lies in another."""
    width = min(box[2], outer[2]) - max(box[0], outer[0])
    height = min(box[3], outer[3]) - max(box[1], outer[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(width, 0.0) * max(height, 0.0) / area if area else 0.0


def join_overlapping(boxes: Sequence[FractionBox]) -> list[FractionBox]:
    """Join boxes that overlap, until none do."""
    apart: list[FractionBox] = []
    for x0, y0, x1, y1 in boxes:
        while True:
            outer = next(
                (b for b in apart if b[0] < x1 and x0 < b[2] and b[1] < y1 and y0 < b[3]), None
            )
            if outer is None:
                break
            apart.remove(outer)
            x0, y0 = min(x0, outer[0]), min(y0, outer[1])
            x1, y1 = max(x1, outer[2]), max(y1, outer[3])
        apart.append((x0, y0, x1, y1))
    return apart


def overlaps(a: Boxes, b: Boxes) -> NDArray[np.bool_]:
    """Say whether the boxes share a good part of the smaller one, pairwise: (W of a, W of b)."""
    if len(a) > 1 and len(a) * len(b) > _MOST_PAIRS:
        half = len(a) // 2
        return np.concatenate([overlaps(a[:half], b), overlaps(a[half:], b)])
    first, second = a.astype(np.float64), b.astype(np.float64)
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common_area = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    smaller = np.minimum(areas[0][:, None], areas[1][None, :])
    overlapping: NDArray[np.bool_] = common_area > COVERED * np.maximum(smaller, 1.0)
    return overlapping
