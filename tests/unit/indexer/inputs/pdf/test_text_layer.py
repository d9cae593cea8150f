"""From MuPDF's words to ours, with a text page that says what we like."""

from __future__ import annotations

from typing import Any

import pymupdf

from indexer.inputs.pdf.text import text_layer
from indexer.inputs.sandbox.frames import MAX_WORD_CHARACTERS, MAX_WORDS

Word = tuple[float, float, float, float, str, int, int, int]


class TextPage(pymupdf.TextPage):  # type: ignore[misc]
    """A text page of no blocks, with words."""

    def __init__(self, *words: Word) -> None:
        self.this = pymupdf.mupdf.FzStextPage(pymupdf.mupdf.FzRect(0, 0, 100, 200))
        self._words = words

    def extractWORDS(self, delimiters: str) -> Any:
        return self._words


def read(*words: Word) -> text_layer.Words:
    return text_layer.read_words(TextPage(*words), 100, 200)


def test_boxes_are_fractions_of_the_page() -> None:
    assert read((10, 20, 30, 40, "word", 0, 0, 0)).boxes == [0.1, 0.1, 0.3, 0.2]


def test_a_word_over_the_edge_is_clipped_and_one_beyond_it_dropped() -> None:
    words = read((-10, 20, 30, 40, "clipped", 0, 0, 0), (120, 20, 130, 40, "beyond", 0, 0, 1))
    assert words.texts == ["clipped"]
    assert words.boxes == [0.0, 0.1, 0.3, 0.2]


def test_a_word_without_a_place_is_dropped() -> None:
    nan = float("nan")
    assert read((nan, 20, 30, 40, "lost", 0, 0, 0), (30, 20, 10, 40, "turned", 0, 0, 1)).texts == []


def test_what_is_not_text_is_taken_out_of_words() -> None:
    words = read(
        (10, 20, 30, 40, "a\0b\ud800c d", 0, 0, 0),
        (10, 20, 30, 40, "\0", 0, 0, 1),
        (10, 20, 30, 40, " \u2003", 0, 0, 2),
    )
    assert words.texts == ["abcd"]


def test_runs_side_by_side_are_one_line() -> None:
    words = read(
        (10, 20, 30, 30, "Revenue", 0, 0, 0),
        (60, 21, 70, 31, "44,538", 0, 1, 0),
        (10, 32, 30, 42, "Costs", 1, 0, 0),
        (60, 32, 70, 42, "24,576", 1, 1, 0),
    )
    assert words.lines == [0, 0, 1, 1]


def test_columns_are_not_woven_into_each_other() -> None:
    words = read(
        (10, 20, 40, 30, "left", 0, 0, 0),
        (10, 32, 40, 42, "column", 0, 1, 0),
        (60, 20, 90, 30, "right", 1, 0, 0),
        (60, 32, 90, 42, "column", 1, 1, 0),
    )
    assert words.texts == ["left", "column", "right", "column"]
    assert words.lines == [0, 1, 2, 3]


def test_more_words_than_a_page_can_show_are_cut_off() -> None:
    page: list[Word] = [(10, 20, 30, 40, f"word{i}", 0, 0, 0) for i in range(MAX_WORDS + 1)]
    words = read(*page)
    assert words.truncated
    assert len(words.texts) == len(words.lines) == len(words.boxes) // 4 == MAX_WORDS
    assert not read(*page[:-1]).truncated


def test_a_word_without_end_is_cut() -> None:
    assert text_layer.word("x" * 10_000) == "x" * MAX_WORD_CHARACTERS


def test_a_label_keeps_its_inner_spaces_on_one_line() -> None:
    assert text_layer.label(" Annex\n 4\0 ") == "Annex 4"


def test_a_letter_and_its_mark_are_composed() -> None:
    assert text_layer.word("Ku\u0308ndigung") == "Kündigung"
