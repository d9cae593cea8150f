"""Pages that no document has: to make a corpus larger than the real pages at hand.

A synthetic page is 3 to 7 runs of neighbouring vectors of random real pages, turned together by one
orthogonal matrix near the identity and blurred vector by vector, so it has a real page's lengths,
order and redundancy. Such a corpus is crowded with near-duplicates, probably harder than a real one
of the same size. Dimension key: N vectors of one page, D dim.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import Pages

RUNS = (3, 7)
TURN = (0.10, 0.45)  # how far the matrix moves a vector, as a share of its length
BLUR = (0.05, 0.30)  # the same of the noise of single vectors
_SEED = 20_261_121


def synthetic_pages(real: Pages, first: int, stop: int) -> Iterator[NDArray[np.float16]]:
    """Pages number first..stop; a page depends on its number and the real pages alone."""
    for number in range(first, stop):
        yield _page(real, np.random.default_rng([_SEED, number]))


def random_pages(first: int, stop: int, n_vectors: int, dim: int) -> Iterator[NDArray[np.float16]]:
    """Unit vectors without any meaning: only to try the bench."""
    for number in range(first, stop):
        dice = np.random.default_rng([_SEED, number])
        n = int(dice.integers(n_vectors // 2, n_vectors + 1))
        yield unit(dice.standard_normal((n, dim), np.float32)).astype(np.float16)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _page(real: Pages, dice: np.random.Generator) -> NDArray[np.float16]:
    n_vectors = len(real.page(int(dice.integers(len(real)))))
    runs = _runs(real, n_vectors, dice)
    dim = runs.shape[1]
    turned = runs @ _near_identity(dim, dice.uniform(*TURN), dice)
    noise = dice.standard_normal(turned.shape, np.float32) * np.float32(
        dice.uniform(*BLUR) / np.sqrt(dim)
    )
    return unit(turned + noise).astype(np.float16)


def _runs(real: Pages, n_vectors: int, dice: np.random.Generator) -> NDArray[np.float32]:
    """(N, D) float32, N at most n_vectors: a run ends where its page ends."""
    n_runs = int(dice.integers(RUNS[0], RUNS[1] + 1))
    wanted = np.diff(np.linspace(0, n_vectors, n_runs + 1).astype(int))
    parts = []
    for n in wanted:
        page = real.page(int(dice.integers(len(real))))
        start = int(dice.integers(max(len(page) - n, 0) + 1))
        parts.append(page[start : start + n])
    return np.concatenate(parts).astype(np.float32)


def _near_identity(dim: int, turn: float, dice: np.random.Generator) -> NDArray[np.float32]:
    """An orthogonal matrix (D, D): the Q of identity + turn * noise, its diagonal kept positive."""
    noise = dice.standard_normal((dim, dim)) / np.sqrt(dim)
    q, r = np.linalg.qr(np.eye(dim) + turn * noise)
    return (q * np.sign(np.diag(r))).astype(np.float32)
