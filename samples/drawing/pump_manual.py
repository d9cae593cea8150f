"""The manual of the Dunmarrow KD-340 pump: cover, page furniture and the order of its pages."""

from __future__ import annotations

import pymupdf

from drawing import pump_pages, pump_service
from drawing.canvas import Canvas
from drawing.press import A4, Sample
from drawing.pump_figures import ORANGE, Pen, side_view
from drawing.pump_pages import DARK, MARGIN, WIDTH
from drawing.typeset import Type


def _cover(canvas: Canvas) -> None:
    canvas.rect(-5, -5, canvas.width + 10, 205, fill=DARK)
    canvas.rect(-5, 200, canvas.width + 10, 7, fill=ORANGE)
    canvas.text(MARGIN, 72, "DUNMARROW PUMPS", Type("sans-bold", 13, "#ffffff"))
    canvas.text(MARGIN, 128, "KD-340", Type("sans-bold", 44, "#ffffff"))
    canvas.text(MARGIN, 158, "Self-priming centrifugal pump", Type("sans", 17, "#e9edf0"))
    for step in range(15):
        x = 30 + step * 38
        canvas.line((x, 250), (x, 610), "#eef1f3", 0.6)
    for step in range(10):
        canvas.line((30, 260 + step * 38), (565, 260 + step * 38), "#eef1f3", 0.6)
    side_view(Pen(canvas, 62, 268, 1.42, 1.3))
    canvas.text(MARGIN, 662, "Operating and maintenance manual", Type("sans-bold", 20, DARK))
    text = "Translation of the original instructions. Read before installing; keep with the pump."
    canvas.text(MARGIN, 684, text, Type("sans", 10.5, "#55606a"))
    small = Type("sans", 9, "#55606a")
    canvas.line((MARGIN, 752), (MARGIN + WIDTH, 752), "#c3ccd4", 0.8)
    canvas.text(MARGIN, 770, "Document KD340-OM-EN, revision 6, May 2023", small)
    canvas.text(MARGIN, 784, "Valid from serial number 23-04100", small)
    right = MARGIN + WIDTH
    canvas.text(right, 770, "Dunmarrow Pumps GmbH", small.bold(), "right")
    canvas.text(right, 784, "Am Wehr 17, Oberlindach", small, "right")


def _furniture(canvas: Canvas, number: int) -> None:
    small = Type("sans", 8, "#6b757e")
    canvas.rect(MARGIN, 34, 26, 4, fill=ORANGE)
    canvas.text(MARGIN, 51, "KD-340 operating and maintenance manual", small)
    canvas.text(MARGIN + WIDTH, 51, pump_pages.SECTIONS[number], small.bold().tint(DARK), "right")
    canvas.line((MARGIN, 57), (MARGIN + WIDTH, 57), "#c3ccd4", 0.6)
    canvas.text(MARGIN, 815, "KD340-OM-EN rev. 6", small)
    canvas.text(MARGIN + WIDTH, 815, f"{number} / 8", small.bold().tint(DARK), "right")


PAGES = (
    pump_pages.safety,
    pump_pages.construction,
    pump_pages.data,
    pump_pages.installation,
    pump_service.electrical,
    pump_service.maintenance,
    pump_service.faults,
)


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
    "pump-manual.pdf",
    "KD-340 operating and maintenance manual",
    "Dunmarrow Pumps GmbH",
    "20230504",
    _build,
)
