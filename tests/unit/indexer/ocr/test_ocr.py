"""In which order lines are read, how they join a text layer, and what is said where OCR is missing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import PageWords
from indexer.ocr import PageReader, engine, merge_words
from indexer.ocr.layout import rows_in_reading_order
from indexer.ocr.readable import readable_characters
from tests.unit.indexer.ocr.drawn_pages import A4_PX, words_of


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Revenue,", 7), ("$1,234", 4), ("état", 4), (".......", 0), ("!\"#$%&'!a", 0), ("•", 0)],
)
def test_readable_characters_are_those_of_words_made_of_letters_and_digits(word, expected):
    assert readable_characters(word) == expected


def test_a_page_with_only_one_source_of_words_keeps_it():
    text = words_of([("Total", (0.1, 0.1, 0.2, 0.12))])
    ocr = words_of([("Total", (0.1, 0.1, 0.2, 0.12))], source="ocr")
    assert merge_words(PageWords(), ocr) is ocr
    assert merge_words(text, PageWords()) is text
    assert merge_words(PageWords(), PageWords()).source == "none"


def test_merging_adds_the_lines_that_the_text_layer_does_not_have():
    text = words_of([("Annual", (0.1, 0.1, 0.2, 0.12)), ("revenue", (0.21, 0.1, 0.3, 0.12))])
    ocr = words_of(
        [("Annual", (0.1, 0.1, 0.2, 0.12)), ("revenue", (0.21, 0.1, 0.3, 0.12))],
        [("Europe", (0.5, 0.5, 0.6, 0.52)), ("42%", (0.62, 0.5, 0.7, 0.52))],
        source="ocr",
    )
    merged = merge_words(text, ocr)
    assert merged.text() == "Annual revenue\nEurope 42%"
    assert merged.boxes[2:].tolist() == ocr.boxes[2:].tolist()
    assert merged.lines.tolist() == [0, 0, 1, 1]


def test_merging_drops_what_the_text_layer_says_at_the_same_place():
    text = words_of([("Rnnual", (0.1, 0.1, 0.2, 0.12)), ("revenve", (0.21, 0.1, 0.3, 0.12))])
    ocr = words_of(
        [("Annual", (0.098, 0.099, 0.2, 0.123)), ("revenue", (0.21, 0.098, 0.302, 0.121))],
        source="ocr",
    )
    assert merge_words(text, ocr).texts == text.texts


def test_a_word_that_the_layer_has_elsewhere_is_kept_where_it_has_none():
    text = words_of([("Machine", (0.1, 0.1, 0.2, 0.12)), ("two", (0.21, 0.1, 0.3, 0.12))])
    ocr = words_of(
        [
            ("Machine", (0.5, 0.5, 0.6, 0.52)),
            ("two", (0.61, 0.5, 0.65, 0.52)),
            ("51", (0.7, 0.5, 0.8, 0.52)),
        ],
        source="ocr",
    )
    assert merge_words(text, ocr).text() == "Machine two\nMachine two 51"


def test_merging_replaces_noise_that_lies_under_what_was_read():
    noise = words_of([('!"#$%', (0.1, 0.1, 0.2, 0.12)), ("7", (0.5, 0.9, 0.52, 0.92))])
    ocr = words_of(
        [("Directors'", (0.1, 0.1, 0.2, 0.12)), ("report", (0.21, 0.1, 0.3, 0.12))], source="ocr"
    )
    merged = merge_words(noise, ocr, np.array([False, True]))
    assert merged.texts == ("7", "Directors'", "report")
    assert merged.source == "ocr"


def test_merged_lines_never_decrease():
    text = words_of([("Annual", (0.1, 0.1, 0.2, 0.12))], first_line=7)
    ocr = words_of(
        [("Annual", (0.1, 0.1, 0.2, 0.12))],
        [("Europe", (0.5, 0.5, 0.6, 0.52))],
        [("Asia", (0.5, 0.6, 0.6, 0.62))],
        source="ocr",
    )
    assert merge_words(text, ocr).lines.tolist() == [7, 8, 9]


def quad(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def order(quads: list[list[list[float]]]) -> list[int]:
    return [line for row in rows_in_reading_order(np.array(quads)) for line in row]


def two_columns(n_lines: int) -> list[list[list[float]]]:
    """Left lines are 0..n-1 and right lines n..2n-1; the right ones stand 5 px lower."""
    left = [quad(50, 100 + 16 * i, 340, 112 + 16 * i) for i in range(n_lines)]
    return left + [quad(370, 105 + 16 * i, 660, 117 + 16 * i) for i in range(n_lines)]


def test_two_columns_are_read_one_after_the_other():
    assert order(two_columns(12)) == list(range(24))


def test_lines_across_both_columns_part_the_page_into_bands():
    title = quad(50, 60, 660, 80)
    figure = quad(50, 310, 660, 325)
    below = [[[x, y + 250] for x, y in q] for q in two_columns(4)]
    quads = [title, *two_columns(12), figure, *below]
    assert order(quads) == list(range(len(quads)))


def test_three_columns_are_read_one_after_the_other():
    columns = [
        quad(50 + 220 * c, 100 + 16 * i + 4 * c, 250 + 220 * c, 112 + 16 * i + 4 * c)
        for c in range(3)
        for i in range(8)
    ]
    assert order(columns) == list(range(24))


def test_a_table_is_read_row_by_row():
    cells = [
        quad(x0, 100 + 20 * row, x0 + width, 112 + 20 * row)
        for row in range(10)
        for x0, width in ((50, 230), (420, 60), (560, 60))
    ]
    shuffled = np.random.default_rng(0).permutation(len(cells))
    rows = rows_in_reading_order(np.array(cells)[shuffled])
    assert [[int(shuffled[i]) for i in row] for row in rows] == [
        [3 * row, 3 * row + 1, 3 * row + 2] for row in range(10)
    ]


def turned(quads: list[list[list[float]]], degrees: float) -> list[list[list[float]]]:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    skewed: list[list[list[float]]] = (np.array(quads) @ turn).tolist()
    return skewed


@pytest.mark.parametrize("degrees", [-4.0, 3.0])
def test_a_skewed_page_is_read_in_the_same_order(degrees):
    assert order(turned(two_columns(12), degrees)) == list(range(24))
    row_by_row = [
        quad(x, 100 + 20 * row, x + 60, 112 + 20 * row) for row in range(9) for x in (50, 300, 600)
    ]
    assert order(turned(row_by_row, degrees)) == list(range(27))


def test_no_lines_give_no_rows():
    assert rows_in_reading_order(np.zeros((0, 4, 2))) == []


def test_importing_the_package_imports_no_ocr_engine():
    code = (
        "import sys, indexer.ocr\n"
        "print({'rapidocr', 'onnxruntime', 'cv2', 'torch'} & set(sys.modules) or 'none')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "none"


def test_a_missing_package_is_one_line_that_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(EncoderUnavailable, match=r"install rapidocr.*PAGESIGHT_OCR=never") as error:
        PageReader(1).read(Image.new("RGB", A4_PX, "white"))
    assert "\n" not in str(error.value)


def test_a_missing_model_file_is_named_and_never_fetched(monkeypatch):
    monkeypatch.setattr(engine, "_RECOGNIZER", "absent.onnx")
    with pytest.raises(EncoderUnavailable, match=r"absent\.onnx is missing: reinstall rapidocr"):
        PageReader(1).read(Image.new("RGB", A4_PX, "white"))
