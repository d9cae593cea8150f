"""A rule of a table is not read as a word."""

from __future__ import annotations

import numpy as np

from indexer.ocr.area_reading import legible
from indexer.ocr.printed_lines import PrintedLine, words_of


def line(text: str, width: float, height: float) -> PrintedLine:
    quad = np.array([[10.0, 10.0], [10 + width, 10], [10 + width, 10 + height], [10, 10 + height]])
    return PrintedLine(quad, 0, text, 0.9)


def test_bars_are_no_words_and_letters_that_are_much_too_thin_are_not_read() -> None:
    words = words_of([line("Release | The word", 180, 12)], (400, 100))
    assert words.texts == ("Release", "The", "word")
    lines = [line("G1", 1, 20), line("G1", 20, 1), line("G1", 16, 14), line("I", 3, 14)]
    assert [found.text for found in legible(lines)] == ["G1", "I"]
