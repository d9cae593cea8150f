"""Pages with fewer vectors: what is merged, where it lies, and what the fingerprint says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.pooling import PooledEncoder, pool_vectors, pooled_fingerprint, ward_labels
from tests.support.factories import words


def unit(n: int, dim: int = 16, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def page_of(vectors: np.ndarray) -> PageEmbedding:
    """Its boxes lie side by side."""
    left = np.arange(len(vectors), dtype=np.uint16) * 10
    boxes = np.stack([left, left * 0, left + 10, left * 0 + 7], axis=1)
    return PageEmbedding(vectors.astype(np.float16), boxes)


@pytest.mark.parametrize(("n", "k"), [(2, 1), (40, 13), (200, 66), (300, 1), (50, 50)])
def test_the_clusters_are_those_of_scipys_ward(n: int, k: int) -> None:
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    vectors = unit(n)
    expected = hierarchy.fcluster(hierarchy.linkage(vectors, "ward"), k, "maxclust")
    pairs = set(zip(ward_labels(vectors, k).tolist(), expected.tolist(), strict=True))
    assert len(pairs) == k == len(set(expected))


@given(st.integers(1, 40), st.data())
def test_every_vector_is_in_one_of_k_clusters_numbered_as_they_come(
    n: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, n))
    # Few directions, so that most distances are equal.
    vectors = np.eye(4, dtype=np.float32)[
        data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    ]
    labels = ward_labels(vectors, k)
    first = [labels.tolist().index(number) for number in range(k)]
    assert set(labels.tolist()) == set(range(k))
    assert first == sorted(first)


def test_more_clusters_than_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors"):
        ward_labels(unit(3), 4)


@pytest.mark.parametrize("factor", [2, 3])
def test_a_page_keeps_one_vector_in_factor_and_they_are_unit_vectors(factor: int) -> None:
    page = pool_vectors(page_of(unit(100)), factor)
    assert page.vectors.shape == (100 // factor, 16)
    assert page.vectors.dtype == np.float16
    lengths = np.linalg.norm(page.vectors.astype(np.float32), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=2e-3)


def test_like_vectors_become_their_mean_and_the_box_encloses_theirs() -> None:
    a, b = unit(2)
    nearly = [
        (one + 0.05 * other) / np.linalg.norm(one + 0.05 * other) for one, other in ((a, b), (b, a))
    ]
    page = pool_vectors(page_of(np.stack([a, b, nearly[0], nearly[1]])), 2)
    assert page.boxes.dtype == np.uint16
    assert page.boxes.tolist() == [[0, 0, 30, 7], [10, 0, 40, 7]]
    for found, pair in zip(page.vectors, ((a, nearly[0]), (b, nearly[1])), strict=True):
        mean = np.mean(pair, axis=0)
        np.testing.assert_allclose(found, mean / np.linalg.norm(mean), atol=1e-3)


def test_equal_vectors_are_merged_without_loss() -> None:
    distinct = unit(20)
    page = pool_vectors(page_of(np.repeat(distinct, 3, axis=0)), 3)
    np.testing.assert_allclose(page.vectors, distinct, atol=2e-3)
    np.testing.assert_array_equal(page.boxes[:, 0], np.arange(20) * 30)
    np.testing.assert_array_equal(page.boxes[:, 2], np.arange(20) * 30 + 30)


def test_vectors_that_cancel_out_leave_the_first() -> None:
    vector = unit(1)
    page = pool_vectors(page_of(np.concatenate([vector, -vector])), 2)
    np.testing.assert_allclose(page.vectors, vector, atol=1e-3)


@pytest.mark.parametrize("n", [0, 1])
def test_a_page_of_no_or_one_vector_stays_as_it_is(n: int) -> None:
    page = page_of(unit(n))
    assert pool_vectors(page, 3) is page


def test_the_factor_is_in_the_fingerprint_when_it_pools() -> None:
    own = FakeEncoder().fingerprint
    assert pooled_fingerprint(own, 1) == own
    assert pooled_fingerprint(own, 2).options == {"token_pooling": 2}
    assert pooled_fingerprint(own, 2) != pooled_fingerprint(own, 3)


def test_a_pooled_encoder_pools_pages_and_leaves_queries() -> None:
    plain = FakeEncoder()
    encoder = PooledEncoder(plain, 2)
    text = "one two three four five six one two three four five six"
    page = RenderedPage(1, "1", 612.0, 792.0, Image.new("RGB", (8, 8)), words(text))
    (before,), (after,) = plain.encode_pages([page]), encoder.encode_pages([page])
    assert (len(before.vectors), len(after.vectors)) == (12, 6)
    query = plain.encode_queries(["four"])[0]
    np.testing.assert_array_equal(encoder.encode_queries(["four"])[0].vectors, query.vectors)
    assert (after.vectors.astype(np.float32) @ query.vectors[0]).max() > 0.99
    assert (encoder.reads_words, encoder.window) == (plain.reads_words, plain.window)
