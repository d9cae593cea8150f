"""Find where a page shows ink that its words do not account for.

Ink is edges between neighbouring pixels of a small grey copy: a photograph's soft changes, a ground of one
colour and a gradient have none, whatever their colour; a rule or a frame is a run of edges much longer than
a letter and does not count. What is left is gathered into areas, and the detector of the OCR, which costs a
share of a page's price there, says which of them hold print.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.base.pages import BOX_SCALE, Boxes, FractionBox
from indexer.ocr.boxes import join_overlapping

_LOOK_SIDE_PX = 720  # long side of the grey copy; a page image of more than twice as much is halved
_EDGE_STEP = 40  # of 255, between neighbouring pixels; scanner noise and gradients stay below
_RULE_PX = 28  # a straight run of edges at least this long is a rule, a frame, a bar
_MARGIN_PX = 2  # around each word: accents and anti-aliasing reach over its box
_CELL_PX = 8
_CELL_EDGES = 5  # a cell with fewer is empty: noise, the end of a rule
_AREA_EDGES = 40  # of an area that is looked at: one short word has about 60
_REACH = 2  # cells: what is as near as this is one area
_AROUND = (
    5,
    3,
)  # cells beside and above: the detector needs ground around print, and rows their cells
WHOLE_PAGE = 0.6  # areas that cover this share of a page are read as one


class InkArea(NamedTuple):
    """box in fractions of the page; edges counts the pixels of ink."""

    box: FractionBox
    edges: int


class Ink(NamedTuple):
    """share 0..1 of the page's pixels that are ink outside the words; the areas where it lies."""

    share: float
    areas: list[InkArea]


def ink_outside(image: Image.Image, word_boxes: Boxes) -> Ink:
    """Find the ink outside of boxes (W, 4)."""
    grey = _grey_copy(image)
    edges = _edges(grey)
    height, width = edges.shape
    scale = np.array([width, height, width, height]) / BOX_SCALE
    margin = np.array([-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX + 1, _MARGIN_PX + 1])
    for x0, y0, x1, y1 in np.maximum((word_boxes * scale + margin).astype(np.int64), 0):
        edges[y0:y1, x0:x1] = False
    return Ink(float(edges.mean()), list(_areas(edges)))


def _grey_copy(image: Image.Image) -> NDArray[np.int16]:
    long_side = max(image.size)
    side = long_side // 2 if long_side > 2 * _LOOK_SIDE_PX else _LOOK_SIDE_PX
    small = image.convert("L")
    small.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(small, np.int16)


def _edges(grey: NDArray[np.int16]) -> NDArray[np.bool_]:
    across = np.zeros(grey.shape, np.bool_)
    down = np.zeros(grey.shape, np.bool_)
    across[:, 1:] = np.abs(np.diff(grey, axis=1)) > _EDGE_STEP
    down[1:] = np.abs(np.diff(grey, axis=0)) > _EDGE_STEP
    rules = _long_runs(down) | _long_runs(across.T).T
    edges: NDArray[np.bool_] = (across | down) & ~rules
    return edges


def _long_runs(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of runs along a row that are at least as long as a rule."""
    height, width = mask.shape
    if width < _RULE_PX:
        return np.zeros_like(mask)
    sums = np.zeros((height, width + 1), np.int32)
    np.cumsum(mask, axis=1, out=sums[:, 1:])
    full = sums[:, _RULE_PX:] - sums[:, :-_RULE_PX] == _RULE_PX  # a run begins here
    counts = np.zeros((height, width + 1), np.int32)
    counts[:, : full.shape[1]] += full
    counts[:, _RULE_PX : _RULE_PX + full.shape[1]] -= full
    long_runs: NDArray[np.bool_] = np.cumsum(counts, axis=1)[:, :width] > 0
    return long_runs


def _areas(edges: NDArray[np.bool_]) -> Iterator[InkArea]:
    height, width = edges.shape
    n_rows, n_columns = -(-height // _CELL_PX), -(-width // _CELL_PX)
    canvas = np.zeros((n_rows * _CELL_PX, n_columns * _CELL_PX), np.bool_)
    canvas[:height, :width] = edges
    cells = canvas.reshape(n_rows, _CELL_PX, n_columns, _CELL_PX).sum(axis=(1, 3))
    boxes: list[FractionBox] = []
    for members in _components(cells >= _CELL_EDGES):
        rows, columns = members[:, 0], members[:, 1]
        if cells[rows, columns].sum() >= _AREA_EDGES:
            boxes.append(
                (
                    int(columns.min()) - _AROUND[0],
                    int(rows.min()) - _AROUND[1],
                    int(columns.max()) + 1 + _AROUND[0],
                    int(rows.max()) + 1 + _AROUND[1],
                )
            )
    boxes = join_overlapping(boxes)
    if sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) > WHOLE_PAGE * n_rows * n_columns:
        boxes = [(0, 0, n_columns, n_rows)]
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        x0, y0, x1, y1 = map(int, box)
        inside = cells[max(y0, 0) : y1, max(x0, 0) : x1]
        yield InkArea(
            (
                max(x0 * _CELL_PX / width, 0.0),
                max(y0 * _CELL_PX / height, 0.0),
                min(x1 * _CELL_PX / width, 1.0),
                min(y1 * _CELL_PX / height, 1.0),
            ),
            int(inside.sum()),
        )


def _components(mask: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Yield the cells (row, column) of each group of cells that are near each other."""
    waiting = set(map(tuple, np.argwhere(mask).tolist()))
    while waiting:
        stack = [waiting.pop()]
        members = []
        while stack:
            row, column = stack.pop()
            members.append((row, column))
            for near_row in range(row - _REACH, row + _REACH + 1):
                for near_column in range(column - _REACH, column + _REACH + 1):
                    if (near_row, near_column) in waiting:
                        waiting.remove((near_row, near_column))
                        stack.append((near_row, near_column))
        yield np.array(members)
