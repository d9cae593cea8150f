"""Which lines of print the words of a layer account for."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.base.pages import boxes_from_fractions
from indexer.ocr.covered_lines import LOOSE_GAP, on_words

SIZE = (1000, 1000)
LINE = np.array([[[100.0, 100], [500, 100], [500, 120], [100, 120]]])


def words(*spans: tuple[int, int], top: int = 102, bottom: int = 118):
    return boxes_from_fractions(np.array([(x0, top, x1, bottom) for x0, x1 in spans]) / 1000)


def test_a_line_under_words_is_on_them_and_one_beside_them_is_not():
    assert on_words(LINE, words((100, 300), (310, 500)), SIZE).tolist() == [True]
    assert on_words(LINE, words((100, 300)), SIZE).tolist() == [False]


@pytest.mark.parametrize(("top", "expected"), [(92, True), (110, True), (84, False), (119, False)])
def test_words_that_lie_some_pixels_off_the_line_account_for_it(top, expected):
    boxes = words((100, 500), top=top, bottom=top + 16)
    assert on_words(LINE, boxes, SIZE).tolist() == [expected]


def test_gaps_between_words_that_are_set_too_narrow_belong_to_them():
    boxes = words((100, 175), (200, 275), (300, 375), (400, 475))
    assert on_words(LINE, boxes, SIZE).tolist() == [False]
    assert on_words(LINE, boxes, SIZE, LOOSE_GAP).tolist() == [True]
    assert on_words(LINE, words((100, 200), (400, 500)), SIZE, LOOSE_GAP).tolist() == [False]


def test_on_a_line_that_runs_down_the_page_words_are_compared_along_it():
    standing = LINE[:, :, ::-1][:, [0, 3, 2, 1]]
    boxes = words((100, 500))[:, [1, 0, 3, 2]]
    assert on_words(standing, boxes, SIZE).tolist() == [True]
