"""The rules of a page's tables, in points of the upright page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region

_SAME_HEIGHT = 3.0  # points: rules so near are one


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
            if _covered_length(near[:, 0], near[:, 2], left, right) >= share * (right - left):
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
            if all(any(abs(y - other_y) <= _SAME_HEIGHT for other_y in ys) for ys in of_columns)
        ]

    def parts(self, x0: float, x1: float, top: float, bottom: float, share: float) -> bool:
        """Say whether an upright rule between x0 and x1 covers this share of top..bottom."""
        middles = (self.upright[:, 0] + self.upright[:, 2]) / 2
        near = self.upright[(middles >= x0) & (middles <= x1)]
        return _covered_length(near[:, 1], near[:, 3], top, bottom) >= share * (bottom - top)


def rules_inside(rules: Sequence[PageBox], regions: Sequence[Region]) -> tuple[PageBox, ...]:
    """Return the rules that touch a table of a page."""
    tables = [region.box for region in regions if region.kind == BlockKind.TABLE and region.cells]
    return tuple(
        rule
        for rule in rules
        if any(
            box[0] < rule[2] and rule[0] < box[2] and box[1] < rule[3] and rule[1] < box[3]
            for box in tables
        )
    )


def _covered_length(
    starts: NDArray[np.float64], stops: NDArray[np.float64], first: float, last: float
) -> float:
    """Return how much of first..last intervals cover."""
    covered_length, reach = 0.0, first
    for i in np.argsort(starts).tolist():
        start, stop = max(float(starts[i]), reach), min(float(stops[i]), last)
        if stop > start:
            covered_length += stop - start
            reach = stop
    return covered_length
