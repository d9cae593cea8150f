"""Put the text lines that OCR found on a page in reading order.

Dimension key: L lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.layout.cut import Frames, rows_in_order

Quads = NDArray[
    np.float64
]  # (L, 4, 2) corners in px: top left, top right, bottom right, bottom left

_MIN_SKEW_ASPECT = 4.0  # the corners of a shorter line are a pixel or two off: degrees
_MIN_SKEW_LINES = 3


def rows_in_reading_order(quads: Quads) -> list[list[int]]:
    """Return rows of line numbers 0..L-1: rows in reading order, each from left to right."""
    return rows_in_order(_upright(quads)) if len(quads) else []


def _upright(quads: Quads) -> Frames:
    """Return the lines' frames without the page's skew, which the widest lines show best."""
    along = quads[:, 1] - quads[:, 0]
    widths = np.hypot(along[:, 0], along[:, 1])
    heights = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    skew = 0.0
    if np.count_nonzero(widths >= _MIN_SKEW_ASPECT * heights) >= _MIN_SKEW_LINES:
        widest = np.argsort(widths)[-max(_MIN_SKEW_LINES, len(widths) // 2) :]
        skew = float(np.median(np.arctan2(along[widest, 1], along[widest, 0])))
    cos, sin = np.cos(skew), np.sin(skew)
    upright_quads = quads @ np.array([[cos, -sin], [sin, cos]])
    return np.concatenate([upright_quads.min(axis=1), upright_quads.max(axis=1)], axis=1)
