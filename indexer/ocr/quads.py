"""Turn the corners of lines so that they begin where the line does. Pure geometry.

Dimension key: L lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Quads = NDArray[
    np.float64
]  # (L, 4, 2) px; of the line: top left, top right, bottom right, bottom left

STANDING = 1.5  # height over width from which a line runs up or down the page


def sides(quads: Quads) -> NDArray[np.float64]:
    """Return the length along and the height across of each line (L, 2)."""
    along = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    across = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return np.stack([along, across], axis=1)


def standing(quads: Quads) -> NDArray[np.bool_]:
    """Return which lines (L,) are higher than wide, as they lie on the page."""
    extent = quads.max(axis=1) - quads.min(axis=1)
    tall: NDArray[np.bool_] = extent[:, 1] > STANDING * extent[:, 0]
    return tall


def turn_lines(quads: Quads, quarters: int) -> Quads:
    """Let the lines begin at a corner further on: by 1 they are read downwards, by 2 upside down.

    Corners count clockwise from the top left of the page: quarters 0 reads to the right, 1 down, 2 to the
    left, 3 up.
    """
    return np.roll(quads, -quarters, axis=1)


def page_turned(quads: Quads, quarters: int, size: tuple[int, int]) -> Quads:
    """Return the lines as they lie when a page of (width, height) px is turned until they are upright."""
    width, height = size
    x, y = quads[..., 0], quads[..., 1]
    places = {
        0: (x, y),
        1: (y, width - x),
        2: (width - x, height - y),
        3: (height - y, x),
    }[quarters % 4]
    return np.stack(places, axis=-1)


def frames(quads: Quads) -> NDArray[np.float64]:
    """Return the upright frame (L, 4) x0, y0, x1, y1 of each line."""
    return np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)
