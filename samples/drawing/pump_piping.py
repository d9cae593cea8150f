"""The piping figure of the pump manual."""

from __future__ import annotations

from drawing.pump_figures import INK, ORANGE, SHADE, TAG, WATER, Pen, balloon, side_view


def piping(pen: Pen) -> None:
    """Suction from a sump, discharge with its valves; 480 x 260 units."""
    canvas = pen.canvas
    left, top = pen.at(20, 176)
    canvas.rect(left, top, 150 * pen.scale, 74 * pen.scale, fill=WATER)
    pen.line((10, 128), (20, 128), (20, 250), (170, 250), (170, 128), (300, 128), (470, 128))
    for step in range(19):
        pen.line((176 + step * 15, 134), (170 + step * 15, 142))
    for x in (40, 84, 128):
        pen.line((x, 182), (x + 18, 182), stroke="#6ea3c8")
    # suction pipe and strainer
    pen.box(92, 84, 12, 128, "#ffffff")
    pen.box(92, 72, 154, 12, "#ffffff")
    pen.shape((88, 212), (108, 212), (112, 234), (84, 234), fill=SHADE)
    for step in range(4):
        pen.line((90 + step * 5, 216), (89 + step * 5, 231))
    side_view(Pen(canvas, *pen.at(234, 29), pen.scale * 0.5, pen.weight))
    # discharge: check valve, then gate valve
    pen.box(279, -18, 12, 63, "#ffffff")
    pen.box(279, -30, 180, 12, "#ffffff")
    pen.disc(285, 16, 12, "#ffffff")
    pen.shape((278, 22), (292, 22), (285, 8), fill=INK)
    pen.shape((340, -34), (340, -14), (374, -34), (374, -14), fill=SHADE)
    pen.line((357, -24), (357, -46))
    pen.line((347, -46), (367, -46))
    canvas.arrow(pen.at(420, -24), pen.at(452, -24), ORANGE, 1.6)
    _piping_labels(pen)


def _piping_labels(pen: Pen) -> None:
    canvas = pen.canvas
    for letter, centre, target in (
        ("A", (60, 214), (88, 222)),
        ("B", (122, 44), (122, 76)),
        ("C", (222, 44), (247, 70)),
        ("D", (250, 16), (274, 16)),
        ("E", (392, -56), (362, -32)),
    ):
        balloon(canvas, pen.at(*centre), pen.at(*target), letter)
    pen.line((98, 78), (60, 78), stroke=ORANGE, dash="[3 2] 0")
    for first, second in (((70, 126), (70, 80)), ((70, 126), (70, 174))):
        canvas.arrow(pen.at(*first), pen.at(*second), ORANGE, 0.9, 5)
    canvas.text(*pen.at(64, 114), "Suction lift", TAG.bold(), "right")
    canvas.text(*pen.at(64, 124), "max. 7.5 m", TAG, "right")
    canvas.arrow(pen.at(138, 210), pen.at(138, 178), ORANGE, 0.9, 5)
    canvas.arrow(pen.at(138, 200), pen.at(138, 232), ORANGE, 0.9, 5)
    pen.line((114, 233), (150, 233), stroke=ORANGE, dash="[3 2] 0")
    canvas.text(*pen.at(178, 200), "Submergence", TAG.bold())
    canvas.text(*pen.at(178, 210), "min. 0.5 m", TAG)
    pen.line((176, 202), (144, 206), stroke=ORANGE)
    canvas.arrow(pen.at(170, 98), pen.at(112, 98), ORANGE, 0.9, 5)
    canvas.arrow(pen.at(160, 98), pen.at(236, 98), ORANGE, 0.9, 5)
    canvas.text(*pen.at(174, 112), "straight run, min. 5 × diameter", TAG, "center")
