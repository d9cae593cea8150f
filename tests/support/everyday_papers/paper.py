"""Draws a page by hand: words at a place, tables without a grid, rules, bars, pictures of other pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf

A4 = (595.0, 842.0)
LANDSCAPE = (842.0, 595.0)
REGULAR, BOLD, ITALIC, SERIF = "helv", "hebo", "heit", "tiro"


class Paper:
    """A document that is drawn page by page; lengths are points, y is the baseline of a line."""

    def __init__(self, size: tuple[float, float] = A4) -> None:
        self._document = pymupdf.open()
        self.size = size
        self.add_page()

    def add_page(self) -> None:
        width, height = self.size
        self.page = self._document.new_page(width=width, height=height)

    def say(self, x: float, y: float, text: str, size: float = 10, font: str = REGULAR) -> None:
        """Put one line of text."""
        self.page.insert_text((x, y), text, fontsize=size, fontname=font)

    def say_right(
        self, x: float, y: float, text: str, size: float = 10, font: str = REGULAR
    ) -> None:
        """Put one line of text that ends at `x`."""
        self.say(x - pymupdf.get_text_length(text, font, size), y, text, size, font)

    def say_lines(
        self, x: float, y: float, text: str, size: float = 10, leading: float = 1.35
    ) -> float:
        """Put the lines of a text below each other; return the y of the next one."""
        for line in text.strip("\n").split("\n"):
            self.say(x, y, line.strip(), size)
            y += leading * size
        return y

    def rows(
        self,
        y: float,
        stops: Sequence[float],
        rows: Sequence[Sequence[str]],
        *,
        step: float = 16,
        size: float = 9.5,
        head_font: str = BOLD,
    ) -> float:
        """Put a table without a grid, its first row as a head; a negative stop is a right edge."""
        for number, row in enumerate(rows):
            font = head_font if number == 0 else REGULAR
            for stop, text in zip(stops, row, strict=True):
                put = self.say_right if stop < 0 else self.say
                put(abs(stop), y, text, size, font)
            y += step
        return y

    def raise_mark(self, x: float, y: float, mark: str) -> None:
        """Put a footnote's mark behind what ends at `x`."""
        self.say(x + 0.5, y - 3.5, mark, 6)

    def rule(self, x0: float, y: float, x1: float) -> None:
        self.page.draw_line((x0, y), (x1, y), width=0.6)

    def frame(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.page.draw_rect((x0, y0, x1, y1), width=0.6)

    def bar(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.page.draw_rect((x0, y0, x1, y1), color=None, fill=(0.35, 0.5, 0.7))

    def sideways(self) -> Paper:
        """Return the page drawn sideways on an upright sheet, which its rotation sets right."""
        turned = Paper((self.size[1], self.size[0]))
        source = pymupdf.open(stream=self._document.tobytes())
        turned.page.show_pdf_page(turned.page.rect, source, 0, rotate=90)
        turned.page.set_rotation(90)
        return turned

    def scanned(self, dpi: int = 170) -> Paper:
        """Return the same pages as grey pictures, with no text layer."""
        scan = Paper.__new__(Paper)
        scan.size = self.size
        scan._document = pymupdf.open()
        for page in self._document:
            picture = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
            scan.page = scan._document.new_page(width=page.rect.width, height=page.rect.height)
            scan.page.insert_image(scan.page.rect, stream=picture.tobytes("jpeg", jpg_quality=60))
        return scan

    def save(self, path: Path) -> None:
        path.write_bytes(self._document.tobytes(garbage=3, deflate=True))
