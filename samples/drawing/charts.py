"""Charts with axes, value labels and legends, drawn on a canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drawing.canvas import Canvas
from drawing.shapes import ring
from drawing.typeset import Type

GRID = "#d9dee2"
AXIS = "#8a949b"
LABEL = Type("sans", 7.6, "#4a555c")
VALUE = Type("sans-bold", 7.6, "#2b3338")


@dataclass(frozen=True)
class Series:
    """A named row of values in one colour."""

    name: str
    values: Sequence[float]
    colour: str


@dataclass(frozen=True)
class Frame:
    """The plot area, and the value axis from `low` to `high` in steps of `step`."""

    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    step: float
    label: Type = LABEL
    value: Type = VALUE

    def level(self, value: float) -> float:
        """The y of a value."""
        return self.y + self.height * (self.high - value) / (self.high - self.low)

    def slot(self, index: int, count: int) -> float:
        """The x at the middle of one of `count` categories."""
        return self.x + self.width * (index + 0.5) / count


def whole(value: float) -> str:
    """1234.0 -> 1,234."""
    return f"{value:,.0f}"


def tenths(value: float) -> str:
    """1234.5 -> 1,234.5."""
    return f"{value:,.1f}"


def axes(canvas: Canvas, frame: Frame, categories: Sequence[str], unit: str) -> None:
    """Grid lines with their values, the base line, category names and the unit."""
    small = frame.label.size
    for index in range(round((frame.high - frame.low) / frame.step) + 1):
        value = frame.low + index * frame.step
        y = frame.level(value)
        if index:
            canvas.line((frame.x, y), (frame.x + frame.width, y), GRID, 0.5)
        canvas.text(frame.x - 6, y + small * 0.35, f"{value:,g}", frame.label, "right")
    base = frame.y + frame.height
    canvas.line((frame.x, base), (frame.x + frame.width, base), AXIS, 0.9)
    for index, name in enumerate(categories):
        x = frame.slot(index, len(categories))
        canvas.text(x, base + small * 1.7, name, frame.label, "center")
    canvas.text(frame.x - 24, frame.y - small * 1.1, unit, frame.label.italic())


def bars(
    canvas: Canvas,
    frame: Frame,
    series: Sequence[Series],
    count: int,
    show: Callable[[float], str] = tenths,
    last: str | None = None,
) -> None:
    """Bars side by side with their values on top; `last` colours the final category."""
    slot = frame.width / count
    thick = slot * (0.5 if len(series) == 1 else 0.72) / len(series)
    for order, row in enumerate(series):
        for index, value in enumerate(row.values):
            middle = frame.slot(index, count) + (order - (len(series) - 1) / 2) * thick
            top = frame.level(value)
            fill = last if last and index == count - 1 else row.colour
            base = frame.y + frame.height
            canvas.rect(middle - thick * 0.46, top, thick * 0.92, base - top, fill=fill)
            canvas.text(middle, top - 4, show(value), frame.value, "center")


def stacked(
    canvas: Canvas,
    frame: Frame,
    series: Sequence[Series],
    count: int,
    show: Callable[[float], str] = whole,
) -> None:
    """Stacked bars, each part with its value inside and the total on top."""
    thick = frame.width / count * 0.56
    inside = frame.value.tint("#ffffff")
    for index in range(count):
        left = frame.slot(index, count) - thick / 2
        reached = 0.0
        for row in series:
            value = row.values[index]
            bottom, top = frame.level(reached), frame.level(reached + value)
            canvas.rect(left, top, thick, bottom - top, fill=row.colour)
            if bottom - top > frame.value.size * 1.15:
                middle = (top + bottom) / 2 + frame.value.size * 0.35
                canvas.text(left + thick / 2, middle, show(value), inside, "center")
            reached += value
        top = frame.level(reached) - 4
        canvas.text(left + thick / 2, top, show(reached), frame.value, "center")


def lines(
    canvas: Canvas,
    frame: Frame,
    series: Sequence[Series],
    count: int,
    show: Callable[[float], str] = whole,
    below: Sequence[str] = (),
) -> None:
    """Lines with a dot and a value at each point; series named in `below` label under it."""
    for row in series:
        points = [(frame.slot(i, count), frame.level(v)) for i, v in enumerate(row.values)]
        canvas.path(points, row.colour, 1.8)
        drop = frame.value.size * 1.5 if row.name in below else -6
        for (x, y), value in zip(points, row.values, strict=True):
            canvas.circle((x, y), 2.6, fill="#ffffff", stroke=row.colour, weight=1.4)
            ink = frame.value.tint(row.colour)
            canvas.text(x, y + drop, show(value), ink, "center")


def donut(
    canvas: Canvas,
    centre: tuple[float, float],
    radius: float,
    parts: Sequence[tuple[str, float, str]],
    value: Type = VALUE,
    hole: float = 0.56,
) -> None:
    """Shares of a whole as ring pieces (name, per cent, colour), the per cent in each."""
    start = 0.0
    total = sum(share for _, share, _ in parts)
    for _, share, colour in parts:
        end = start + 360 * share / total
        outer = ring(centre, radius, start, end)
        inner = ring(centre, radius * hole, end, start)
        canvas.polygon(outer + inner, fill=colour, stroke="#ffffff", weight=1.4)
        place = radius * (1 + hole) / 2 if share >= 6 else radius + value.size * 1.3
        ink = value.tint("#ffffff") if share >= 6 else value
        (x, y), *_ = ring(centre, place, (start + end) / 2, (start + end) / 2 + 1)
        canvas.text(x, y + value.size * 0.35, f"{share:g}%", ink, "center")
        start = end


def legend(
    canvas: Canvas, x: float, y: float, entries: Sequence[tuple[str, str]], type_: Type = LABEL
) -> None:
    """Names behind squares of their colour, in one row from x; y is the baseline."""
    for name, colour in entries:
        side = type_.size * 0.95
        canvas.rect(x, y - side * 0.85, side, side, fill=colour)
        canvas.text(x + side * 1.6, y, name, type_)
        x += side * 1.6 + type_.width_of(name) + type_.size * 2
