"""Ruled tables with wrapped cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from drawing.canvas import Canvas
from drawing.typeset import Type, break_lines


@dataclass(frozen=True)
class Row:
    """Cells from left to right; kind is head, body, section, subtotal or total."""

    cells: Sequence[str]
    kind: str = "body"


@dataclass(frozen=True)
class Look:
    """Colours and type of a table; `zebra` shades every second body row."""

    body: Type = field(default_factory=lambda: Type("sans", 8.6, "#262626", 1.3))
    head_fill: str | None = None
    head_ink: str = "#222222"
    rule: str = "#b9c0c5"
    strong: str = "#333333"
    zebra: str | None = None
    pad_x: float = 6.0
    pad_y: float = 4.0
    body_rule: bool = True


class Table:
    """Columns of fixed widths and aligns ("l", "r", "c"), drawn row by row."""

    def __init__(self, widths: Sequence[float], aligns: str, look: Look) -> None:
        self.widths = widths
        self.aligns = aligns
        self.look = look

    def draw(self, canvas: Canvas, x: float, y: float, rows: Sequence[Row]) -> float:
        """The rows with the first one's top at y; the y below the last."""
        shaded = False
        for row in rows:
            height = self.height_of(row)
            shaded = not shaded if row.kind == "body" else False
            self._ground(canvas, x, y, height, row, shaded)
            self._cells(canvas, x, y, row)
            y += height
        return y

    def height_of(self, row: Row) -> float:
        """How tall the row stands with its cells wrapped."""
        type_ = self._type(row)
        counts = [
            len(break_lines(cell, type_, self._measure(row, index)))
            for index, cell in enumerate(row.cells)
        ]
        extra = 4.0 if row.kind == "section" else 0.0
        return max(counts) * type_.line_height + 2 * self.look.pad_y + extra

    def _type(self, row: Row) -> Type:
        if row.kind == "body":
            return self.look.body
        strong = self.look.body.bold()
        return strong.tint(self.look.head_ink) if row.kind == "head" else strong

    def _measure(self, row: Row, index: int) -> float:
        if row.kind == "section" and index == 0:
            return sum(self.widths) - 2 * self.look.pad_x
        return self.widths[index] - 2 * self.look.pad_x

    def _ground(
        self, canvas: Canvas, x: float, y: float, height: float, row: Row, shaded: bool
    ) -> None:
        look, width = self.look, sum(self.widths)
        if row.kind == "head" and look.head_fill:
            canvas.rect(x, y, width, height, fill=look.head_fill)
        elif row.kind == "head":
            canvas.line((x, y + height), (x + width, y + height), look.strong, 0.9)
        elif shaded and look.zebra:
            canvas.rect(x, y, width, height, fill=look.zebra)
        if row.kind == "body" and look.body_rule:
            canvas.line((x, y + height), (x + width, y + height), look.rule, 0.4)
        if row.kind in ("subtotal", "total"):
            self._figure_rules(canvas, x, y, height, row)

    def _figure_rules(self, canvas: Canvas, x: float, y: float, height: float, row: Row) -> None:
        """A rule above the figures of a sum, and two below those of a total."""
        left = x
        for index, width in enumerate(self.widths):
            if self.aligns[index] == "r" and row.cells[index]:
                start, end = left + self.look.pad_x, left + width - self.look.pad_x + 2
                canvas.line((start, y + 1), (end, y + 1), self.look.strong, 0.6)
                if row.kind == "total":
                    for drop in (1.8, 0.0):
                        low = y + height - drop
                        canvas.line((start, low), (end, low), self.look.strong, 0.6)
            left += width

    def _cells(self, canvas: Canvas, x: float, y: float, row: Row) -> None:
        type_ = self._type(row)
        top = y + self.look.pad_y + (4.0 if row.kind == "section" else 0.0)
        for index, cell in enumerate(row.cells):
            align = {"l": "left", "r": "right", "c": "center"}[self.aligns[index]]
            measure = self._measure(row, index)
            canvas.paragraph(x + self.look.pad_x, top, measure, cell, type_, align)
            x += self.widths[index]


def headed(rows: Sequence[Sequence[str]]) -> list[Row]:
    """Rows of which the first is the head."""
    return [Row(rows[0], "head"), *map(Row, rows[1:])]
