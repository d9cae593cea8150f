"""Render parts of one page at a resolution of their own, in the child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def part_frame(display: Any, region: Sequence[float]) -> tuple[dict[str, Any], list[bytes]]:
    """Return header and pixels of a part of a page, grey or RGB.

    region  x0, y0, x1, y1 in fractions of the page, width and height in px, whether in colour
    """
    import pymupdf

    x0, y0, x1, y1, width, height, in_colour = region
    page = display.rect
    part = pymupdf.Rect(
        page.x0 + x0 * page.width,
        page.y0 + y0 * page.height,
        page.x0 + x1 * page.width,
        page.y0 + y1 * page.height,
    )
    matrix = pymupdf.Matrix(width / part.width, height / part.height)
    colours = pymupdf.csRGB if in_colour else pymupdf.csGRAY
    pixmap = display.get_pixmap(matrix=matrix, colorspace=colours, alpha=0, clip=part)
    return {"kind": "part", "size_px": (pixmap.width, pixmap.height)}, [pixmap.samples]
