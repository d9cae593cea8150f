from __future__ import annotations

import numpy as np
import pytest

from indexer.base.pages import BOX_SCALE, PageEmbedding, QueryEmbedding, boxes_from_fractions
from retriever.evidence.regions import MAX_REGIONS, evidence_regions


def query(vectors: np.ndarray, content: list[bool] | None = None) -> QueryEmbedding:
    mask = np.array(content if content is not None else [True] * len(vectors))
    return QueryEmbedding(vectors.astype(np.float32), ("t",) * len(vectors), mask)


def page(vectors: np.ndarray, fractions: list[list[float]]) -> PageEmbedding:
    return PageEmbedding(vectors.astype(np.float16), boxes_from_fractions(np.array(fractions)))


EYE = np.eye(4)
APART = [[0.1, 0.1, 0.2, 0.12], [0.7, 0.1, 0.8, 0.12], [0.1, 0.8, 0.2, 0.82], [0.7, 0.8, 0.8, 0.82]]


def test_evidence_lies_where_the_best_vectors_look() -> None:
    found = evidence_regions(query(EYE[2:3]), page(EYE, APART))
    assert [one.evidence.box for one in found] == [pytest.approx(APART[2], abs=1e-4)]
    assert found[0].evidence.score == 1.0


def test_boxes_that_touch_become_one_region() -> None:
    fractions = [[0.1, 0.1, 0.2, 0.12], [0.205, 0.1, 0.3, 0.12], *APART[2:]]
    found = evidence_regions(query(EYE[:2]), page(EYE, fractions))
    assert [one.evidence.box for one in found] == [pytest.approx([0.1, 0.1, 0.3, 0.12], abs=1e-4)]


def test_shares_of_regions_apart_sum_to_the_whole() -> None:
    found = evidence_regions(query(EYE), page(EYE, APART))
    assert len(found) == 4
    assert sum(one.evidence.score for one in found) == pytest.approx(1.0)


def test_special_tokens_never_point_at_evidence() -> None:
    found = evidence_regions(query(EYE[:2], [False, True]), page(EYE, APART))
    assert [one.evidence.box for one in found] == [pytest.approx(APART[1], abs=1e-4)]


def test_a_token_that_matches_nothing_in_particular_points_nowhere() -> None:
    weak = EYE[1] * 0.2 + EYE[3] * 0.01
    found = evidence_regions(query(np.stack([EYE[0], weak])), page(EYE[:2], APART[:2]))
    assert [one.evidence.box for one in found] == [pytest.approx(APART[0], abs=1e-4)]


def test_a_blank_page_has_no_evidence() -> None:
    assert evidence_regions(query(EYE), page(np.zeros((0, 4)), np.zeros((0, 4)).tolist())) == ()


def test_there_are_never_more_regions_than_a_person_can_look_at() -> None:
    n = 12
    fractions = [[0.1, i / n, 0.2, i / n + 0.01] for i in range(n)]
    assert len(evidence_regions(query(np.eye(n)), page(np.eye(n), fractions))) == MAX_REGIONS


def test_boxes_are_fractions_of_the_page() -> None:
    whole = PageEmbedding(
        EYE[:1].astype(np.float16), np.array([[0, 0, BOX_SCALE, BOX_SCALE]], np.uint16)
    )
    assert evidence_regions(query(EYE[:1]), whole)[0].evidence.box == (0, 0, 1, 1)
