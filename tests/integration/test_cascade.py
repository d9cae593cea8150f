"""The cascade over real segments with int8 copies and candidate indexes, against every page scored."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.durable import DurableFolder
from indexer.pages import PageEmbedding
from indexer.vectors.derived import DerivedStore
from indexer.vectors.segment_store import SegmentStore
from retriever.cascade import best_of, int8_bound, rough_scores, rough_scores_of_many
from retriever.opened import OpenSegment
from tests.factories import unit_vectors

DIM, N_PAGES, K = 64, 500, 10


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> OpenSegment:
    """Pages of clustered vectors, many of them near-duplicates: what makes the last places close."""
    folder = DurableFolder(tmp_path_factory.mktemp("data"))
    draws = np.random.default_rng(3)
    centres = unit_vectors(40, DIM, seed=1)
    pages = []
    for _ in range(N_PAGES):
        n = int(draws.integers(0, 60))
        vectors = centres[draws.integers(0, 40, n)] + 0.15 * draws.normal(size=(n, DIM))
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        boxes = np.zeros((n, 4), np.uint16)
        pages.append(PageEmbedding(vectors.astype(np.float16), boxes))
    store, derived = SegmentStore(folder), DerivedStore(folder)
    record = store.write("c", range(N_PAGES), pages)
    segment = store.open(record)
    derived.make_int8(record, segment)
    return OpenSegment(record, segment, derived.int8(record))


def queries(n: int = 30) -> list[np.ndarray]:
    centres = unit_vectors(40, DIM, seed=1)
    made = []
    for seed in range(n):
        draws = np.random.default_rng(seed)
        tokens = centres[draws.integers(0, 40, draws.integers(1, 40))]
        tokens = tokens + 0.1 * draws.normal(size=tokens.shape)
        made.append((tokens / np.linalg.norm(tokens, axis=1, keepdims=True)).astype(np.float32))
    return made


def by_the_definition(query: np.ndarray, opened: OpenSegment) -> np.ndarray:
    segment = opened.segment
    pairs = zip(segment.offsets[:-1], segment.offsets[1:], strict=True)
    pages = (segment.vectors[a:b].astype(np.float64) for a, b in pairs)
    return np.array([(p @ query.T).max(axis=0).sum() if len(p) else -np.inf for p in pages])


EVERY = np.arange(N_PAGES)


def test_no_int8_score_is_further_from_the_truth_than_its_bound(opened: OpenSegment) -> None:
    for query in queries():
        rough = rough_scores(query, opened, EVERY, 2)
        truth = by_the_definition(query, opened)
        scored = np.isfinite(truth)
        assert (np.isfinite(rough.values) == scored).all()
        assert np.abs(rough.values[scored] - truth[scored]).max() <= rough.bound
        assert rough.bound < 0.05 * len(query)


def test_the_best_pages_are_those_of_the_definition_in_the_same_order(opened: OpenSegment) -> None:
    n_rescored = []
    for query in queries():
        best = best_of(query, [rough_scores(query, opened, EVERY, 2)], K, 2)
        rows = np.concatenate([one.rows for one in best])
        values = np.concatenate([one.values for one in best])
        n_rescored.append(len(rows))
        order = np.lexsort((rows, -values))[:K]
        truth = by_the_definition(query, opened)
        expected = np.lexsort((EVERY, -truth))[:K]
        assert rows[order].tolist() == expected.tolist()
        np.testing.assert_allclose(values[order], truth[expected], atol=1e-3)
    assert np.mean(n_rescored) < N_PAGES / 2  # else the int8 pass was for nothing


def test_without_an_int8_copy_the_result_is_the_same(opened: OpenSegment) -> None:
    bare = OpenSegment(opened.record, opened.segment)
    for query in queries(8):
        a = best_of(query, [rough_scores(query, opened, EVERY, 1)], K, 1)
        b = best_of(query, [rough_scores(query, bare, EVERY, 1)], K, 1)
        best = [max(zip(one[0].values, one[0].rows, strict=True)) for one in (a, b)]
        assert best[0] == best[1]


def test_queries_scored_together_get_the_scores_they_get_alone(opened: OpenSegment) -> None:
    rows = np.array([3, 77, 78, 400])
    for one, query in zip(
        rough_scores_of_many(queries(9), opened, rows, 2), queries(9), strict=True
    ):
        alone = rough_scores(query, opened, rows, 1)
        np.testing.assert_array_equal(one.values, alone.values)
        assert one.bound == alone.bound


def test_pages_of_a_segment_that_cannot_win_are_not_rescored(opened: OpenSegment) -> None:
    query = queries(1)[0]
    rough = rough_scores(query, opened, EVERY, 1)
    sure = rough.values.max() + 2 * rough.bound + 1
    certain = type(rough)(opened, np.array([1]), np.array([sure], np.float32))
    (kept,) = best_of(query, [rough, certain], 1, 1)
    assert kept.values.tolist() == [pytest.approx(sure)]


def test_fewer_pages_than_k_are_all_returned(opened: OpenSegment) -> None:
    rows = np.arange(5)
    best = best_of(queries(1)[0], [rough_scores(queries(1)[0], opened, rows, 1)], 100, 1)
    n_vectors = np.diff(opened.segment.offsets)[rows]
    assert sum(len(one.rows) for one in best) == int((n_vectors > 0).sum())


def test_a_token_of_zeros_has_a_bound_too(opened: OpenSegment) -> None:
    assert opened.int8 is not None
    assert np.isfinite(int8_bound(np.zeros((2, DIM), np.float32), opened.int8))
