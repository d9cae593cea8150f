from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.pages import PageEmbedding
from indexer.vectors.base import Segment, ragged
from retriever.maxsim import NO_SCORE, maxsim
from tests.factories import embedding, unit_vectors

MEMORY = 1 << 20


def segment_of(lengths: list[int], seed: int = 0) -> Segment:
    pages = [embedding(n, seed=seed + i) for i, n in enumerate(lengths)]
    return ragged(range(len(lengths)), pages)


def by_the_definition(query: np.ndarray, segment: Segment) -> np.ndarray:
    """Page by page in float64: what every faster way must equal."""
    scores = []
    for start, stop in zip(segment.offsets[:-1], segment.offsets[1:], strict=True):
        vectors = segment.vectors[start:stop].astype(np.float64)
        scores.append((query @ vectors.T).max(axis=1).sum() if len(vectors) else NO_SCORE)
    return np.array(scores)


def everything(segment: Segment) -> np.ndarray:
    return np.ones(len(segment.page_ids), bool)


@settings(max_examples=80, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=30),
    n_tokens=st.sampled_from([1, 2, 32, 33, 200]),
    memory=st.sampled_from([1, 500, 3_000, MEMORY]),
    seed=st.integers(0, 1000),
)
def test_equals_the_definition_for_ragged_pages_and_any_memory(
    lengths: list[int], n_tokens: int, memory: int, seed: int
) -> None:
    query, segment = unit_vectors(n_tokens, seed=seed), segment_of(lengths, seed)
    scores = maxsim(query, segment, everything(segment), memory)
    np.testing.assert_allclose(scores, by_the_definition(query, segment), atol=1e-4)


def test_a_query_of_a_thousand_vectors_is_exact() -> None:
    query, segment = unit_vectors(1000), segment_of([3, 700, 1])
    scores = maxsim(query, segment, everything(segment), MEMORY)
    np.testing.assert_allclose(scores, by_the_definition(query, segment), rtol=1e-5)


def test_padding_never_wins_maxsim() -> None:
    """A short page of negative similarities keeps them beside a long page."""
    query = np.eye(4, dtype=np.float32)[:1]
    box = np.zeros((1, 4), np.uint16)
    against = PageEmbedding(-np.eye(4, dtype=np.float16)[:1], box)
    neutral = PageEmbedding(np.eye(4, dtype=np.float16)[1:], np.zeros((3, 4), np.uint16))
    segment = ragged([1, 2], [against, neutral])
    assert maxsim(query, segment, everything(segment), MEMORY).tolist() == [-1.0, 0.0]


def test_a_score_does_not_depend_on_the_pages_beside_it() -> None:
    query = unit_vectors(7)
    alone = segment_of([5])
    among = segment_of([5, 1, 300, 0, 9])
    a = maxsim(query, alone, everything(alone), MEMORY)[0]
    b = maxsim(query, among, everything(among), MEMORY)[0]
    assert a == pytest.approx(b, abs=1e-5)


def test_pages_that_are_not_allowed_are_not_scored() -> None:
    query, segment = unit_vectors(3), segment_of([2, 2, 2, 2])
    allowed = np.array([False, True, False, True])
    scores = maxsim(query, segment, allowed, MEMORY)
    assert (scores == NO_SCORE).tolist() == [True, False, True, False]
    np.testing.assert_allclose(
        scores[allowed], by_the_definition(query, segment)[allowed], atol=1e-5
    )


def test_empty_pages_have_no_score_wherever_they_stand() -> None:
    query, segment = unit_vectors(3), segment_of([0, 2, 0, 0, 3, 0])
    scores = maxsim(query, segment, everything(segment), MEMORY)
    assert (scores == NO_SCORE).tolist() == [True, False, True, True, False, True]


def test_a_query_of_another_dim_is_refused() -> None:
    segment = segment_of([1])
    with pytest.raises(ValueError, match="dim 8"):
        maxsim(unit_vectors(2, dim=4), segment, everything(segment), MEMORY)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_query_that_is_not_finite_is_refused(value: float) -> None:
    segment = segment_of([1])
    with pytest.raises(ValueError, match="NaN"):
        maxsim(np.full((1, 8), value, np.float32), segment, everything(segment), MEMORY)
