"""A screenshot of the Fernwell dashboard, as a picture: its words are in no text layer."""

from __future__ import annotations

import io

import pymupdf
from PIL import Image

from drawing import charts
from drawing.canvas import Canvas
from drawing.charts import Frame
from drawing.typeset import Type

NIGHT, PANEL, EDGE = "#10201b", "#1b302a", "#2e4a41"
LIGHT, DIM = "#eef4e6", "#9db4a9"
LIME, CLAY, SKY = "#bcdc52", "#f08a5d", "#69b7d6"
LABEL = Type("sans", 10.5, DIM)
# Share of the water a pot can hold, hourly means at noon, week by week.
BY_HAND = (58, 44, 63, 39, 61, 42, 66, 37, 60, 45, 62, 40)
BY_SENSE = (57, 54, 56, 53, 55, 54, 56, 55, 54, 55, 56, 55)


def dashboard_jpeg() -> bytes:
    """The screenshot, 1600 px wide, as JPEG bytes."""
    document = pymupdf.open()
    canvas = Canvas(document.new_page(width=960, height=500))
    _bar(canvas)
    _tiles(canvas)
    _curve(canvas)
    _alerts(canvas)
    canvas.finish()
    pixels = document[0].get_pixmap(dpi=120)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def _bar(canvas: Canvas) -> None:
    canvas.rect(-5, -5, 970, 510, fill=NIGHT)
    canvas.rect(-5, -5, 970, 49, fill="#0a1613")
    for index, colour in enumerate((CLAY, "#e6c34a", LIME)):
        canvas.circle((24 + index * 18, 22), 5.5, fill=colour)
    canvas.text(
        96, 27, "Trial report: Quillan Glasshouses, house 4, basil", Type("sans-bold", 15, LIGHT)
    )
    canvas.text(936, 27, "12 weeks to 28 February 2025", LABEL.at(12), "right")


def _tiles(canvas: Canvas) -> None:
    tiles = (
        ("31%", "less water than house 3", LIME),
        ("18,640", "saleable pots (house 3: 16,210)", SKY),
        ("€0.07", "cost of sensing per pot", CLAY),
        ("5 months", "until the kit has paid for itself", LIME),
    )
    for index, (figure, text, colour) in enumerate(tiles):
        x = 24 + index * 231
        canvas.rect(x, 62, 219, 92, fill=PANEL, stroke=EDGE, radius=8)
        canvas.text(x + 16, 108, figure, Type("sans-bold", 33, colour))
        canvas.text(x + 16, 136, text, Type("sans", 12.5, LIGHT))


def _curve(canvas: Canvas) -> None:
    canvas.rect(24, 172, 570, 308, fill=PANEL, stroke=EDGE, radius=8)
    canvas.text(
        42, 200, "Moisture of the pots at noon, % of capacity", Type("sans-bold", 14, LIGHT)
    )
    frame = Frame(74, 232, 500, 190, 30, 70, 10)
    for value in range(30, 71, 10):
        y = frame.level(value)
        canvas.line((frame.x, y), (frame.x + frame.width, y), EDGE, 0.7)
        canvas.text(frame.x - 8, y + 4, str(value), LABEL, "right")
    for week in range(12):
        canvas.text(frame.slot(week, 12), 440, f"W{week + 1}", LABEL, "center")
    for values, colour in ((BY_HAND, CLAY), (BY_SENSE, LIME)):
        points = [(frame.slot(i, 12), frame.level(v)) for i, v in enumerate(values)]
        canvas.path(points, colour, 2.4)
        for point in points:
            canvas.circle(point, 3.4, fill=PANEL, stroke=colour, weight=1.8)
    entries = (("House 3, watered by hand", CLAY), ("House 4, watered by Sense", LIME))
    charts.legend(canvas, 150, 466, entries, Type("sans", 12, LIGHT))


def _alerts(canvas: Canvas) -> None:
    canvas.rect(612, 172, 324, 308, fill=PANEL, stroke=EDGE, radius=8)
    canvas.text(630, 200, "57 alerts, by cause", Type("sans-bold", 14, LIGHT))
    causes = (
        ("Bench too dry", 31),
        ("Cold draught", 12),
        ("Fertiliser too strong", 9),
        ("Door left open", 5),
    )
    for index, (name, count) in enumerate(causes):
        y = 228 + index * 40
        canvas.text(630, y, name, Type("sans", 12.5, LIGHT))
        canvas.text(918, y, str(count), Type("sans-bold", 12.5, LIGHT), "right")
        canvas.rect(630, y + 7, 288, 9, fill=EDGE, radius=4)
        canvas.rect(630, y + 7, 288 * count / 31, 9, fill=(CLAY, SKY, LIME, DIM)[index], radius=4)
    text = (
        "Median time from alert to a grower at the bench: 14 minutes. Two nodes were lost to a "
        "trolley; none failed."
    )
    canvas.paragraph(630, 394, 290, text, Type("sans", 12.5, LIGHT, 1.4))
