"""Slides that introduce Fernwell Sense: eight of them, one a screenshot without text."""

from __future__ import annotations

import pymupdf

from drawing import charts, slide_figures
from drawing.canvas import Canvas
from drawing.charts import Frame, Series
from drawing.press import WIDE, Sample
from drawing.slide_dashboard import dashboard_jpeg
from drawing.slide_stage import (
    BODY,
    CLAY,
    FOREST,
    INK,
    LIME,
    MARGIN,
    MIST,
    SMALL,
    WIDTH,
    footer,
    leaf,
    title,
)
from drawing.tables import Look, Row, Table
from drawing.typeset import Type


def _opening(canvas: Canvas) -> None:
    canvas.rect(-5, -5, 970, 550, fill=FOREST)
    slide_figures.glasshouse(canvas, 496, 150)
    leaf(canvas, MARGIN + 16, 120, 44, LIME, FOREST)
    canvas.text(MARGIN, 246, "Fernwell Sense", Type("sans-bold", 50, "#ffffff"))
    canvas.text(MARGIN, 286, "Know every bench in the glasshouse", Type("sans", 22, "#dfe9c6"))
    canvas.line((MARGIN, 316), (MARGIN + 70, 316), LIME, 3)
    by = "Ottoline Marrable, head of product"
    canvas.text(MARGIN, 348, by, Type("sans", 14, "#c3d3cb"))
    canvas.text(MARGIN, 368, "Briefing for distributors, 3 April 2025", Type("sans", 14, "#c3d3cb"))
    footer(canvas, 1, "#c3d3cb")


def _problem(canvas: Canvas) -> None:
    title(canvas, "Growers are blind between two walks", "The problem")
    facts = (
        ("11%", "of plants are lost or sold as seconds because benches are watered unevenly", CLAY),
        ("3.5 h", "a day go into walking the rows with a hand-held moisture meter", FOREST),
        (
            "6 °C",
            "lie between the warmest and the coldest bench of the same house at dawn",
            "#3d87a6",
        ),
    )
    wide = (WIDTH - 48) / 3
    for index, (figure, text, colour) in enumerate(facts):
        x = MARGIN + index * (wide + 24)
        canvas.rect(x, 136, wide, 220, fill=MIST, radius=10)
        canvas.rect(x, 136, wide, 7, fill=colour)
        canvas.text(x + 22, 222, figure, Type("sans-bold", 56, colour))
        canvas.paragraph(x + 22, 250, wide - 44, text, BODY)
    quote = "“By the time a leaf tells you it is thirsty, you have already lost the size grade.”"
    canvas.paragraph(MARGIN, 384, WIDTH, quote, Type("serif-italic", 21, INK))
    canvas.text(MARGIN, 440, "Benno Staufer, pot herb grower, Lower Quillan", SMALL)
    canvas.text(MARGIN, 480, "Survey of 140 growers in five countries, October 2024", SMALL)
    footer(canvas, 2)


def _node(canvas: Canvas) -> None:
    title(canvas, "One stake, five measurements", "The sensor node")
    slide_figures.node(canvas)
    footer(canvas, 3)


def _system(canvas: Canvas) -> None:
    title(canvas, "From the pot to the climate computer", "How it works")
    slide_figures.architecture(canvas)
    footer(canvas, 4)


def _trial(canvas: Canvas) -> None:
    """Everything but the footer is a picture, as a pasted screenshot is."""
    canvas.page.insert_image(pymupdf.Rect(0, 0, 960, 500), stream=dashboard_jpeg())
    footer(canvas, 5)


def _battery(canvas: Canvas) -> None:
    title(canvas, "Two seasons on one charge of the cell", "Battery life")
    label, value = Type("sans", 12, "#4a555c"), Type("sans-bold", 13, INK)
    frame = Frame(MARGIN + 34, 168, 520, 270, 0, 50, 10, label, value)
    charts.axes(canvas, frame, ("1 min", "5 min", "15 min", "60 min"), "Months")
    rows = [
        Series("Sense 1 (2022)", (2, 7, 14, 22), "#b5c2bb"),
        Series("Sense 2 (2025)", (4, 13, 26, 41), FOREST),
    ]
    charts.bars(canvas, frame, rows, 4, show=charts.whole)
    entries = [(row.name, row.colour) for row in rows]
    charts.legend(canvas, MARGIN + 130, 140, entries, label)
    canvas.text(frame.x + 260, 482, "Time between two reports", label.italic(), "center")
    x, wide = 660.0, 240.0
    canvas.rect(x, 136, wide, 264, fill=MIST, radius=10)
    canvas.text(x + 20, 168, "What changed", Type("sans-bold", 17, FOREST))
    points = (
        "The radio wakes in 9 ms instead of 60.",
        "Probe readings are kept and sent in batches of eight.",
        "The lid's solar cell covers the light sensor's needs.",
        "Below 3 °C the node halves its rate and says so.",
    )
    canvas.bullets(x + 20, 184, wide - 40, points, BODY.at(14.5), CLAY, 10)
    footer(canvas, 6)


def _prices(canvas: Canvas) -> None:
    title(canvas, "Three kits, one subscription", "Prices for distributors")
    look = Look(
        body=Type("sans", 14.5, INK, 1.3),
        head_fill=FOREST,
        head_ink="#ffffff",
        zebra=MIST,
        rule="#d3dbd0",
        pad_x=16,
        pad_y=8,
    )
    rows = [
        Row(("", "Seedling", "Nursery", "Estate"), "head"),
        Row(("Sensor nodes in the box", "12", "60", "240")),
        Row(("Gateways", "1", "1", "2")),
        Row(("List price of the kit", "€1,450", "€5,900", "€19,800")),
        Row(("Subscription a month", "€29", "€95", "€310")),
        Row(("Your margin on the kit", "22%", "26%", "30%")),
        Row(("History kept", "1 year", "3 years", "10 years")),
        Row(("Link to climate computer", "–", "Modbus", "Modbus, BACnet")),
        Row(("Support", "e-mail", "telephone", "on site, next day")),
    ]
    y = Table((270, 190, 190, 190), "lccc", look).draw(canvas, MARGIN, 124, rows)
    note = "Spare nodes: €89 each, or €79 from ten. Prices exclude tax, valid to 30 September 2025."
    canvas.text(MARGIN, y + 26, note, SMALL)
    footer(canvas, 7)


def _roadmap(canvas: Canvas) -> None:
    title(canvas, "What ships when", "Roadmap")
    slide_figures.timeline(canvas)
    footer(canvas, 8)


SLIDES = (_opening, _problem, _node, _system, _trial, _battery, _prices, _roadmap)


def _build(document: pymupdf.Document) -> None:
    for draw in SLIDES:
        canvas = Canvas(document.new_page(width=WIDE[0], height=WIDE[1]))
        draw(canvas)
        canvas.finish()


SAMPLE = Sample(
    "product-slides.pdf", "Fernwell Sense product briefing", "Fernwell", "20250403", _build
)
