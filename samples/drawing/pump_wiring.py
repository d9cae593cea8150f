"""The wiring diagram of the pump manual."""

from __future__ import annotations

from drawing.pump_figures import INK, ORANGE, STEEL, TAG, Pen
from drawing.typeset import Type

PHASES = (("L1", "brown", "#7a4a21"), ("L2", "black", "#111111"), ("L3", "grey", "#80888f"))
EARTH = "#3c8f3c"
STEPS = (
    ("S0", "stop button", "11–12"),
    ("S1", "start button", "12–13"),
    ("S2", "float switch, opens when the sump is empty", "13–14"),
    ("B1", "thermistor relay, trips at 140 °C", "14–15"),
    ("F1", "overload auxiliary contact", "15–16"),
)
MARK = Type("sans-bold", 8.6, INK)


def wiring(pen: Pen) -> None:
    """Power circuit on the left, control circuit on the right; 480 x 330 units."""
    _power(pen)
    _motor(pen)
    _control(pen)


def _power(pen: Pen) -> None:
    """Three phases through breaker, contactor and overload relay."""
    canvas = pen.canvas
    for index, (name, colour, ink) in enumerate(PHASES):
        x = 40 + index * 34
        canvas.text(*pen.at(x, 4), name, MARK, "center")
        pen.line((x, 10), (x, 40), stroke=ink)
        canvas.text(*pen.at(x - 3, 36), colour, TAG.at(6.4), angle=90)
        for top in (40, 110):  # an open contact: the blade leans away from its lower end
            pen.line((x, top + 26), (x - 11, top + 4))
            pen.disc(x, top, 2, "#ffffff")
            pen.disc(x, top + 28, 2, "#ffffff")
        pen.line((x, 68), (x, 110), stroke=ink)
        pen.line((x, 138), (x, 176), stroke=ink)
        pen.line((x, 204), (x, 236), stroke=ink)
        canvas.text(*pen.at(x + 4, 173), f"T{2 * index + 1}", TAG)
    for y in (54, 124):
        pen.line((28, y), (105, y), dash="[3 2] 0")
    pen.box(26, 176, 96, 28)
    canvas.text(*pen.at(74, 194), "F1  4.0–6.3 A", MARK, "center")
    canvas.text(*pen.at(122, 50), "Q1", MARK)
    canvas.text(*pen.at(122, 61), "breaker 16 A, type D", TAG)
    canvas.text(*pen.at(122, 120), "K1", MARK)
    canvas.text(*pen.at(122, 131), "contactor 9 A", TAG)
    canvas.text(*pen.at(130, 189), "overload relay", TAG)
    canvas.text(*pen.at(130, 199), "set to 5.1 A", TAG.bold())


def _motor(pen: Pen) -> None:
    canvas = pen.canvas
    pen.box(26, 236, 96, 18)
    for index, name in enumerate("UVW"):
        canvas.text(*pen.at(40 + index * 34, 249), name, MARK, "center")
        pen.line((40 + index * 34, 254), (74 + (index - 1) * 18, 270))
    pen.disc(74, 298, 33)
    canvas.text(*pen.at(74, 296), "M", Type("sans-bold", 17, INK), "center")
    canvas.text(*pen.at(74, 312), "3 ~  2.2 kW", TAG, "center")
    pen.line((8, 10), (8, 298), (41, 298), stroke=EARTH)
    canvas.text(*pen.at(8, 4), "PE", MARK, "center")
    canvas.text(*pen.at(5, 110), "green-yellow", TAG.at(6.4), angle=90)
    pen.line((107, 298), (196, 298), (196, 262), dash="[4 2] 0")
    canvas.text(*pen.at(116, 312), "winding thermistor", TAG)


def _control(pen: Pen) -> None:
    """Start, stop, float switch and thermistor relay in series with the coil."""
    canvas = pen.canvas
    canvas.rect(*pen.at(222, 0), 258 * pen.scale, 330 * pen.scale, fill="#fbf6f1")
    canvas.text(*pen.at(234, 18), "Control circuit, 24 V DC", MARK.tint(ORANGE))
    pen.line((256, 34), (256, 52))
    canvas.text(*pen.at(264, 40), "+24 V", TAG.bold())
    for index, (name, text, terminals) in enumerate(STEPS):
        y = 52 + index * 44
        pen.disc(256, y, 2, "#ffffff")
        if name == "S1":  # the only contact that is open at rest
            pen.line((256, y + 24), (245, y + 5))
        else:
            pen.line((256, y + 24), (261, y + 1))
            pen.line((258, y), (264, y))
        pen.disc(256, y + 26, 2, "#ffffff")
        pen.line((256, y + 28), (256, y + 44))
        canvas.text(*pen.at(272, y + 10), name, MARK)
        canvas.text(*pen.at(290, y + 10), text, TAG)
        canvas.text(*pen.at(290, y + 21), f"terminals {terminals}", TAG.tint(ORANGE))
    pen.line((256, 84), (240, 84), (240, 91))  # the contactor's own contact, across S1
    pen.line((240, 109), (240, 122), (256, 122))
    pen.line((240, 107), (232, 94))
    for y in (91, 109):
        pen.disc(240, y, 2, "#ffffff")
    canvas.text(*pen.at(236, 122), "K1", TAG, "right")
    pen.box(242, 272, 28, 20, "#ffffff")
    canvas.text(*pen.at(256, 286), "K1", MARK, "center")
    canvas.text(*pen.at(278, 286), "contactor coil; K1 holds itself in", TAG)
    pen.line((256, 292), (256, 314))
    canvas.text(*pen.at(264, 314), "0 V, terminal 17", TAG.bold())
    pen.box(176, 234, 40, 28, STEEL)
    canvas.text(*pen.at(196, 252), "B1", MARK, "center")
    pen.line((216, 248), (236, 248), dash="[4 2] 0")
