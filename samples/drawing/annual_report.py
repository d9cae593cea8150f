"""The annual report of Northmere Water plc: cover, key figures, letter, review, charts."""

from __future__ import annotations

import math

import pymupdf

from drawing import annual_pages
from drawing.annual_look import AQUA, DEEP, MARGIN, SAND
from drawing.canvas import Canvas
from drawing.press import A4, Sample
from drawing.typeset import Type

PAGES = (
    annual_pages.glance,
    annual_pages.chair,
    annual_pages.review,
    annual_pages.segments,
    annual_pages.network,
    annual_pages.environment,
    annual_pages.risk,
)


def _cover(canvas: Canvas) -> None:
    """Title over layered waves."""
    canvas.rect(-5, -5, canvas.width + 10, 600, fill=DEEP)
    canvas.circle((452, 236), 74, fill=SAND)
    for index, colour in enumerate(("#14697a", "#1f8791", AQUA, "#6cc3c4", "#b9e2e0")):
        base = 300 + index * 62
        swell = 30 - index * 3
        crest = [
            (x, base + swell * math.sin(x / (92 - 7 * index) + index * 1.9))
            for x in range(-5, 606, 5)
        ]
        canvas.polygon([*crest, (605, 600), (-5, 600)], fill=colour)
    canvas.rect(-5, 590, canvas.width + 10, 260, fill="#ffffff")
    canvas.text(MARGIN, 92, "NORTHMERE WATER", Type("sans-bold", 15, "#ffffff"))
    canvas.line((MARGIN, 104), (MARGIN + 40, 104), SAND, 2.5)
    canvas.text(MARGIN, 668, "Annual Report 2024", Type("sans-bold", 40, DEEP))
    subtitle = "Every drop accounted for: the first year of the Clear Run plan"
    canvas.text(MARGIN, 700, subtitle, Type("sans", 14, "#44606a"))
    foot = Type("sans", 9, "#6a7b82")
    canvas.text(MARGIN, 790, "Northmere Water plc  |  Registered in Ravensholm, No. 0418827", foot)
    canvas.text(canvas.width - MARGIN, 790, "Year ended 31 December 2024", foot, "right")


def _furniture(canvas: Canvas, number: int) -> None:
    """Running header and page number."""
    small = Type("sans", 8, "#6a7b82")
    canvas.text(MARGIN, 40, "Northmere Water plc", small.bold().tint(DEEP))
    canvas.text(canvas.width - MARGIN, 40, "Annual Report 2024", small, "right")
    canvas.line((MARGIN, 48), (canvas.width - MARGIN, 48), AQUA, 0.8)
    canvas.line((MARGIN, 800), (canvas.width - MARGIN, 800), "#cfd9dc", 0.6)
    canvas.text(canvas.width - MARGIN, 815, str(number), small.bold().tint(DEEP), "right")
    canvas.text(MARGIN, 815, "northmere.example/investors", small)


def _build(document: pymupdf.Document) -> None:
    canvas = Canvas(document.new_page(width=A4[0], height=A4[1]))
    _cover(canvas)
    canvas.finish()
    for number, draw in enumerate(PAGES, start=2):
        canvas = Canvas(document.new_page(width=A4[0], height=A4[1]))
        _furniture(canvas, number)
        draw(canvas)
        canvas.finish()


SAMPLE = Sample(
    "annual-report.pdf", "Annual Report 2024", "Northmere Water plc", "20250318", _build
)
