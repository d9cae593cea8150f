"""The rules of a page's tables, in points of the upright page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SAME_HEIGHT = 2.0  # points: rules so near are one


class TableRules(NamedTuple):
    """Rules (R, 4) as x0, y0, x1, y1: those across, and those that stand upright."""

    across: NDArray[np.float64]
    upright: NDArray[np.float64]

    @classmethod
    def of_frames(cls, frames: NDArray[np.float64]) -> TableRules:
        is_across = frames[:, 2] - frames[:, 0] >= frames[:, 3] - frames[:, 1]
        return cls(frames[is_across], frames[~is_across])

    def heights(self, left: float, right: float, share: float) -> list[float]:
        """Return the heights at which rules cover this share of left..right, from top to bottom."""
        middles = (self.across[:, 1] + self.across[:, 3]) / 2
        heights: list[float] = []
        for y in np.sort(middles).tolist():
            if heights and y - heights[-1] <= _SAME_HEIGHT:
                continue
            near = self.across[np.abs(middles - y) <= _SAME_HEIGHT]
            if _covered(near[:, 0], near[:, 2], left, right) >= share * (right - left):
                heights.append(y)
        return heights

    def heights_below_all(
        self, columns: Sequence[tuple[float, float]], share: float
    ) -> list[float]:
        """Return the heights at which rules cover this share of each column, whatever is between columns."""
        of_columns = [self.heights(left, right, share) for left, right in columns]
        return [
            y
            for y in (of_columns[0] if of_columns else [])
            if all(any(abs(y - other) <= _SAME_HEIGHT for other in ys) for ys in of_columns)
        ]

    def parts(self, x0: float, x1: float, top: float, bottom: float, share: float) -> bool:
        """Say whether an upright rule between x0 and x1 covers this share of top..bottom."""
        middles = (self.upright[:, 0] + self.upright[:, 2]) / 2
        near = self.upright[(middles >= x0) & (middles <= x1)]
        return _covered(near[:, 1], near[:, 3], top, bottom) >= share * (bottom - top)


def _covered(
    starts: NDArray[np.float64], stops: NDArray[np.float64], first: float, last: float
) -> float:
    """Return how much of first..last intervals cover."""
    covered, reach = 0.0, first
    for i in np.argsort(starts).tolist():
        start, stop = max(float(starts[i]), reach), min(float(stops[i]), last)
        if stop > start:
            covered += stop - start
            reach = stop
    return covered
