"""Figures on the Fernwell slides: glasshouse, sensor node, architecture, timeline."""

from __future__ import annotations

from drawing.canvas import Canvas
from drawing.slide_stage import (
    BODY,
    CLAY,
    FOREST,
    INK,
    LIME,
    MARGIN,
    MIST,
    SKY,
    SMALL,
    WIDTH,
    leaf,
)
from drawing.typeset import Type

NAME = Type("sans-bold", 15, FOREST)


def glasshouse(canvas: Canvas, x: float, y: float) -> None:
    """Three gables in thin lines, with plants inside."""
    pane = "#5f8573"
    for index in range(3):
        left = x + index * 140
        canvas.path(
            [
                (left, y + 250),
                (left, y + 90),
                (left + 70, y + 20),
                (left + 140, y + 90),
                (left + 140, y + 250),
            ],
            "#a9c3b5",
            2,
        )
        canvas.line((left + 70, y + 20), (left + 70, y + 90), pane, 0.8)
        canvas.line((left + 35, y + 55), (left + 35, y + 90), pane, 0.8)
        canvas.line((left + 105, y + 55), (left + 105, y + 90), pane, 0.8)
        canvas.line((left, y + 90), (left + 140, y + 90), pane, 1)
        canvas.line((left + 14, y + 206), (left + 126, y + 206), "#a9c3b5", 2.5)
        for place in range(4):
            leaf(
                canvas,
                left + 25 + place * 30,
                y + 198,
                30,
                LIME if place % 2 else "#7fae4a",
                "#14342b",
            )
        for leg in (24, 116):
            canvas.line((left + leg, y + 206), (left + leg, y + 250), "#a9c3b5", 1.6)
        canvas.circle((left + 70, y + 126), 3, fill=CLAY)
        canvas.line((left + 70, y + 129), (left + 70, y + 206), CLAY, 0.8, "[2 3] 0")
    canvas.line((x - 14, y + 250), (x + 434, y + 250), "#a9c3b5", 2)


CALLOUTS = (
    ("left", 150, (456, 126), "Radio, 868 MHz", "1.2 km in the open, 300 m under leaves"),
    ("left", 226, (452, 160), "Solar lid", "3 cm² of cells feed the light sensor"),
    ("left", 366, (468, 347), "Moisture probe, 18 cm", "reads at 4, 10 and 16 cm in the soil"),
    ("right", 150, (500, 159), "Light sensor", "measures what the leaf uses, 400 to 700 nm"),
    ("right", 220, (496, 230), "Air temperature, humidity", "±0.2 °C and ±1.8%, behind a louvre"),
    ("right", 290, (486, 268), "Cell", "lithium iron phosphate, changed with a coin"),
    ("right", 388, (483, 426), "Salinity tip", "stainless steel, 0 to 8 mS/cm"),
)


def _probe(canvas: Canvas, middle: float) -> None:
    """Pot, soil and the part of the stake that stands in them."""
    canvas.polygon(
        [(middle - 120, 306), (middle + 120, 306), (middle + 96, 452), (middle - 96, 452)],
        fill="#b98b66",
        stroke="#8d6544",
        weight=1.6,
    )
    canvas.rect(middle - 128, 292, 256, 20, fill="#a97a55", stroke="#8d6544", weight=1.6, radius=3)
    canvas.ellipse((middle, 302), 112, 6, fill="#5a4030")
    canvas.polygon(
        [
            (middle - 13, 284),
            (middle + 13, 284),
            (middle + 9, 418),
            (middle, 436),
            (middle - 9, 418),
        ],
        fill="#eef0ea",
        stroke=INK,
        weight=1.2,
    )
    for y in (330, 362, 394):
        canvas.rect(middle - 10, y, 20, 7, fill=LIME, stroke=INK, weight=0.7)
    canvas.polygon(
        [(middle - 9, 418), (middle + 9, 418), (middle, 436)], fill="#8b959a", stroke=INK
    )


def _head(canvas: Canvas, middle: float) -> None:
    """The part of the stake above the soil."""
    canvas.rect(middle - 34, 160, 68, 128, fill="#ffffff", stroke=INK, weight=1.6, radius=16)
    canvas.rect(middle - 40, 148, 80, 22, fill=FOREST, stroke=INK, weight=1.4, radius=8)
    canvas.circle((middle + 20, 159), 5, fill="#f2d24b", stroke=INK)
    for step in range(5):
        canvas.line((middle - 20, 216 + step * 7), (middle + 20, 216 + step * 7), "#9aa6a0", 1.6)
    canvas.circle((middle, 268), 11, fill="#d9dfda", stroke=INK)
    canvas.line((middle - 6, 268), (middle + 6, 268), INK, 1.4)
    leaf(canvas, middle, 204, 16, LIME, FOREST)
    canvas.line((456, 148), (456, 124), INK, 3)


def node(canvas: Canvas) -> None:
    """The stake in the soil, with callouts on both sides."""
    _probe(canvas, 480)
    _head(canvas, 480)
    for side, top, target, name, text in CALLOUTS:
        left = side == "left"
        x = MARGIN if left else 660.0
        edge, turn = (310.0, 340.0) if left else (650.0, 620.0)
        canvas.path([(edge, top), (turn, top), target], CLAY, 1)
        canvas.circle(target, 2.6, fill=CLAY)
        canvas.text(x, top - 2, name, NAME)
        canvas.paragraph(x, top + 4, 240, text, SMALL)
    weight = "Weight 210 g   |   IP67   |   works from –5 to 55 °C"
    canvas.text(480, 484, weight, SMALL.bold(), "center")


STAGES = (
    ("Nodes", "up to 240", "Measure every minute and send what changed", FOREST),
    ("Gateway", "one per 2 hectares", "Holds 30 days of readings if the line is down", SKY),
    (
        "Fernwell cloud",
        "in two regions",
        "Learns each bench's drying curve, forecasts 12 hours",
        "#6b7f2a",
    ),
    ("Grower", "app and computer", "Alerts on the telephone; set points over Modbus", CLAY),
)
LINKS = ("868 MHz", "fibre or 4G", "HTTPS")


def architecture(canvas: Canvas) -> None:
    """Four stages with arrows, and the data's way back."""
    wide, gap, top, tall = 168.0, 56.0, 150.0, 190.0
    for index, (name, size, text, colour) in enumerate(STAGES):
        x = MARGIN + index * (wide + gap)
        canvas.rect(x, top, wide, tall, fill="#ffffff", stroke=colour, weight=2, radius=10)
        canvas.rect(x, top, wide, 44, fill=colour, radius=10)
        canvas.rect(x, top + 30, wide, 14, fill=colour)
        canvas.text(x + wide / 2, top + 28, name, Type("sans-bold", 17, "#ffffff"), "center")
        canvas.text(x + wide / 2, top + 70, size, BODY.bold().at(14), "center")
        canvas.paragraph(x + 14, top + 86, wide - 28, text, BODY.at(14), "center")
        if index < len(LINKS):
            canvas.arrow((x + wide + 6, top + 95), (x + wide + gap - 6, top + 95), INK, 2, 9)
            canvas.text(x + wide + gap / 2, top + 84, LINKS[index], SMALL.at(9.6), "center")
    y = top + tall + 34
    first, last = MARGIN + wide / 2, MARGIN + 3 * (wide + gap) + wide / 2
    canvas.path([(last, top + tall + 4), (last, y), (first, y)], LIME, 2.4, "[6 4] 0")
    canvas.arrow((first, y), (first, top + tall + 4), LIME, 2.4, 10)
    label = "new reporting interval, at most 40 seconds later"
    canvas.text(480, y - 8, label, SMALL.bold(), "center")
    canvas.rect(MARGIN, y + 26, WIDTH, 68, fill=MIST, radius=8)
    text = (
        "**Nothing stops if we stop.** The gateway goes on sending alerts inside the house without "
        "the cloud, and every reading can be exported as CSV by the grower who owns it."
    )
    canvas.paragraph(MARGIN + 20, y + 38, WIDTH - 40, text, BODY.at(14.5))


STEPS = (
    ("May 2025", "Sense 2 ships", "Nodes and gateway, CE marked, 18 languages in the app"),
    ("July 2025", "Valve link", "Opens drip valves directly; pilot with nine growers"),
    ("October 2025", "Disease risk", "Botrytis and mildew forecast from leaf wetness"),
    ("January 2026", "Open interface", "Third-party probes over SDI-12; public documentation"),
    ("April 2026", "Sense Field", "Node for polytunnels and orchards, range 4 km"),
)


def timeline(canvas: Canvas) -> None:
    """Five milestones along a line, and whom to call."""
    y, wide = 210.0, WIDTH / len(STEPS)
    canvas.line((MARGIN, y), (MARGIN + WIDTH, y), LIME, 5)
    for index, (when, name, text) in enumerate(STEPS):
        x = MARGIN + index * wide
        canvas.circle(
            (x + 12, y), 11, fill=FOREST if index == 0 else "#ffffff", stroke=FOREST, weight=3
        )
        canvas.text(x, y - 26, when, Type("sans-bold", 14, CLAY))
        canvas.text(x, y + 40, name, Type("sans-bold", 17, FOREST))
        canvas.paragraph(x, y + 50, wide - 22, text, BODY.at(13.5))
    canvas.rect(MARGIN, 372, WIDTH, 104, fill=FOREST, radius=10)
    leaf(canvas, MARGIN + 44, 446, 46, LIME, FOREST)
    canvas.text(MARGIN + 96, 410, "Order a demonstration house", Type("sans-bold", 21, "#ffffff"))
    text = "Twelve nodes and a gateway on loan for eight weeks, set up by us in one morning."
    canvas.text(MARGIN + 96, 434, text, BODY.at(14.5).tint("#dfe9c6"))
    text = "Idris Quennell, partner manager: partners@fernwell.example"
    canvas.text(MARGIN + 96, 456, text, BODY.at(14.5).tint("#dfe9c6"))
