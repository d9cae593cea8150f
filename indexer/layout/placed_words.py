"""Name what the readers of a text layer hand to each other. Standard library only, for the child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Box = tuple[float, float, float, float]
Run = tuple[int, int]  # MuPDF's block and line


class PlacedWord(NamedTuple):
    """A word in points: its box, the run and then the line it stands on, its marks, where its text runs."""

    text: str
    box: Box
    run: Run
    line: int = 0
    marks: int = 0  # of `indexer.base.word_marks`
    axis: tuple[int, int] = (1, 0)

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


def enclosing(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes, one or more."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def axis_of(direction: Sequence[float]) -> tuple[int, int]:
    """Return the axis that a writing direction is nearest to, as (x, y) with y down."""
    x, y = direction
    if abs(y) > abs(x):
        return (0, 1 if y > 0 else -1)
    return (1 if x >= 0 else -1, 0)


def along(box: Box, axis: tuple[int, int]) -> Box:
    """Return a box as it lies when the page is turned so that text along `axis` is upright."""
    match axis:
        case (1, 0):
            return box
        case (-1, 0):
            return -box[2], -box[3], -box[0], -box[1]
        case (0, -1):
            return -box[3], box[0], -box[1], box[2]
        case _:
            return box[1], -box[2], box[3], -box[0]
