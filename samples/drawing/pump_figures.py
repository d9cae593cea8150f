"""The line drawings of the pump manual: side view, exploded view, piping and wiring."""

from __future__ import annotations

from dataclasses import dataclass

from drawing.canvas import Canvas
from drawing.shapes import Point, ring
from drawing.typeset import Type

INK = "#2d3640"
STEEL = "#dfe5ea"
SHADE = "#c3ccd4"
ORANGE = "#d9661f"
WATER = "#cfe4f2"
TAG = Type("sans", 7.8, INK)


@dataclass(frozen=True)
class Pen:
    """A canvas with an origin and a scale, for drawing in the figure's own units."""

    canvas: Canvas
    x: float
    y: float
    scale: float = 1.0
    weight: float = 1.0

    def at(self, x: float, y: float) -> Point:
        """A point of the figure on the page."""
        return self.x + x * self.scale, self.y + y * self.scale

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str | None = STEEL,
        radius: float = 0.0,
    ) -> None:
        """An outlined rectangle."""
        left, top = self.at(x, y)
        scale = self.scale
        self.canvas.rect(
            left,
            top,
            width * scale,
            height * scale,
            fill=fill,
            stroke=INK,
            weight=self.weight,
            radius=radius * scale,
        )

    def line(self, *points: Point, stroke: str = INK, dash: str | None = None) -> None:
        """A stroke through the points."""
        self.canvas.path([self.at(*point) for point in points], stroke, self.weight, dash)

    def shape(self, *points: Point, fill: str | None = STEEL) -> None:
        """An outlined polygon."""
        self.canvas.polygon([self.at(*p) for p in points], fill, INK, self.weight)

    def disc(self, x: float, y: float, radius: float, fill: str | None = STEEL) -> None:
        """An outlined circle."""
        self.canvas.circle(self.at(x, y), radius * self.scale, fill, INK, self.weight)

    def oval(
        self, x: float, y: float, across: float, down: float, fill: str | None = STEEL
    ) -> None:
        """An outlined ellipse."""
        centre, scale = self.at(x, y), self.scale
        self.canvas.ellipse(centre, across * scale, down * scale, fill, INK, self.weight)


def side_view(pen: Pen, paint: str = STEEL) -> None:
    """The whole pump from the side, 330 x 200 units."""
    pen.box(20, 180, 310, 13, SHADE)
    for x in (38, 168, 298):
        pen.box(x, 175, 12, 5, INK)
    pen.shape((185, 158), (285, 158), (293, 180), (177, 180), fill=paint)
    pen.box(172, 80, 122, 80, paint, 6)
    for step in range(8):
        pen.line((180, 89 + step * 9), (286, 89 + step * 9))
    pen.box(294, 75, 26, 90, paint, 9)
    for step in range(5):
        pen.line((312, 96 + step * 12), (318, 96 + step * 12))
    pen.box(206, 55, 50, 26, SHADE, 3)
    pen.disc(256, 68, 5, paint)
    pen.shape((140, 92), (172, 84), (172, 156), (140, 148), fill=paint)
    pen.box(149, 106, 15, 30, "#ffffff", 2)
    pen.line((140, 121), (172, 121))
    pen.shape((68, 170), (132, 170), (140, 180), (60, 180), fill=paint)
    pen.box(57, 70, 90, 102, paint, 16)
    pen.box(88, 40, 28, 32, paint)
    pen.box(77, 31, 50, 10, SHADE)
    pen.box(32, 84, 26, 30, paint)
    pen.box(23, 74, 10, 50, SHADE)
    pen.disc(102, 122, 38, SHADE)
    pen.disc(102, 122, 28, paint)
    pen.disc(102, 122, 9, SHADE)
    for x, y in ring((102, 122), 33, 0, 315, 45):
        pen.disc(x, y, 2.2, INK)
    pen.box(126, 60, 12, 11, SHADE)
    pen.box(123, 55, 18, 6, ORANGE)
    pen.disc(70, 160, 4, ORANGE)


def balloon(canvas: Canvas, centre: Point, target: Point, text: str) -> None:
    """A number in a circle with a leader to what it names."""
    canvas.line(centre, target, INK, 0.6)
    canvas.circle(target, 1.4, fill=INK)
    canvas.circle(centre, 9, fill="#ffffff", stroke=ORANGE, weight=1.2)
    canvas.text(centre[0], centre[1] + 3, text, Type("sans-bold", 8.4, INK), "center")


def exploded_view(pen: Pen) -> None:
    """Ten parts along the shaft, with balloons; 480 x 210 units."""
    pen.line((0, 110), (480, 110), stroke=ORANGE, dash="[8 3 2 3] 0")
    # 1 casing
    pen.box(12, 62, 62, 100, STEEL, 12)
    pen.box(30, 40, 22, 24)
    pen.box(22, 33, 38, 8, SHADE)
    pen.oval(74, 110, 9, 40, SHADE)
    pen.oval(74, 110, 6, 28, "#ffffff")
    # 2 wear ring, 3 impeller, 4 key, 5 seal
    pen.oval(108, 110, 7, 26, SHADE)
    pen.oval(108, 110, 4.5, 19, "#ffffff")
    pen.oval(150, 110, 15, 44)
    pen.oval(142, 110, 15, 44)
    pen.oval(142, 110, 5, 14, SHADE)
    for angle in range(0, 360, 60):
        curve = [ring((0, 0), 14 + i * 7, angle + i * 16, angle + i * 16 + 1)[0] for i in range(5)]
        pen.line(*[(142 + x * 0.34, 110 + y) for x, y in curve])
    pen.box(176, 106, 20, 8, SHADE)
    for step in range(5):
        pen.oval(216 + step * 4, 110, 4, 15 - step, "#ffffff" if step % 2 else SHADE)
    # 6 O-ring, 7 back plate, 8 bracket, 9 shaft, 10 motor
    pen.oval(258, 110, 11, 50, None)
    pen.oval(258, 110, 9.5, 46, None)
    pen.oval(290, 110, 13, 52, SHADE)
    pen.oval(284, 110, 13, 52)
    pen.oval(284, 110, 5, 15, "#ffffff")
    pen.shape((318, 72), (350, 82), (350, 138), (318, 148))
    pen.box(328, 94, 12, 32, "#ffffff", 2)
    pen.box(356, 105, 38, 10, SHADE)
    pen.box(394, 66, 76, 88, STEEL, 6)
    pen.box(470, 62, 10, 96, SHADE, 3)
    pen.box(412, 44, 34, 22, SHADE, 2)
    for step in range(8):
        pen.line((400, 76 + step * 10), (464, 76 + step * 10))
    _exploded_balloons(pen)


def _exploded_balloons(pen: Pen) -> None:
    places = (
        ((12, 12), (34, 72)),
        ((108, 198), (108, 135)),
        ((136, 16), (140, 70)),
        ((184, 198), (186, 114)),
        ((222, 16), (222, 97)),
        ((256, 198), (256, 159)),
        ((284, 16), (284, 60)),
        ((334, 198), (334, 142)),
        ((374, 16), (374, 106)),
        ((436, 198), (436, 150)),
    )
    for number, (centre, target) in enumerate(places, start=1):
        balloon(pen.canvas, pen.at(*centre), pen.at(*target), str(number))
