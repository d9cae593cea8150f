from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.base.pages import (
    PageEmbedding,
    PageWords,
    boxes_from_fractions,
    enclosing,
    fraction_box,
)
from tests.support.factories import words


def test_words_come_back_from_their_stored_form() -> None:
    before = words("Größe 42 €\nsecond “line”\n\n漢字")
    after = PageWords.from_bytes(before.to_bytes())
    assert after.texts == before.texts and after.source == before.source
    np.testing.assert_array_equal(after.boxes, before.boxes)
    np.testing.assert_array_equal(after.lines, before.lines)


def test_a_page_without_words_comes_back_from_its_stored_form() -> None:
    assert len(PageWords.from_bytes(PageWords().to_bytes())) == 0


def test_text_puts_spaces_inside_a_line_and_a_newline_between_lines() -> None:
    assert words("one two\nthree").text() == "one two\nthree"
    assert words("one two\nthree").text(1) == "two\nthree"


@given(st.lists(st.floats(-1, 2), min_size=4, max_size=4))
def test_boxes_stay_on_the_page(fractions: list[float]) -> None:
    box = fraction_box(boxes_from_fractions(np.array([fractions]))[0])
    for value, given_value in zip(box, fractions, strict=True):
        assert 0 <= value <= 1
        assert value == pytest.approx(min(max(given_value, 0), 1), abs=1e-4)


def test_the_enclosing_box_is_the_smallest_around_all() -> None:
    boxes = np.array([[10, 40, 20, 50], [5, 45, 15, 90]], np.uint16)
    assert enclosing(boxes).tolist() == [5, 40, 20, 90]


def test_a_page_needs_a_box_for_every_vector() -> None:
    with pytest.raises(ValueError, match="boxes"):
        PageEmbedding(np.zeros((2, 4), np.float16), np.zeros((1, 4), np.uint16))
