from __future__ import annotations

import math

import pytest

from api.diagnostics.evaluation.ranking_quality import ndcg, recall


def test_a_perfect_ranking_has_ndcg_one() -> None:
    assert ndcg(["a", "b", "c"], {"a", "b"}, 5) == 1.0


def test_ndcg_discounts_by_rank() -> None:
    assert ndcg(["x", "a"], {"a"}, 5) == pytest.approx(1 / math.log2(3))


def test_ndcg_ignores_what_stands_below_k() -> None:
    assert ndcg(["x"] * 5 + ["a"], {"a"}, 5) == 0.0


def test_more_right_pages_than_k_can_still_be_perfect() -> None:
    assert ndcg(["a", "b"], {"a", "b", "c"}, 2) == 1.0


def test_recall_is_the_share_of_right_pages_found() -> None:
    assert recall(["a", "x", "b"], {"a", "b", "c", "d"}, 3) == 0.5
    assert recall(["x", "a"], {"a"}, 1) == 0.0
