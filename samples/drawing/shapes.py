"""Lines and areas on a page. Lengths are points, x grows to the right and y grows down."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pymupdf

Point = tuple[float, float]


def rgb(colour: str) -> tuple[float, float, float]:
    """A colour "#rrggbb" as three shares of 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def ring(centre: Point, radius: float, start: float, end: float, step: float = 3.0) -> list[Point]:
    """Points along an arc; degrees clockwise from twelve o'clock."""
    count = max(2, round(abs(end - start) / step) + 1)
    angles = [math.radians(start + (end - start) * i / (count - 1)) for i in range(count)]
    x, y = centre
    return [(x + radius * math.sin(a), y - radius * math.cos(a)) for a in angles]


class Shapes:
    """Collects the shapes of one page."""

    def __init__(self, page: pymupdf.Page) -> None:
        self.page = page
        self._shape = page.new_shape()

    def finish(self) -> None:
        """Write the shapes to the page."""
        self._shape.commit()

    def _finish_shape(
        self,
        fill: str | None,
        stroke: str | None,
        width: float,
        dash: str | None = None,
        close: bool = True,
    ) -> None:
        self._shape.finish(
            width=width if stroke else 0,
            color=rgb(stroke) if stroke else None,
            fill=rgb(fill) if fill else None,
            dashes=dash,
            closePath=close,
            lineJoin=1,
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str | None = None,
        stroke: str | None = None,
        weight: float = 0.8,
        radius: float = 0.0,
        dash: str | None = None,
    ) -> None:
        """A rectangle by its top left corner and size; `radius` rounds the corners."""
        share = min(0.5, radius / min(width, height)) if radius else None
        self._shape.draw_rect(pymupdf.Rect(x, y, x + width, y + height), radius=share)
        self._finish_shape(fill, stroke, weight, dash)

    def line(
        self, start: Point, end: Point, stroke: str, weight: float = 0.8, dash: str | None = None
    ) -> None:
        """A straight stroke."""
        self._shape.draw_line(start, end)
        self._finish_shape(None, stroke, weight, dash)

    def path(
        self, points: Sequence[Point], stroke: str, weight: float = 0.8, dash: str | None = None
    ) -> None:
        """An open stroke through the points."""
        self._shape.draw_polyline(points)
        self._finish_shape(None, stroke, weight, dash, close=False)

    def polygon(
        self,
        points: Sequence[Point],
        fill: str | None = None,
        stroke: str | None = None,
        weight: float = 0.8,
    ) -> None:
        """A closed outline through the points."""
        self._shape.draw_polyline([*points, points[0]])
        self._finish_shape(fill, stroke, weight)

    def circle(
        self,
        centre: Point,
        radius: float,
        fill: str | None = None,
        stroke: str | None = None,
        weight: float = 0.8,
    ) -> None:
        """A circle about its centre."""
        self._shape.draw_circle(centre, radius)
        self._finish_shape(fill, stroke, weight)

    def ellipse(
        self,
        centre: Point,
        across: float,
        down: float,
        fill: str | None = None,
        stroke: str | None = None,
        weight: float = 0.8,
    ) -> None:
        """An ellipse by its centre and its two radii."""
        x, y = centre
        self._shape.draw_oval(pymupdf.Rect(x - across, y - down, x + across, y + down))
        self._finish_shape(fill, stroke, weight)

    def arrow(
        self, start: Point, end: Point, stroke: str, weight: float = 1.0, head: float = 6.0
    ) -> None:
        """A stroke with a solid head at its end."""
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        back = (end[0] - head * math.cos(angle), end[1] - head * math.sin(angle))
        side = (head * 0.42 * math.sin(angle), -head * 0.42 * math.cos(angle))
        self.line(start, back, stroke, weight)
        corners = [end, (back[0] + side[0], back[1] + side[1])]
        self.polygon([*corners, (back[0] - side[0], back[1] - side[1])], fill=stroke)
