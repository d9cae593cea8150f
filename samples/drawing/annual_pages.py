"""Pages two to eight of the Northmere annual report."""

from __future__ import annotations

from drawing import annual_text as words
from drawing import charts
from drawing.annual_look import (
    AQUA,
    BODY,
    CAPTION,
    CORAL,
    DEEP,
    HALF,
    HEAD,
    LETTER,
    MARGIN,
    NOTE,
    PALE,
    RIGHT,
    SAND,
    WIDTH,
    page_title,
)
from drawing.canvas import Canvas
from drawing.charts import Frame, Series
from drawing.tables import Look, Row, Table, headed
from drawing.typeset import Type

YEARS = ("2020", "2021", "2022", "2023", "2024")


def glance(canvas: Canvas) -> None:
    """Key figures as tiles, and what is in the report."""
    y = page_title(canvas, "Highlights", "2024 at a glance")
    y = (
        canvas.paragraph(MARGIN, y, WIDTH, words.GLANCE_LEAD, Type("sans", 12, "#37474f", 1.45))
        + 16
    )
    wide, tall, gap = (WIDTH - 28) / 3, 104.0, 14.0
    for index, (figure, name, detail) in enumerate(words.GLANCE_TILES):
        left = MARGIN + (index % 3) * (wide + gap)
        top = y + (index // 3) * (tall + gap)
        canvas.rect(left, top, wide, tall, fill=PALE, radius=5)
        canvas.rect(left, top + 12, 4, 40, fill=(AQUA, SAND, CORAL)[index % 3])
        canvas.text(left + 16, top + 42, figure, Type("sans-bold", 23, DEEP))
        canvas.text(left + 16, top + 66, name, BODY.bold())
        canvas.text(left + 16, top + 82, detail, BODY.at(8.5).tint("#55676e"))
    y += 2 * (tall + gap) + 22
    canvas.text(MARGIN, y, "Inside this report", HEAD)
    y += 14
    look = Look(body=BODY, rule="#cfd9dc", pad_y=6)
    table = Table((182, 265, 40), "llr", look)
    y = table.draw(canvas, MARGIN, y, [Row(row) for row in words.GLANCE_CONTENTS])
    canvas.paragraph(MARGIN, y + 18, WIDTH, words.GLANCE_NOTE, NOTE)


def chair(canvas: Canvas) -> None:
    """The chair's letter in two columns with a pulled quotation."""
    y = page_title(canvas, "From the chair", "A quieter year, by design")
    for text in words.CHAIR_LEFT:
        y = canvas.paragraph(MARGIN, y, HALF, text, LETTER) + 9
    y += 14
    canvas.line((MARGIN, y), (MARGIN + HALF, y), SAND, 2)
    canvas.paragraph(MARGIN, y + 12, HALF, words.CHAIR_QUOTE, Type("serif-italic", 19, DEEP, 1.3))
    y = 132.0
    for text in words.CHAIR_RIGHT:
        y = canvas.paragraph(RIGHT, y, HALF, text, LETTER) + 9
    canvas.paragraph(RIGHT, y + 16, HALF, "Helena Brandvold", Type("serif-italic", 20, DEEP))
    canvas.text(RIGHT, y + 60, "Helena Brandvold", LETTER.bold())
    canvas.text(RIGHT, y + 74, "Chair, 11 March 2025", LETTER)


def review(canvas: Canvas) -> None:
    """The chief executive's review with revenue as bars."""
    y = page_title(canvas, "Chief executive's review", "Growth we could afford")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.REVIEW, BODY) + 24
    canvas.text(MARGIN, y, "Group revenue, 2020 to 2024", CAPTION)
    frame = Frame(MARGIN + 30, y + 32, WIDTH - 34, 190, 0, 500, 100)
    charts.axes(canvas, frame, YEARS, "£ million")
    row = Series("Revenue", (318.4, 337.9, 356.2, 384.1, 412.6), AQUA)
    charts.bars(canvas, frame, [row], 5, last=DEEP)
    y += 262
    tops = [y, y]
    for index, (heading, body) in enumerate(words.REVIEW_COLUMNS):
        side = index % 2
        x = (MARGIN, RIGHT)[side]
        canvas.text(x, tops[side] + 10, heading, HEAD)
        tops[side] = canvas.paragraph(x, tops[side] + 18, HALF, body, BODY) + 16
    canvas.text(MARGIN, max(tops) + 14, "Tomas Edevane, Chief Executive", BODY.bold())


SHARES = (
    ("Household supply", 46, DEEP),
    ("Business retail", 23, AQUA),
    ("Wastewater services", 19, SAND),
    ("Engineering and metering", 8, CORAL),
    ("Other", 4, "#8fa3ab"),
)


def segments(canvas: Canvas) -> None:
    """Revenue by segment: a donut and a table."""
    y = page_title(canvas, "Segments", "Where our revenue comes from")
    canvas.text(MARGIN, y + 6, "Share of 2024 revenue by segment", CAPTION)
    centre = (MARGIN + 122, y + 142)
    charts.donut(canvas, centre, 112, SHARES, Type("sans-bold", 10, "#263238"))
    canvas.text(centre[0], centre[1] - 2, "£412.6m", Type("sans-bold", 19, DEEP), "center")
    canvas.text(centre[0], centre[1] + 15, "group revenue", BODY.at(8.5), "center")
    for index, (name, _, colour) in enumerate(SHARES):
        top = y + 74 + index * 30
        canvas.rect(MARGIN + 268, top - 9, 12, 12, fill=colour)
        canvas.text(MARGIN + 290, top + 1, name, BODY.at(10.5))
    y += 286
    y = canvas.paragraph(MARGIN, y, WIDTH, words.SEGMENTS, BODY) + 14
    look = Look(body=BODY.at(8.8), head_fill=DEEP, head_ink="#ffffff", zebra=PALE, pad_y=5)
    table = Table((132, 64, 64, 227), "lrrl", look)
    y = table.draw(canvas, MARGIN, y, headed(words.SEGMENT_ROWS))
    canvas.paragraph(MARGIN, y + 8, WIDTH, "Margin: operating profit over segment revenue.", NOTE)
    y += 40
    canvas.text(MARGIN, y, "Spotlight: Engineering and metering", HEAD)
    canvas.paragraph(MARGIN, y + 8, WIDTH, words.SEGMENT_SPOTLIGHT, BODY)


QUARTERS = tuple(f"Q{q} {y}" for y in ("22", "23", "24") for q in (1, 2, 3, 4))


def network(canvas: Canvas) -> None:
    """Leakage by quarter as two lines."""
    y = page_title(canvas, "The network", "Finding leaks before they find us")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.NETWORK, BODY) + 22
    canvas.text(MARGIN, y, "Leakage by region, quarterly average", CAPTION)
    frame = Frame(MARGIN + 30, y + 34, WIDTH - 34, 218, 30, 100, 10)
    charts.axes(canvas, frame, QUARTERS, "Ml/d")
    north = Series("Northern region", (91, 84, 82, 86, 87, 77, 74, 76, 75, 66, 63, 67), CORAL)
    south = Series("Southern region", (61, 57, 56, 58, 59, 55, 53, 55, 54, 49, 48, 50), DEEP)
    charts.lines(canvas, frame, [north, south], 12, below=["Southern region"])
    legend = [(row.name, row.colour) for row in (north, south)]
    charts.legend(canvas, frame.x + 230, y, legend)
    y += 300
    wide = (WIDTH - 32) / 3
    for index, (figure, name, body) in enumerate(words.NETWORK_BOXES):
        x = MARGIN + index * (wide + 16)
        canvas.line((x, y), (x + wide, y), AQUA, 2)
        canvas.text(x, y + 30, figure, Type("sans-bold", 21, DEEP))
        canvas.text(x, y + 47, name, BODY.bold())
        canvas.paragraph(x, y + 56, wide, body, BODY.at(8.8))
    y += 152
    canvas.rect(MARGIN, y, WIDTH, 80, fill=PALE, radius=4)
    canvas.text(MARGIN + 14, y + 22, "Case study: Sallow Street, Ravensholm", CAPTION.at(10))
    canvas.paragraph(MARGIN + 14, y + 30, WIDTH - 28, words.NETWORK_CASE, BODY.at(9))


def environment(canvas: Canvas) -> None:
    """Energy use by source as stacked bars, and river and peat work."""
    y = page_title(canvas, "Energy and environment", "Power from our own sites")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.ENERGY, BODY) + 22
    canvas.text(MARGIN, y, "Electricity used, by source", CAPTION)
    frame = Frame(MARGIN + 30, y + 48, WIDTH - 34, 212, 0, 300, 50)
    rows = [
        Series("Bought from the grid", (241, 222, 204, 178, 152), "#7b8d95"),
        Series("Hydro", (18, 21, 24, 29, 34), DEEP),
        Series("Biogas", (14, 17, 20, 26, 31), "#b98216"),
        Series("Solar", (9, 13, 21, 33, 45), CORAL),
    ]
    charts.axes(canvas, frame, YEARS, "GWh")
    charts.stacked(canvas, frame, rows, 5)
    legend = [(row.name, row.colour) for row in rows]
    charts.legend(canvas, MARGIN + 176, y + 18, legend)
    y += 308
    canvas.text(MARGIN, y, "Peat on Corrie Fell", HEAD)
    end = canvas.paragraph(MARGIN, y + 8, HALF, words.PEAT, BODY)
    canvas.text(RIGHT, y, "River health", HEAD)
    end = max(end, canvas.paragraph(RIGHT, y + 8, HALF, words.RIVERS, BODY))
    canvas.text(MARGIN, end + 26, "Targets", HEAD)
    canvas.bullets(MARGIN, end + 34, WIDTH, words.TARGETS, BODY, CORAL)


def risk(canvas: Canvas) -> None:
    """Principal risks, calendar and registrar."""
    y = page_title(canvas, "Risk and shareholders", "What could go wrong, and when we report")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.RISK, BODY) + 12
    look = Look(body=BODY.at(8.7), head_fill=DEEP, head_ink="#ffffff", zebra=PALE, pad_y=5)
    table = Table((100, 190, 58, 45, 94), "llccl", look)
    y = table.draw(canvas, MARGIN, y, headed(words.RISK_ROWS)) + 34
    canvas.text(MARGIN, y, "Financial calendar 2025", HEAD)
    table = Table((84, 156), "ll", Look(body=BODY.at(8.8), pad_x=0, pad_y=5))
    end = table.draw(canvas, MARGIN, y + 10, [Row(row) for row in words.CALENDAR])
    canvas.text(RIGHT, y, "For shareholders", HEAD)
    low = canvas.paragraph(RIGHT, y + 10, HALF, words.REGISTRAR, BODY) + 8
    low = canvas.paragraph(RIGHT, low, HALF, words.HOLDINGS, BODY)
    canvas.rect(MARGIN, max(end, low) + 28, WIDTH, 56, fill=DEEP, radius=4)
    tail = "The full accounts and the auditor's report are published separately."
    canvas.text(MARGIN + 16, max(end, low) + 52, tail, BODY.bold().tint("#ffffff"))
    tail = "Large-print and audio editions: at any office or from reports@northmere.example."
    canvas.text(MARGIN + 16, max(end, low) + 68, tail, BODY.tint("#cfe6e6"))
