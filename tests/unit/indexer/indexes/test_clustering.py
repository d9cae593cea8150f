"""Clusters that every processor finds alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.base.pages import PageEmbedding
from indexer.indexes import token_index
from indexer.indexes.clustering import GRID, k_means, nearest, on_grid, product_codebook
from indexer.storage.files import NewFile
from indexer.storage.segments import Segment, segment_of
from tests.conftest import ROOT
from tests.support.factories import unit_vectors

DIM = 128
# Other sums than here: the oldest kernels of OpenBLAS, plain C++ of FAISS, another number of threads.
ANOTHER_PROCESSOR = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "FAISS_OPT_LEVEL": "generic",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
}


def segment() -> Segment:
    """Waves, each moved step by step: half-way between two of them, any rounding decides."""
    steps = np.arange(DIM)
    pages = []
    for frequency in range(1, 11):
        wave = np.cos(2 * np.pi * frequency * steps / DIM) / np.sqrt(DIM / 2)
        vectors = np.stack([np.roll(wave, i) for i in steps]).astype(np.float16)
        pages.append(PageEmbedding(vectors, np.zeros((DIM, 4), np.uint16)))
    return segment_of(range(len(pages)), pages)


def write_index(path: Path) -> None:
    with NewFile(path) as file:
        token_index.train(segment(), 32).build(segment()).write(file)
        file.seal()


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_index_of_a_segment_is_the_same_to_the_bit_on_another_processor(tmp_path: Path) -> None:
    pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")
    here, there = tmp_path / "here", tmp_path / "there"
    write_index(here)
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.indexer.indexes.test_clustering import write_index\n"
        "write_index(Path(sys.argv[1]))"
    )
    environment = os.environ | ANOTHER_PROCESSOR
    command = [sys.executable, "-c", code, str(there)]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    assert here.read_bytes() == there.read_bytes()


def test_a_dot_product_on_the_grid_is_exact_whatever_the_order_of_its_sum() -> None:
    a, b = on_grid(unit_vectors(300, DIM, seed=1)), on_grid(unit_vectors(300, DIM, seed=2))
    b[:20] = a[:20]  # the largest products there are
    exact = a.astype(np.float64) @ b.T.astype(np.float64)
    for order in (np.arange(DIM), np.arange(DIM)[::-1], rng().permutation(DIM)):
        one_by_one = np.zeros((300, 300), np.float32)
        for i in order:
            one_by_one += a[:, i, None] * b[None, :, i]
        np.testing.assert_array_equal(one_by_one, exact)


def test_the_grid_costs_a_dot_product_less_than_bfloat16_would() -> None:
    a, b = unit_vectors(400, DIM, seed=1), unit_vectors(400, DIM, seed=2)
    error = np.abs((on_grid(a) @ on_grid(b).T) - a @ b.T)
    assert error.max() < 2e-3 and error.mean() < 3e-4


def test_of_equally_near_centroids_the_first_counts() -> None:
    centroids = on_grid(np.repeat(unit_vectors(3, DIM), 2, axis=0))
    labels, products = nearest(centroids, centroids)
    assert labels.tolist() == [0, 0, 2, 2, 4, 4]
    np.testing.assert_allclose(products, 1, atol=5e-3)


def test_k_means_finds_the_groups_that_are_there() -> None:
    middles = unit_vectors(8, DIM, seed=5)
    members = np.repeat(middles, 40, axis=0) + 0.02 * unit_vectors(320, DIM, seed=6)
    members /= np.linalg.norm(members, axis=1, keepdims=True)
    centroids = k_means(on_grid(members), 16, 8, rng())
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1, atol=5e-3)
    _, products = nearest(on_grid(middles), centroids)
    assert products.min() > 0.99


def test_a_cluster_without_members_begins_anew() -> None:
    """Two vectors, one of them 63 times: drawn for two clusters, mostly the same one twice."""
    sample = on_grid(unit_vectors(2, DIM)[[0] * 63 + [1]])
    assert len(np.unique(k_means(sample, 2, 2, rng()), axis=0)) == 2


def test_a_product_codebook_lies_near_what_it_stands_for() -> None:
    points = np.tile(np.linspace(-0.3, 0.3, 16, dtype=np.float32)[:, None], (40, 4))
    entries = product_codebook(on_grid(points), 2, rng())
    assert entries.shape == (2, 16, 2)
    np.testing.assert_array_equal(entries, on_grid(entries))
    for m in range(2):
        apart = np.abs(points[:16, None, 2 * m : 2 * m + 2] - entries[m]).sum(axis=2).min(axis=1)
        assert apart.mean() < 0.03 and GRID < 0.001
