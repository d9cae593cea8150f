"""One suite over everything that scores pages, against the definition in float64."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from indexer.base.pages import PageEmbedding
from indexer.indexes.derived import DerivedStore
from indexer.storage.durable import DurableFolder
from indexer.storage.segment_store import SegmentStore
from retriever.open_collections import OpenSegment
from retriever.scoring.bounds import PageScorer, SegmentScores, best_of
from retriever.scoring.cpu import CpuScorer, int8_bound
from retriever.scoring.gpu import GpuScorer
from retriever.scoring.several_devices import SeveralDevicesScorer
from tests.support.factories import unit_vectors
from tests.support.same_pages import assert_same_pages

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
DEVICES = ("device", "device, little memory", "three devices")


@pytest.fixture(params=["kernels", "kernels, no int8 copy", *DEVICES])
def scorer(request: pytest.FixtureRequest, opened: OpenSegment) -> PageScorer:
    match request.param:
        case "kernels":
            return CpuScorer(2)
        case "kernels, no int8 copy":
            return _WithoutCopy(2)
        case "device":
            return _on_device(memory_bytes=1 << 30, block_bytes=100_000)
        case "three devices":
            return SeveralDevicesScorer([_on_device(1 << 30, 40_000) for _ in range(3)])
        case _:
            return _on_device(memory_bytes=50_000, block_bytes=30_000)


def _on_device(memory_bytes: int, block_bytes: int) -> GpuScorer:
    return GpuScorer(torch.device("cpu"), memory_bytes, block_bytes)


class _WithoutCopy(CpuScorer):
    def rough(
        self, queries: Sequence[np.ndarray], opened: OpenSegment, rows: np.ndarray
    ) -> list[SegmentScores]:
        return super().rough(queries, OpenSegment(opened.record, opened.segment), rows)


def rough(
    scorer: PageScorer, query: np.ndarray, opened: OpenSegment, rows: np.ndarray
) -> SegmentScores:
    return scorer.rough([query], opened, rows)[0]


def test_no_rough_score_is_further_from_the_truth_than_its_bound(
    scorer: PageScorer, opened: OpenSegment
) -> None:
    for query in queries():
        scores = rough(scorer, query, opened, EVERY)
        truth = by_the_definition(query, opened)
        scored = np.isfinite(truth)
        assert (np.isfinite(scores.values) == scored).all()
        assert np.abs(scores.values[scored] - truth[scored]).max() <= scores.bound + 1e-3
        assert scores.bound < 0.05 * len(query)


def test_exact_scores_are_those_of_the_definition(scorer: PageScorer, opened: OpenSegment) -> None:
    rows = np.array([499, 0, 17, 300])
    for query in queries(5):
        scores = scorer.exact(query, opened, rows)
        np.testing.assert_allclose(scores.values, by_the_definition(query, opened)[rows], atol=1e-3)
        assert scores.bound == 0 and scores.values.dtype == np.float32


def test_the_best_pages_are_those_of_the_definition_in_the_same_order(
    scorer: PageScorer, opened: OpenSegment
) -> None:
    n_rescored = []
    for query in queries():
        best = best_of(scorer, query, [rough(scorer, query, opened, EVERY)], K)
        rows = np.concatenate([one.rows for one in best])
        values = np.concatenate([one.values for one in best])
        n_rescored.append(len(rows))
        order = np.lexsort((rows, -values))[:K]
        truth = enumerate(by_the_definition(query, opened).tolist())
        best_pages = [(int(rows[i]), float(values[i])) for i in order]
        assert_same_pages(
            {row: score for row, score in truth if np.isfinite(score)}, best_pages, k=K
        )
    assert np.mean(n_rescored) < N_PAGES / 2  # else the rough pass was for nothing


def test_queries_scored_together_get_the_scores_they_get_alone(
    scorer: PageScorer, opened: OpenSegment
) -> None:
    rows = np.array([3, 77, 78, 400])
    together = scorer.rough(queries(9), opened, rows)
    for one, query in zip(together, queries(9), strict=True):
        alone = rough(scorer, query, opened, rows)
        np.testing.assert_allclose(one.values, alone.values, atol=1e-5)
        assert one.bound == alone.bound


def test_a_score_does_not_depend_on_the_pages_asked_for_beside_it(
    scorer: PageScorer, opened: OpenSegment
) -> None:
    query = queries(1)[0]
    everything = rough(scorer, query, opened, EVERY).values
    for row in (1, 250, 499):
        alone = rough(scorer, query, opened, np.array([row])).values
        np.testing.assert_allclose(alone, everything[[row]], atol=1e-5)


def test_padding_never_wins_maxsim(scorer: PageScorer, tmp_path: Path) -> None:
    """A short page of negative similarities keeps them beside a long page; an empty one has no score."""
    axes = np.eye(4, dtype=np.float16)
    boxes = [np.zeros((n, 4), np.uint16) for n in (1, 3, 0)]
    store = SegmentStore(DurableFolder(tmp_path))
    record = store.write(
        "c",
        [1, 2, 3],
        [
            PageEmbedding(-axes[:1], boxes[0]),
            PageEmbedding(axes[1:], boxes[1]),
            PageEmbedding(axes[:0], boxes[2]),
        ],
    )
    opened = OpenSegment(record, store.open(record))
    scores = scorer.exact(axes[:1].astype(np.float32), opened, np.arange(3))
    assert scores.values.tolist() == [-1.0, 0.0, -np.inf]


def test_a_page_that_cannot_win_is_not_rescored(scorer: PageScorer, opened: OpenSegment) -> None:
    query = queries(1)[0]
    scores = rough(scorer, query, opened, EVERY)
    sure = np.float32(scores.values.max() + 2 * scores.bound + 1)
    certain = SegmentScores(opened, np.array([1]), np.array([sure]))
    (kept,) = best_of(scorer, query, [scores, certain], 1)
    assert kept.values.tolist() == [sure]


def test_fewer_pages_than_k_are_all_returned(scorer: PageScorer, opened: OpenSegment) -> None:
    rows, query = np.arange(5), queries(1)[0]
    best = best_of(scorer, query, [rough(scorer, query, opened, rows)], 100)
    n_vectors = np.diff(opened.segment.offsets)[rows]
    assert sum(len(one.rows) for one in best) == int((n_vectors > 0).sum())


def test_a_token_of_zeros_has_a_bound_too(opened: OpenSegment) -> None:
    assert opened.int8 is not None
    assert np.isfinite(int8_bound(np.zeros((2, DIM), np.float32), opened.int8))


def test_a_device_holds_no_more_than_its_budget(opened: OpenSegment) -> None:
    scorer = GpuScorer(torch.device("cpu"), memory_bytes=120_000, block_bytes=30_000)
    for query in queries(3):
        rough(scorer, query, opened, EVERY)
        assert 0 < scorer.held_bytes <= 120_000
