"""Colours, type and measures of the Northmere annual report."""

from __future__ import annotations

from drawing.canvas import Canvas
from drawing.typeset import Type

PALETTE = ("#0b4f5c", "#2fa4a8", "#e9b44c", "#d9593d", "#e8f3f3")
DEEP, AQUA, SAND, CORAL, PALE = PALETTE
MARGIN = 54.0
WIDTH = 595.0 - 2 * MARGIN
HALF = (WIDTH - 22) / 2
RIGHT = MARGIN + HALF + 22
BODY = Type("sans", 9.4, "#263238", 1.46)
LETTER = Type("sans", 10.7, "#263238", 1.5)
HEAD = Type("sans-bold", 12.5, DEEP)
CAPTION = Type("sans-bold", 9, DEEP)
NOTE = Type("sans-italic", 7.6, "#6a7b82", 1.35)


def page_title(canvas: Canvas, kicker: str, title: str) -> float:
    """A section's name and title; the y below them."""
    canvas.text(MARGIN, 82, kicker.upper(), Type("sans-bold", 8.5, CORAL))
    canvas.text(MARGIN, 110, title, Type("sans-bold", 24, DEEP))
    return 132.0
