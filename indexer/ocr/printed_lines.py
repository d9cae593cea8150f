"""Lines that OCR read, and the words of a page that they make.

Dimension key: L lines, W words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import FractionBox, PageWords, boxes_from_fractions
from indexer.ocr.layout import rows_in_reading_order
from indexer.ocr.quads import page_turned

_BARS = re.compile(r"[|¦]+")


@dataclass(frozen=True, slots=True, eq=False)
class PrintedLine:
    """One line of print, in px of the page image.

    quad      (4, 2) corners as the line is read: top left, top right, bottom right, bottom left
    quarters  which way it is read: 0 to the right, 1 down, 2 to the left, 3 up
    text      what was read, of which the recognizer is as sure as `score`, 0..1
    places    where each character that is no space has its middle: share 0..1 of the length
    """

    quad: NDArray[np.float64]
    quarters: int
    text: str
    score: float
    places: tuple[float, ...] = ()

    @property
    def length_px(self) -> float:
        return float(np.linalg.norm(self.quad[1] - self.quad[0]))

    @property
    def height_px(self) -> float:
        return float(np.linalg.norm(self.quad[3] - self.quad[0]))

    def words(self) -> Iterator[tuple[str, FractionBox]]:
        """Yield the words, each with its upright frame in px; bars are rules of a table, no words."""
        end = 0
        for word in self.text.split():
            start, end = end, end + len(word)
            if not _BARS.fullmatch(word):
                yield word, self._frame(*self._extent(start, end))

    def _extent(self, start: int, end: int) -> tuple[float, float]:
        """Return where characters start..end lie along the line, spaces not counted."""
        n = sum(not character.isspace() for character in self.text)
        if len(self.places) != n:
            return start / n, end / n
        width = (self.places[-1] - self.places[0]) / (n - 1) if n > 1 else 1.0
        edges = [0.0, 1.0]
        if start:
            gap = (self.places[start - 1] + self.places[start]) / 2
            edges[0] = max(self.places[start] - width / 2, gap)
        if end < n:
            gap = (self.places[end - 1] + self.places[end]) / 2
            edges[1] = min(self.places[end - 1] + width / 2, gap)
        return edges[0], max(edges)

    def _frame(self, begin: float, end: float) -> FractionBox:
        top, bottom = self.quad[1] - self.quad[0], self.quad[2] - self.quad[3]
        points = np.array(
            [
                self.quad[0] + begin * top,
                self.quad[0] + end * top,
                self.quad[3] + begin * bottom,
                self.quad[3] + end * bottom,
            ]
        )
        (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return (x0, y0, x1, y1)


def words_of(lines: Sequence[PrintedLine], size: tuple[int, int]) -> PageWords:
    """Return the words of a page image of (width, height) px in reading order.

    Lines that are read in the direction of most come first, then those of each other direction.
    """
    by_direction: dict[int, list[PrintedLine]] = defaultdict(list)
    for line in lines:
        by_direction[line.quarters].append(line)
    texts: list[str] = []
    boxes: list[FractionBox] = []
    numbers: list[int] = []
    n_rows = 0
    groups = sorted(by_direction.items(), key=lambda item: (-_n_characters(item[1]), item[0]))
    for quarters, group in groups:
        quads = page_turned(np.stack([line.quad for line in group]), quarters, size)
        for row in rows_in_reading_order(quads):
            for position in row:
                for word, box in group[position].words():
                    texts.append(word)
                    boxes.append(box)
                    numbers.append(n_rows)
            n_rows += 1
    fractions = np.array(boxes, np.float64).reshape(-1, 4) / np.array([*size, *size])
    return PageWords(
        texts=tuple(texts),
        boxes=boxes_from_fractions(fractions),
        lines=np.array(numbers, np.int32),
        source="ocr" if texts else "none",
    )


def _n_characters(lines: Sequence[PrintedLine]) -> int:
    return sum(len(line.text) for line in lines)
