from __future__ import annotations

import pytest

from tests.support.same_pages import assert_same_pages, recall

EXACT = {"a": 3.0, "b": 2.0, "c": 1.5, "d": 1.4, "e": 0.2}


def test_the_exact_answer_is_the_same_whatever_the_rounding() -> None:
    assert_same_pages(EXACT, [("a", 3.00003), ("b", 2.0), ("c", 1.49998)], k=3)
    assert_same_pages({"a": 1.0, "b": 1.0}, [("b", 1.0)], k=1)
    assert_same_pages(EXACT, list(EXACT.items()), k=9)
    assert_same_pages({}, [], k=3)


def test_a_page_near_the_last_place_may_be_missing_within_the_margin() -> None:
    assert_same_pages(EXACT, [("a", 3.0), ("b", 2.0), ("d", 1.4)], k=3, margin=0.2)
    assert_same_pages(EXACT, [("a", 3.0), ("c", 1.5)], k=3, margin=0.6)


@pytest.mark.parametrize(
    ("hits", "margin", "message"),
    [
        ([("a", 3.0), ("b", 2.0), ("d", 1.4)], 0.0, "not the 3 best"),
        ([("a", 3.0), ("b", 2.0)], 0.0, "not the 3 best"),
        ([("b", 2.0), ("c", 1.5), ("d", 1.4)], 0.5, "missing"),
        ([("a", 3.0), ("b", 2.001), ("c", 1.5)], 0.5, "instead of 2.0"),
        ([("b", 2.0), ("a", 3.0), ("c", 1.5)], 0.0, "is shown after"),
        ([("a", 3.0), ("b", 2.001), ("c", 1.5)], 0.0, "instead of 2.0"),
        ([("a", 3.0), ("b", 2.0), ("x", 1.5)], 0.5, "may not be shown"),
        ([("a", 3.0), ("a", 3.0), ("b", 2.0)], 0.5, "twice"),
        ([("a", 3.0), ("b", 2.0), ("c", 1.5), ("d", 1.4)], 0.5, "more than 3"),
    ],
)
def test_anything_else_is_another_answer(
    hits: list[tuple[str, float]], margin: float, message: str
) -> None:
    with pytest.raises(AssertionError, match=message):
        assert_same_pages(EXACT, hits, k=3, margin=margin)


def test_recall_is_the_share_of_the_best_pages() -> None:
    assert recall(EXACT, [("a", 3.0), ("d", 1.4)], k=4) == 0.5
    assert recall({"a": 1.0, "b": 1.0}, [("b", 1.0)], k=1) == 1.0
    assert recall(EXACT, [], k=2) == 0.0 and recall({}, [], k=2) == 1.0
