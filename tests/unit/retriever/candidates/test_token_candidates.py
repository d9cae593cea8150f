from __future__ import annotations

import numpy as np
import pytest

from indexer.indexes import token_index
from indexer.indexes.best_of_tokens import best_of_tokens
from indexer.indexes.token_index import TokenIndex
from indexer.storage.segments import Segment, segment_of
from retriever.candidates.token_candidates import SearchParams, candidates
from tests.support.factories import embedding, unit_vectors

faiss = pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")
DIM = 16
EVERYTHING = SearchParams(n_nearest=10_000, n_probe=10_000, n_candidates=10)


@pytest.fixture(scope="module")
def segment() -> Segment:
    return segment_of(range(400), [embedding(1 + i % 12, DIM, seed=i) for i in range(400)])


@pytest.fixture(scope="module")
def index(segment: Segment) -> TokenIndex:
    return token_index.train(segment, 32).build(segment)


def query_like(segment: Segment, row: int, n: int = 6) -> np.ndarray:
    vectors = segment.vectors[segment.offsets[row] : segment.offsets[row + 1]].astype(np.float32)
    return np.resize(vectors, (n, DIM)) + 0.02 * unit_vectors(n, DIM, seed=row)


def test_the_page_a_query_was_taken_from_is_a_candidate(
    segment: Segment, index: TokenIndex
) -> None:
    everything = np.ones(400, bool)
    for row in range(5, 400, 40):
        assert row in candidates(
            index, query_like(segment, row), everything, SearchParams(200, 8, 20)
        )


def test_only_allowed_pages_are_candidates(segment: Segment, index: TokenIndex) -> None:
    allowed = np.zeros(400, bool)
    allowed[50:90] = True
    found = candidates(index, query_like(segment, 10), allowed, SearchParams(200, 4, 30))
    assert len(found) == 30
    assert allowed[found].all()
    assert (np.diff(found) > 0).all()


def test_a_narrow_filter_still_finds_the_best_allowed_page(
    segment: Segment, index: TokenIndex
) -> None:
    allowed = np.zeros(400, bool)
    allowed[[3, 77, 222]] = True
    assert 77 in candidates(index, query_like(segment, 77), allowed, SearchParams(50, 2, 2))


def test_never_more_candidates_than_asked_for(segment: Segment, index: TokenIndex) -> None:
    everything = np.ones(400, bool)
    assert len(candidates(index, unit_vectors(3, DIM), everything, SearchParams(500, 32, 7))) == 7


def test_a_page_that_a_token_missed_gets_what_it_can_have_had_at_most() -> None:
    """Page 0: .9 + at most .2; page 1: .5 + .6; page 2: at most .5 + .7, which is the most."""
    similarity = np.array([[0.9, 0.5], [0.7, 0.6]], np.float32)
    rows = np.array([[0, 1], [2, 1]])
    assert best_of_tokens(similarity, rows, 5, 1).tolist() == [0]
    similarity = np.array([[0.9, 0.8], [0.7, 0.2]], np.float32)
    # 0: .9 + .2 = 1.1 · 1: .8 + .2 = 1.0 · 2: .8 + .7 = 1.5
    assert best_of_tokens(similarity, np.array([[0, 1], [2, 1]]), 5, 1).tolist() == [2]


def test_of_several_vectors_of_a_page_the_best_counts_once() -> None:
    similarity = np.array([[0.9, 0.8, 0.7, 0.1]], np.float32)
    rows = np.array([[4, 3, 3, 3]])
    assert best_of_tokens(similarity, rows, 6, 1).tolist() == [4]


def test_tokens_that_found_nothing_are_passed_over() -> None:
    similarity = np.array([[-1e38, -1e38], [0.7, -1e38]], np.float32)
    rows = np.array([[-1, -1], [2, -1]])
    assert best_of_tokens(similarity, rows, 5, 3).tolist() == [2]


def test_of_pages_with_equal_scores_the_first_are_candidates() -> None:
    similarity = np.full((1, 40), 0.5, np.float32)
    rows = np.random.default_rng(0).permutation(40)[None, :]
    assert best_of_tokens(similarity, rows, 40, 5).tolist() == [0, 1, 2, 3, 4]
