"""Setting the clauses of the services agreement over as many pages as they need."""

from __future__ import annotations

import pymupdf

from drawing.agreement_text import Clause
from drawing.canvas import Canvas
from drawing.press import A4
from drawing.typeset import Type, break_lines

NAVY, GREY = "#1c2b4a", "#5d6470"
MARGIN, TOP, BOTTOM = 76.0, 84.0, 762.0
WIDTH = 595.0 - 2 * MARGIN
BODY = Type("serif", 11.4, "#1b1b1b", 1.47)
HEAD = Type("serif-bold", 12.2, NAVY)
FRONT_PAGES = 2  # cover and contents, numbered i and ii


class Flow:
    """Sets clauses one below another, opening pages as they fill."""

    def __init__(self, document: pymupdf.Document) -> None:
        self.document = document
        self.starts: list[tuple[str, int]] = []
        self.canvas = self.open_page()
        self.y = TOP

    @property
    def number(self) -> int:
        """The printed number of the page being filled."""
        return len(self.document) - FRONT_PAGES

    def open_page(self) -> Canvas:
        """A new page with its running head and foot."""
        canvas = Canvas(self.document.new_page(width=A4[0], height=A4[1]))
        small = Type("serif-italic", 9, GREY)
        canvas.text(MARGIN, 48, "Services Agreement", small)
        canvas.text(MARGIN + WIDTH, 48, "Oakhollow / Tamsin Vale", small, "right")
        canvas.line((MARGIN, 55), (MARGIN + WIDTH, 55), "#b9bfca", 0.6)
        canvas.text(297.5, 803, str(self.number), Type("serif", 9.5, GREY), "center")
        self.y = TOP
        return canvas

    def turn(self) -> None:
        """Finish the page and open the next."""
        self.canvas.finish()
        self.canvas = self.open_page()

    def room(self, height: float) -> None:
        """Turn the page unless `height` points are left on it."""
        if self.y + height > BOTTOM:
            self.turn()

    def paragraph(self, label: str, text: str, indent: float) -> None:
        """A labelled paragraph, broken over the page's end where it must be."""
        measure = WIDTH - indent
        lines = break_lines(text, BODY, measure)
        self.room(min(len(lines), 2) * BODY.line_height)
        self.canvas.text(MARGIN + indent - 32, self.y + BODY.rise, label, BODY)
        for line in lines:
            self.room(BODY.line_height)
            self.canvas.line_of_type(MARGIN + indent, self.y, measure, line, BODY, "justify")
            self.y += BODY.line_height
        self.y += 4.6

    def clause(self, number: int, clause: Clause) -> None:
        """A clause with its title and numbered parts."""
        self.room(5 * BODY.line_height)
        self.starts.append((f"{number}.  {clause.title}", self.number))
        self.y += 8
        self.canvas.text(MARGIN, self.y + 11, f"{number}.", HEAD)
        self.canvas.text(MARGIN + 32, self.y + 11, clause.title, HEAD)
        self.y += 21
        part = 0
        for text in clause.parts:
            if text.startswith("("):
                label, _, rest = text.partition(" ")
                self.paragraph(label, rest, 64)
            else:
                part += 1
                self.paragraph(f"{number}.{part}", text, 32)

    def heading(self, text: str) -> None:
        """A schedule's title, centred at the top of a page of its own."""
        self.turn()
        self.starts.append((text, self.number))
        middle = MARGIN + WIDTH / 2
        self.canvas.text(middle, self.y + 12, text, HEAD.at(15), "center")
        self.y += 36
