"""Sizes and areas of a page, in the child: standard library only."""

from __future__ import annotations

from indexer.inputs.sandbox.frames import Orders

_POINTS_PER_INCH = 72.0
_GRID = 64


def size_px(width_pt: float, height_pt: float, orders: Orders) -> tuple[int, int]:
    """Width and height of the page image: under the caps, in proportion, at least 1 x 1."""
    if not (0 < width_pt < float("inf") and 0 < height_pt < float("inf")):
        raise ValueError("the page has no area")
    scale = min(
        orders.page_dpi / _POINTS_PER_INCH,
        orders.max_side_px / max(width_pt, height_pt),
        (orders.max_page_px / (width_pt * height_pt)) ** 0.5,
    )
    most = min(orders.max_side_px, orders.max_page_px)
    width_px = min(max(1, round(width_pt * scale)), most)
    height_px = min(max(1, round(height_pt * scale)), most, orders.max_page_px // width_px)
    return width_px, height_px


def coverage(boxes: list[tuple[float, ...]], width: float, height: float) -> float:
    """Share of the page under the union of ``boxes`` (points), by the centres of a grid's cells."""
    rows = [0] * _GRID
    for x0, y0, x1, y1 in boxes:
        left, right = _cells(x0 / width, x1 / width)
        top, bottom = _cells(y0 / height, y1 / height)
        mask = (1 << right) - (1 << left)
        for y in range(top, bottom):
            rows[y] |= mask
    return sum(row.bit_count() for row in rows) / _GRID**2


def _cells(low: float, high: float) -> tuple[int, int]:
    """First and one past last grid cell whose centre lies between two fractions; clipped."""
    first = round(min(1.0, max(0.0, low)) * _GRID)
    return first, max(first, round(min(1.0, max(0.0, high)) * _GRID))
