"""Misread logos and library marks are left out; labels stay."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.ocr.marks import without_marks
from indexer.ocr.printed_lines import PrintedLine
from tests.unit.indexer.ocr.drawn_pages import page_of, printed

IMAGE, WORDS = printed(*["The tenant pays a deposit of 3,250 euros before the keys"] * 6)
PAGE = page_of(IMAGE, WORDS)


def line(text: str, score: float, y: float, height: float, length: float = 90) -> PrintedLine:
    corners = np.array([[0, y], [length, y], [length, y + height], [0, y + height]], float)
    return PrintedLine(corners, 0, text, score)


FAR = IMAGE.height + 200.0


@pytest.mark.parametrize(
    ("mark", "stays"),
    [
        (line("DigtizedbyGogle", 0.87, FAR, 30), False),
        (line("Digitized by the library", 0.87, FAR, 30), True),
        (line("Figure", 0.97, FAR, 30), True),
        (line("MF", 0.85, 0, 400), False),
        (line("intel", 0.99, 0, 400), True),
        (line("Vss", 0.79, 0, 15), True),
    ],
    ids=["mark", "sentence", "sure", "logo", "sure logo", "label beside words"],
)
def test_doubtful_marks_are_left_out_of_pages_with_text(mark, stays):
    assert len(WORDS) >= 50
    assert without_marks([mark], PAGE, WORDS.boxes) == ([mark] if stays else [])


def test_pages_without_text_keep_what_was_read():
    mark = line("DigtizedbyGogle", 0.87, FAR, 30)
    assert without_marks([mark], PAGE, WORDS.boxes[:10]) == [mark]
