"""A page to draw on. Lengths are points, x grows to the right and y grows down.

Text lies over shapes and shapes over images, in whatever order they were asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pymupdf

from drawing.shapes import Point, Shapes, rgb
from drawing.typeset import Line, Type, break_lines, font


@dataclass
class _Batch:
    """Text of one colour, written at once; `turn` is a pivot and an angle in degrees."""

    writer: pymupdf.TextWriter
    colour: str
    turn: tuple[Point, float] | None = None


class Canvas(Shapes):
    """Collects the ink of one page; `finish` puts it there."""

    def __init__(self, page: pymupdf.Page) -> None:
        super().__init__(page)
        self.width: float = page.rect.width
        self.height: float = page.rect.height
        self._batches: list[_Batch] = []

    def finish(self) -> None:
        """Write shapes, then text, to the page."""
        super().finish()
        for batch in self._batches:
            morph = None
            if batch.turn:
                pivot, angle = batch.turn
                morph = (pymupdf.Point(pivot), pymupdf.Matrix(angle))
            batch.writer.write_text(self.page, color=rgb(batch.colour), morph=morph)
        self.page.clean_contents()

    def text(
        self, x: float, y: float, text: str, type_: Type, align: str = "left", angle: float = 0.0
    ) -> None:
        """One line with its baseline at y; `align` says which part of it stands at x."""
        if not text:
            return
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * type_.width_of(text)
        turn = ((x, y), angle) if angle else None
        writer = self._writer(type_.colour, turn)
        writer.append((x - shift, y), text, font=font(type_.face), fontsize=type_.size)

    def paragraph(
        self, x: float, y: float, width: float, text: str, type_: Type, align: str = "left"
    ) -> float:
        """A broken paragraph with its top at y; the y below it."""
        lines = break_lines(text, type_, width)
        for index, line in enumerate(lines):
            self.line_of_type(x, y + index * type_.line_height, width, line, type_, align)
        return y + len(lines) * type_.line_height

    def line_of_type(
        self, x: float, y: float, width: float, line: Line, type_: Type, align: str = "left"
    ) -> None:
        """One broken line with its top at y."""
        space = type_.width_of(" ")
        gaps = line.gaps
        if align == "justify" and not line.last and gaps:
            space = (width - line.solid_width) / gaps
        slack = width - line.solid_width - gaps * space
        x += {"center": 0.5, "right": 1.0}.get(align, 0.0) * slack
        baseline = y + type_.rise
        if align != "justify" and all(word.type == type_ for word in line.words):
            self.text(x, baseline, " ".join(word.text for word in line.words), type_)
            return
        for index, word in enumerate(line.words):
            x += space if index and not word.glued else 0.0
            self.text(x, baseline, word.text, word.type)
            x += word.width

    def bullets(
        self,
        x: float,
        y: float,
        width: float,
        items: Sequence[str],
        type_: Type,
        mark: str,
        gap: float = 4.0,
    ) -> float:
        """Paragraphs behind round marks of the colour `mark`; the y below them."""
        for item in items:
            middle = y + type_.rise - type_.size * 0.3
            self.circle((x + 3, middle), 1.7, fill=mark)
            y = self.paragraph(x + 13, y, width - 13, item, type_) + gap
        return y

    def _writer(self, colour: str, turn: tuple[Point, float] | None) -> pymupdf.TextWriter:
        last = self._batches[-1] if self._batches else None
        if last is None or last.colour != colour or last.turn or turn:
            last = _Batch(pymupdf.TextWriter(self.page.rect), colour, turn)
            self._batches.append(last)
        return last.writer
