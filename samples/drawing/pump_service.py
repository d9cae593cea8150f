"""Pages six to eight of the pump manual: wiring, maintenance, faults."""

from __future__ import annotations

from drawing import pump_text as words
from drawing.canvas import Canvas
from drawing.pump_figures import ORANGE, Pen
from drawing.pump_pages import BODY, CAPTION, HEAD, LOOK, MARGIN, WIDTH, notice, title
from drawing.pump_wiring import wiring
from drawing.tables import Row, Table


def electrical(canvas: Canvas) -> None:
    """The wiring diagram, cable sizes and the check of rotation."""
    y = title(canvas, "5  Electrical connection")
    y = canvas.paragraph(MARGIN, y, WIDTH, words.ELECTRICAL, BODY) + 12
    canvas.rect(MARGIN, y, WIDTH, 352, fill="#ffffff", stroke="#d5dbe0", weight=0.7)
    wiring(Pen(canvas, MARGIN + 14, y + 18, 0.95))
    canvas.text(MARGIN, y + 366, "Figure 4. Wiring of the control box KD-S3", CAPTION)
    y += 392
    canvas.text(MARGIN, y, "5.1  Motor cable", HEAD)
    table = Table((120, 130, 113, 120), "llll", LOOK)
    head = Row(("Length", "Conductors", "Cable gland", "Voltage drop"), "head")
    y = table.draw(canvas, MARGIN, y + 10, [head, *map(Row, words.CABLES)])
    canvas.text(MARGIN, y + 14, "Table 3. Copper cable, laid in air at 30 °C", CAPTION)
    notice(
        canvas,
        y + 30,
        "DANGER",
        "**Earth first.** Connect the green-yellow conductor before "
        "the phases, and leave it 50 mm longer than they are inside the terminal box.",
    )


def maintenance(canvas: Canvas) -> None:
    """Starting up, the schedule and how to change the seal."""
    y = title(canvas, "6  Operation and maintenance")
    canvas.text(MARGIN, y + 10, "6.1  First start", HEAD)
    y += 20
    for number, step in enumerate(words.START_STEPS, start=1):
        canvas.text(MARGIN, y + BODY.rise, f"{number}.", BODY.bold().tint(ORANGE))
        y = canvas.paragraph(MARGIN + 16, y, WIDTH - 16, step, BODY) + 3
    canvas.text(MARGIN, y + 24, "6.2  Maintenance schedule", HEAD)
    table = Table((98, 252, 70, 63), "lllr", LOOK)
    head = Row(("Interval", "Task", "By", "Time"), "head")
    y = table.draw(canvas, MARGIN, y + 34, [head, *map(Row, words.SCHEDULE)])
    canvas.text(MARGIN, y + 14, "Table 4. Whichever of hours and dates comes first", CAPTION)
    y += 44
    canvas.text(MARGIN, y, "6.3  Changing the mechanical seal", HEAD)
    y += 10
    for number, step in enumerate(words.SEAL_STEPS, start=1):
        canvas.text(MARGIN, y + BODY.rise, f"{number}.", BODY.bold().tint(ORANGE))
        y = canvas.paragraph(MARGIN + 16, y, WIDTH - 16, step, BODY) + 3
    notice(
        canvas,
        y + 10,
        "CAUTION",
        "Do not touch the silicon carbide faces with bare fingers. "
        "A film of skin fat is enough to make a new seal weep.",
    )


def faults(canvas: Canvas) -> None:
    """Troubleshooting by symptom, and the codes of the control box."""
    y = title(canvas, "7  Faults")
    canvas.text(MARGIN, y + 8, "7.1  Troubleshooting", HEAD)
    table = Table((132, 170, 181), "lll", LOOK)
    head = Row(("Symptom", "Likely cause", "Remedy"), "head")
    y = table.draw(canvas, MARGIN, y + 18, [head, *map(Row, words.SYMPTOMS)])
    canvas.text(MARGIN, y + 14, "Table 5. Symptoms without a code on the display", CAPTION)
    y += 44
    canvas.text(MARGIN, y, "7.2  Error codes of the control box KD-S3", HEAD)
    table = Table((52, 196, 235), "lll", LOOK)
    head = Row(("Code", "Meaning", "What to do"), "head")
    y = table.draw(canvas, MARGIN, y + 10, [head, *map(Row, words.CODES)])
    text = "Table 6. Hold the reset button for three seconds to show the last five codes."
    canvas.text(MARGIN, y + 14, text, CAPTION)
    canvas.paragraph(MARGIN, y + 32, WIDTH, words.SERVICE, BODY)
