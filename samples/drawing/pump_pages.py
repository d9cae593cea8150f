"""Pages two to five of the pump manual: safety, construction, data, installation."""

from __future__ import annotations

from drawing import charts
from drawing import pump_text as words
from drawing.canvas import Canvas
from drawing.charts import Frame
from drawing.pump_figures import INK, ORANGE, Pen, exploded_view
from drawing.pump_piping import piping
from drawing.tables import Look, Row, Table
from drawing.typeset import Type

DARK = "#2d3640"
MARGIN = 56.0
WIDTH = 595.0 - 2 * MARGIN
BODY = Type("sans", 9.3, "#22292f", 1.42)
HEAD = Type("sans-bold", 12, DARK)
CAPTION = Type("sans-italic", 8.6, "#55606a")
LOOK = Look(
    body=Type("sans", 8.7, "#22292f", 1.28),
    head_fill=DARK,
    head_ink="#ffffff",
    zebra="#f3f5f7",
    rule="#d5dbe0",
    pad_y=4.2,
)
SECTIONS = {
    2: "1  Safety",
    3: "2  Construction",
    4: "3  Technical data",
    5: "4  Installation",
    6: "5  Electrical connection",
    7: "6  Operation and maintenance",
    8: "7  Faults",
}


def title(canvas: Canvas, text: str) -> float:
    """The section title; the y below it."""
    canvas.text(MARGIN, 92, text, Type("sans-bold", 20, DARK))
    return 108.0


def notice(canvas: Canvas, y: float, level: str, text: str) -> float:
    """A safety notice with its triangle; the y below it."""
    colour = {"DANGER": "#c3272b", "WARNING": "#e07b1f", "CAUTION": "#e3b416"}[level]
    inner = WIDTH - 118
    height = canvas.paragraph(MARGIN + 106, y + 10, inner, text, BODY) + 10 - y
    height = max(height, 52)
    canvas.rect(MARGIN, y, WIDTH, height, fill="#ffffff", stroke=colour, weight=1.2)
    canvas.rect(MARGIN, y, 94, height, fill=colour)
    middle = y + height / 2
    corners = [(MARGIN + 47, middle - 20), (MARGIN + 63, middle + 6), (MARGIN + 31, middle + 6)]
    canvas.polygon(corners, fill="#ffffff")
    canvas.text(MARGIN + 47, middle + 3, "!", Type("sans-bold", 17, colour), "center")
    canvas.text(MARGIN + 47, middle + 19, level, Type("sans-bold", 9, "#ffffff"), "center")
    return y + height + 12


def safety(canvas: Canvas) -> None:
    """Notices by level, intended use and personnel."""
    y = title(canvas, "1  Safety")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.INTENDED_USE, BODY) + 14
    for level, text in words.NOTICES:
        y = notice(canvas, y, level, text)
    canvas.text(MARGIN, y + 16, "1.1  Personal protective equipment", HEAD)
    y = canvas.bullets(MARGIN, y + 26, WIDTH, words.PROTECTION, BODY, ORANGE)
    canvas.text(MARGIN, y + 20, "1.2  Disposal", HEAD)
    canvas.paragraph(MARGIN, y + 28, WIDTH, words.DISPOSAL, BODY)


def construction(canvas: Canvas) -> None:
    """The exploded view and its parts list."""
    y = title(canvas, "2  Construction")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.CONSTRUCTION, BODY) + 18
    canvas.rect(MARGIN, y, WIDTH, 240, fill="#fafbfc", stroke="#d5dbe0", weight=0.7)
    exploded_view(Pen(canvas, MARGIN + 18, y + 16, 0.93))
    canvas.text(MARGIN, y + 256, "Figure 1. Exploded view along the shaft", CAPTION)
    y += 282
    table = Table((34, 172, 72, 205), "clll", LOOK)
    head = Row(("No.", "Part", "Order no.", "Material and remarks"), "head")
    y = table.draw(canvas, MARGIN, y, [head, *map(Row, words.PARTS)])
    canvas.paragraph(MARGIN, y + 14, WIDTH, words.SEAL_KIT, BODY)


FLOWS = (0, 5, 10, 15, 20, 25, 30, 35, 40)
HEADS = (
    ("2900 rpm", (34.0, 33.6, 32.8, 31.4, 29.3, 26.5, 22.9, 18.3, 12.5), DARK),
    ("2400 rpm", (23.3, 23.0, 22.2, 20.8, 18.7, 15.9, 12.2), "#2f7fb5"),
    ("1900 rpm", (14.6, 14.3, 13.4, 11.8, 9.5), ORANGE),
)


def data(canvas: Canvas) -> None:
    """The data sheet and the performance curves."""
    y = title(canvas, "3  Technical data")
    table = Table((122, 120, 108, 133), "llll", LOOK)
    head = Row(("Hydraulics", "", "Motor and general", ""), "head")
    y = table.draw(canvas, MARGIN, y, [head, *map(Row, words.DATA)]) + 14
    canvas.text(MARGIN, y, "Table 1. Values at 2900 rpm with water of 20 °C", CAPTION)
    y += 34
    canvas.text(MARGIN, y, "3.1  Performance curves", HEAD)
    frame = Frame(MARGIN + 30, y + 32, WIDTH - 36, 236, 0, 40, 5)
    charts.axes(canvas, frame, (), "Head, m")
    base = frame.y + frame.height
    for flow in FLOWS:
        x = frame.x + frame.width * flow / 45
        canvas.line((x, frame.y), (x, base), charts.GRID, 0.5)
        canvas.text(x, base + 13, str(flow), frame.label, "center")
    canvas.text(frame.x + frame.width, base + 27, "Flow, m³/h", frame.label.italic(), "right")
    for name, heads, colour in HEADS:
        curve = [
            (frame.x + frame.width * q / 45, frame.level(h))
            for q, h in zip(FLOWS, heads, strict=False)
        ]
        canvas.path(curve, colour, 2)
        canvas.text(curve[-1][0] + 5, curve[-1][1] - 4, name, charts.VALUE.tint(colour))
    best = (frame.x + frame.width * 26 / 45, frame.level(25.8))
    canvas.circle(best, 4.5, fill="#ffffff", stroke=ORANGE, weight=1.8)
    canvas.text(best[0] + 9, best[1] - 6, "best point: 26 m³/h at 25.8 m, 64%", charts.VALUE)
    canvas.text(MARGIN, base + 46, "Figure 2. Head over flow at three speeds", CAPTION)
    canvas.paragraph(MARGIN, base + 60, WIDTH, words.SPEEDS, BODY)


def installation(canvas: Canvas) -> None:
    """The piping figure, its legend, and tightening torques."""
    y = title(canvas, "4  Installation")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.INSTALLATION, BODY) + 12
    canvas.rect(MARGIN, y, WIDTH, 310, fill="#fafbfc", stroke="#d5dbe0", weight=0.7)
    piping(Pen(canvas, MARGIN + 22, y + 72, 0.9))
    x, low = MARGIN + 292, y + 214
    for index, (letter, text) in enumerate(words.PIPING):
        canvas.text(x, low + index * 16, letter, BODY.bold().tint(ORANGE))
        canvas.text(x + 16, low + index * 16, text, BODY.at(8.8).tint(INK))
    canvas.text(MARGIN, y + 324, "Figure 3. Pipework for suction from an open sump", CAPTION)
    y += 352
    canvas.text(MARGIN, y, "4.1  Tightening torques", HEAD)
    table = Table((203, 60, 60, 70, 90), "lcccr", LOOK)
    head = Row(("Joint", "Thread", "Grade", "Quantity", "Torque, Nm"), "head")
    y = table.draw(canvas, MARGIN, y + 10, [head, *map(Row, words.TORQUES)])
    text = "Table 2. Torques for dry, clean threads. Tighten the casing crosswise in two passes."
    canvas.text(MARGIN, y + 14, text, CAPTION)
