"""Vectors find their passages by their boxes alone."""

from __future__ import annotations

import numpy as np

from generator.passages.regions import standing_in
from generator.passages.splitting.page_passages import passages_of
from indexer.base.pages import Boxes, boxes_from_fractions
from tests.support.typed_pages import typed

WORDS = typed("The lid is held by screws. The foot is held\nby bolts. The seal is dry.")
PASSAGES = passages_of(WORDS)


def found(boxes: Boxes) -> list[list[int]]:
    return [inside.tolist() for inside in standing_in(boxes, PASSAGES)]


def test_each_word_vector_belongs_to_the_passage_of_its_word() -> None:
    assert found(WORDS.boxes) == [list(range(p.start, p.stop)) for p in PASSAGES]


def test_the_order_of_the_vectors_does_not_matter() -> None:
    turned = found(WORDS.boxes[::-1])
    last = len(WORDS) - 1
    assert [[last - i for i in reversed(one)] for one in turned] == found(WORDS.boxes)


def test_a_patch_belongs_to_every_passage_that_it_shows() -> None:
    both_lines_on_the_left = boxes_from_fractions(np.array([[0.06, 0.05, 0.13, 0.085]]))
    assert found(both_lines_on_the_left) == [[0], [0], []]


def test_a_word_of_the_next_line_that_just_overlaps_does_not_belong() -> None:
    raised = WORDS.boxes.astype(np.int64)
    raised[WORDS.lines == 1, 1] -= 500  # boxes of type are higher than what is printed
    assert found(raised.astype(np.uint16)) == found(WORDS.boxes)


def test_without_vectors_no_passage_has_any() -> None:
    assert found(np.zeros((0, 4), np.uint16)) == [[], [], []]
