"""Lay the boxes of a page out as on an upright page that is read from left to right, in points."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import BOX_SCALE
from indexer.base.regions import TextDirection


class Upright(NamedTuple):
    """How a page of `width` x `height` points is turned, and mirrored where it is read from the right."""

    width: float
    height: float
    direction: TextDirection
    is_mirrored: bool

    def frames(self, boxes: Sequence[Sequence[int]] | NDArray[np.uint16]) -> NDArray[np.float64]:
        """Return frames (N, 4) x0, y0, x1, y1 in points of boxes (N, 4)."""
        steps = np.asarray(boxes, np.float64).reshape(-1, 4) / BOX_SCALE
        x0, y0, x1, y1 = (steps * [self.width, self.height, self.width, self.height]).T
        match self.direction:
            case TextDirection.UP:
                frames = (self.height - y1, x0, self.height - y0, x1)
            case TextDirection.DOWN | TextDirection.COLUMNS:
                frames = (y0, self.width - x1, y1, self.width - x0)
            case TextDirection.UPSIDE_DOWN:
                frames = (self.width - x1, self.height - y1, self.width - x0, self.height - y0)
            case _:
                frames = (x0, y0, x1, y1)
        left, top, right, bottom = frames
        if self.is_mirrored:
            left, right = -right, -left
        return np.stack([left, top, right, bottom], axis=1)


def is_read_from_the_right(texts: Sequence[str]) -> bool:
    """Say whether most letters of a page are Hebrew or Arabic."""
    kinds = [unicodedata.bidirectional(text[0]) for text in texts if text]
    n_right = sum(kind in ("R", "AL") for kind in kinds)
    return n_right > kinds.count("L")
