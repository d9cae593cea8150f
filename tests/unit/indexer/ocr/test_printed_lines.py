"""Lines that were read, and the words of a page that they make."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.ocr.area_reading import legible, searched_scale
from indexer.ocr.printed_lines import PrintedLine, words_of
from indexer.ocr.quads import page_turned, standing, turn_lines

SIZE = (400, 300)


def flat(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def line(
    text: str, frame: tuple[float, float, float, float], quarters: int = 0, score: float = 0.99
) -> PrintedLine:
    quad = turn_lines(np.array([flat(*frame)]), quarters)[0]
    return PrintedLine(quad, quarters, text, score)


def test_words_without_places_get_the_share_of_their_characters():
    words = words_of([line("ab 中文 fghi", (0, 0, 400, 20))], SIZE)
    assert words.texts == ("ab", "中文", "fghi")
    assert np.round(words.boxes[:, [0, 2]] / 65535, 2).tolist() == [
        [0, 0.25],
        [0.25, 0.5],
        [0.5, 1],
    ]


def test_words_lie_where_their_characters_were_read():
    quad = np.array(flat(0, 0, 400, 20))
    places = (0.05, 0.15, 0.65, 0.75, 0.85)
    words = words_of([PrintedLine(quad, 0, "ab cde", 0.9, places)], SIZE)
    x = words.boxes[:, [0, 2]] / 65535
    assert x[0, 1] <= 0.4 <= x[1, 0]
    assert x[1, 1] == 1.0


@pytest.mark.parametrize(
    ("quarters", "order"), [(0, "first second"), (2, "second first")], ids=["upright", "head down"]
)
def test_rows_are_read_from_the_top_of_the_print(quarters, order):
    lines = [
        line("first", (50, 20, 350, 40), quarters),
        line("second", (50, 60, 350, 80), quarters),
    ]
    assert " ".join(words_of(lines, SIZE).texts) == order


@pytest.mark.parametrize(("quarters", "order"), [(1, "right left"), (3, "left right")])
def test_columns_of_a_page_on_its_side_are_read_from_the_top_of_the_print(quarters, order):
    lines = [
        line("left", (50, 20, 70, 280), quarters),
        line("right", (90, 20, 110, 280), quarters),
    ]
    assert " ".join(words_of(lines, SIZE).texts) == order


def test_boxes_of_turned_words_lie_on_the_page_as_it_is():
    words = words_of([line("up down", (50, 20, 70, 280), 3)], SIZE)
    assert words.texts == ("up", "down")
    assert (words.boxes[0, 1] > words.boxes[1, 1]).all()  # it is read upwards
    assert np.round(words.boxes[:, 0] / 65535 * 400).tolist() == [50, 50]


def test_an_axis_title_comes_behind_the_upright_lines():
    lines = [
        line("tonnes", (10, 50, 30, 250), 3),
        line("Output of the machines", (60, 10, 380, 30)),
    ]
    assert words_of(lines, SIZE).texts[-1] == "tonnes"


@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_line_lies_flat_on_the_turned_page(quarters):
    frame = (50, 20, 70, 280) if quarters % 2 else (50, 20, 350, 40)
    quad = page_turned(line("x", frame, quarters).quad[None], quarters, SIZE)[0]
    assert quad[0].tolist() == quad.min(axis=0).tolist()
    assert quad[2].tolist() == quad.max(axis=0).tolist()
    assert not standing(quad[None])[0]


def test_squares_and_lone_ideographs_of_a_drawing_say_nothing():
    drawing = [line("□", (0, 0, 9, 9)), line("口", (20, 0, 29, 9)), line("DN 50", (40, 0, 80, 9))]
    assert [one.text for one in legible(drawing)] == ["DN 50"]
    chinese = [*drawing, line("出口阀门", (0, 20, 80, 40))]
    assert [one.text for one in legible(chinese)] == ["口", "DN 50", "出口阀门"]
    assert legible([line("doubtful", (0, 0, 80, 9), score=0.4)]) == []


@pytest.mark.parametrize(
    ("size", "side"), [((992, 1403), 1024), ((600, 400), 600), ((330, 3600), 2048)]
)
def test_pages_are_searched_at_a_thousand_pixels_and_strips_at_two(size, side):
    assert round(max(size) * searched_scale(size)) == side
