"""Compute sizes and areas of a page, in the child: standard library only."""

from __future__ import annotations

from indexer.inputs.sandbox.frames import RenderRequest

_POINTS_PER_INCH = 72.0
_GRID = 64
_MOST_PT = 1e8  # 35 km


def size_px(width_pt: float, height_pt: float, request: RenderRequest) -> tuple[int, int]:
    """Return width and height of the page image: under the caps, in proportion, at least 1 x 1."""
    if not (0 < width_pt < _MOST_PT and 0 < height_pt < _MOST_PT):
        raise ValueError("the page has no area, or no bounds")
    scale = min(
        request.page_dpi / _POINTS_PER_INCH,
        request.max_side_px / max(width_pt, height_pt),
        (request.max_page_px / (width_pt * height_pt)) ** 0.5,
    )
    side_limit_px = min(request.max_side_px, request.max_page_px)
    width_px = min(max(1, round(width_pt * scale)), side_limit_px)
    height_px = min(
        max(1, round(height_pt * scale)), side_limit_px, request.max_page_px // width_px
    )
    return width_px, height_px


def coverage(boxes: list[tuple[float, ...]], width: float, height: float) -> float:
    """Return the page's share under the union of ``boxes`` (points), by the centres of a grid's cells."""
    rows = [0] * _GRID
    for x0, y0, x1, y1 in boxes:
        left, right = _cells(x0 / width, x1 / width)
        top, bottom = _cells(y0 / height, y1 / height)
        mask = (1 << right) - (1 << left)
        for y in range(top, bottom):
            rows[y] |= mask
    return sum(row.bit_count() for row in rows) / _GRID**2


def _cells(low: float, high: float) -> tuple[int, int]:
    """Return the first and one past the last grid cell whose centre lies between two fractions; clipped."""
    first = round(min(1.0, max(0.0, low)) * _GRID)
    return first, max(first, round(min(1.0, max(0.0, high)) * _GRID))
