"""Clusters of page vectors that are the same to the bit on every processor and with any number of threads.

Sums of floating-point numbers depend on their order, and the order on the processor. Sums of multiples of
GRID do not, while they need no more than 24 bits: a dot product of vectors of length one on the grid is
exact in float32, in every order. What rounding to the grid costs a dot product (2e-4) is less than bfloat16
would. Everything else here is integers, or one rounding of one number (IEEE 754).

Dimension key: n vectors of a sample, D dim, K clusters, M subspaces of a product quantizer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GRID = 2.0**-11
N_ENTRIES = 16  # of a subspace's codebook: 4 bits
_BLOCK_ROWS = 1_024  # of a product with all centroids: 16 MB, near enough to the processor
_SUM_ROWS = 8_192
_MEAN_STEPS = 2.0**20  # of a mean's components: their squares add up exactly in float64
_CODEBOOK_ROUNDS = 16
_CODEBOOK_SAMPLE = 256 * N_ENTRIES  # vectors; FAISS draws as many


def on_grid(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Round vectors (..., D) to multiples of GRID, in float32."""
    steps = np.rint(vectors.astype(np.float32) / np.float32(GRID))
    return np.asarray(steps * np.float32(GRID), np.float32)


def nearest(
    vectors: NDArray[np.float32], centroids: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the centroid of the highest dot product for each vector, and that product: (n,) and (n,).

    vectors (n, D) and centroids (K, D) are on the grid. Of equal products the first centroid counts.
    """
    labels = np.empty(len(vectors), np.int64)
    products = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS] @ centroids.T
        part = slice(start, start + len(block))
        labels[part] = block.argmax(axis=1)
        products[part] = block[np.arange(len(block)), labels[part]]
    return labels, products


def k_means(
    sample: NDArray[np.float32], k: int, n_rounds: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return K centroids (K, D) of length one, on the grid: spherical k-means (Dhillon and Modha, 2001).

    sample  (n, D) on the grid. A cluster that loses all members begins anew at a vector that fits worst.
    """
    centroids = sample[np.sort(rng.choice(len(sample), k, replace=k > len(sample)))]
    for _ in range(n_rounds):
        labels, similarity = nearest(sample, centroids)
        counts = np.bincount(labels, minlength=k)
        means = _sums(sample, labels, k) / np.maximum(counts, 1)[:, None]
        centroids = np.where((counts > 0)[:, None], _of_length_one(means), centroids)
        empty = np.flatnonzero(counts == 0)
        worst = np.argsort(similarity, kind="stable")[: len(empty)]
        centroids[empty[: len(worst)]] = sample[worst]
    return centroids


def product_codebook(
    residuals: NDArray[np.float32], n_subspaces: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the entries (M, 16, D / M) of a product quantizer (Jégou et al., 2011), on the grid.

    residuals  (n, D) on the grid, n >= 16; at most 4,096 of them are looked at
    """
    sample = residuals[rng.permutation(len(residuals))[:_CODEBOOK_SAMPLE]]
    n_vectors, m = len(sample), n_subspaces
    steps = np.rint(sample / np.float32(GRID)).astype(np.int32)
    points = np.ascontiguousarray(steps.reshape(n_vectors, m, -1).transpose(1, 0, 2))  # (M, n, D/M)
    entries = points[:, :N_ENTRIES].copy()
    first_labels = N_ENTRIES * np.arange(m)[:, None]
    for _ in range(_CODEBOOK_ROUNDS):
        # |x - c|^2 without |x|^2, which is the same for all entries
        distances = (entries**2).sum(2)[:, None] - 2 * (points @ entries.transpose(0, 2, 1))
        labels = (first_labels + distances.argmin(2)).ravel()
        counts = np.bincount(labels, minlength=m * N_ENTRIES)[:, None]
        sums = np.stack(
            [
                np.bincount(labels, axis.ravel(), m * N_ENTRIES)
                for axis in np.moveaxis(points, 2, 0)
            ],
            axis=1,
        )
        means = np.rint(sums / np.maximum(counts, 1)).astype(np.int32)
        entries = np.where(counts > 0, means, entries.reshape(means.shape)).reshape(entries.shape)
    return entries.astype(np.float32) * np.float32(GRID)


def _sums(sample: NDArray[np.float32], labels: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Return the sum of the members of each cluster: (K, D), exact."""
    order = np.argsort(labels, kind="stable")
    ordered_labels = labels[order]
    sums = np.zeros((k, sample.shape[1]))
    for start in range(0, len(order), _SUM_ROWS):
        part = slice(start, start + _SUM_ROWS)
        first_rows = np.flatnonzero(np.diff(ordered_labels[part], prepend=-1))
        members = sample[order[part]].astype(np.float64)
        sums[ordered_labels[part][first_rows]] += np.add.reduceat(members, first_rows)
    return sums


def _of_length_one(means: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return means (K, D) scaled to length one, on the grid; a mean of zero stays zero."""
    steps = np.rint(means * _MEAN_STEPS)
    lengths = np.sqrt((steps**2).sum(axis=1, keepdims=True))
    return on_grid(steps / np.maximum(lengths, 1.0))
