"""The frame of a Fernwell slide: colours, type, title, footer. A slide is 960 x 540 points."""

from __future__ import annotations

from drawing.canvas import Canvas
from drawing.typeset import Type

FOREST, LIME, CLAY, MIST, SKY = "#14342b", "#a8c93a", "#d0613c", "#f4f6ee", "#3d87a6"
INK = "#1f2b27"
MARGIN = 60.0
WIDTH = 960.0 - 2 * MARGIN
BODY = Type("sans", 16, INK, 1.4)
SMALL = Type("sans", 12, "#5b6b64", 1.35)
FOOT = Type("sans", 10, "#7a8982")


def leaf(canvas: Canvas, x: float, y: float, size: float, fill: str, vein: str) -> None:
    """The company's leaf with its foot at (x, y)."""
    right = [(0.0, 0.0), (0.34, -0.22), (0.44, -0.55), (0.3, -0.84), (0.0, -1.1)]
    edge = [*right, *[(-across, up) for across, up in reversed(right[1:-1])]]
    canvas.polygon([(x + across * size, y + up * size) for across, up in edge], fill=fill)
    canvas.line((x, y + size * 0.22), (x, y - size * 0.78), vein, max(1.0, size / 16))
    for up in (0.25, 0.5):
        for side in (-1, 1):
            tip = (x + side * size * 0.24, y - size * (up + 0.2))
            canvas.line((x, y - size * up), tip, vein, max(0.8, size / 22))


def title(canvas: Canvas, text: str, kicker: str) -> None:
    """Kicker and title at the top of a light slide."""
    canvas.rect(-5, -5, 970, 550, fill="#ffffff")
    canvas.rect(-5, -5, 17, 550, fill=LIME)
    canvas.text(MARGIN, 52, kicker.upper(), Type("sans-bold", 11, CLAY))
    canvas.text(MARGIN, 88, text, Type("sans-bold", 31, FOREST))


def footer(canvas: Canvas, number: int, ink: str = FOOT.colour) -> None:
    """Name, occasion and slide number."""
    leaf(canvas, MARGIN + 6, 521, 13, LIME, FOREST)
    text = "Fernwell Sense  |  Product briefing, spring 2025"
    canvas.text(MARGIN + 20, 520, text, FOOT.tint(ink))
    canvas.text(960 - MARGIN, 520, str(number), FOOT.bold().tint(ink), "right")
