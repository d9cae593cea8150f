"""Typefaces, measuring and line breaking. Lengths are points (1/72 inch)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pymupdf

# Names of the fonts that PyMuPDF carries inside itself: nothing is read from the machine.
FACES = {
    "sans": "helv",
    "sans-bold": "hebo",
    "sans-italic": "heit",
    "serif": "tiro",
    "serif-bold": "tibo",
    "serif-italic": "tiit",
    "mono": "cour",
    "mono-bold": "cobo",
}


@cache
def font(face: str) -> pymupdf.Font:
    """The built-in font behind a face name, made once."""
    return pymupdf.Font(FACES[face])


@cache
def _set_width(face: str, size: float, text: str) -> float:
    return float(font(face).text_length(text, fontsize=size))


@dataclass(frozen=True)
class Type:
    """A way of setting text: face, size in points, colour "#rrggbb", leading in sizes."""

    face: str = "sans"
    size: float = 9.5
    colour: str = "#222222"
    leading: float = 1.42

    @property
    def line_height(self) -> float:
        """Baseline to baseline, in points."""
        return self.size * self.leading

    @property
    def rise(self) -> float:
        """From the top of a line down to its baseline, in points."""
        return self.size * 0.5 + self.line_height * 0.3

    def bold(self) -> Type:
        """The same type in its bold face."""
        return replace(self, face=self.face.split("-")[0] + "-bold")

    def italic(self) -> Type:
        """The same type in its italic face."""
        return replace(self, face=self.face.split("-")[0] + "-italic")

    def tint(self, colour: str) -> Type:
        """The same type in another colour."""
        return replace(self, colour=colour)

    def at(self, size: float) -> Type:
        """The same type at another size."""
        return replace(self, size=size)

    def width_of(self, text: str) -> float:
        """How wide the text sets, in points."""
        return _set_width(self.face, self.size, text)


@dataclass(frozen=True)
class Word:
    """One word of a line, in its type; `glued` when no space goes before it."""

    text: str
    type: Type
    glued: bool = False

    @property
    def width(self) -> float:
        """How wide the word sets, in points."""
        return self.type.width_of(self.text)


@dataclass(frozen=True)
class Line:
    """Words that fit one measure; `last` when its paragraph ends here."""

    words: tuple[Word, ...]
    last: bool

    @property
    def solid_width(self) -> float:
        """The width of the words without the spaces between them."""
        return sum(word.width for word in self.words)

    @property
    def gaps(self) -> int:
        """How many spaces stand between the words."""
        return sum(not word.glued for word in self.words[1:])


def _words(text: str, type_: Type) -> Iterator[Word]:
    """The words of a text in which **two stars** mark bold."""
    before = " "
    for index, part in enumerate(text.split("**")):
        style = type_.bold() if index % 2 else type_
        for place, word in enumerate(part.split()):
            # A full stop straight after bold text belongs to the word before it.
            joined = place == 0 and not part[0].isspace() and not before.isspace()
            yield Word(word, style, joined)
        before = part[-1:] or before


def break_lines(text: str, type_: Type, width: float) -> list[Line]:
    """Greedy line breaking to a measure of `width` points."""
    space = type_.width_of(" ")
    lines: list[Line] = []
    current: list[Word] = []
    used = 0.0
    for word in _words(text, type_):
        needed = word.width + (space if current and not word.glued else 0.0)
        if current and used + needed > width:
            lines.append(Line(tuple(current), last=False))
            current, used, needed = [], 0.0, word.width
        current.append(word)
        used += needed
    lines.append(Line(tuple(current), last=True))
    return lines
