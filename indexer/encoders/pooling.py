"""Pool the vectors of a page: those that say nearly the same become one.

Token pooling (Clavie, Chaffin and Adams, arXiv 2409.14683; for page images ColPali, arXiv 2407.01449,
section 5.3, which keeps 97.8 % of nDCG@5 at a third of the vectors). Queries are left as they are.
Clusters are Ward's.
Dimension key: N page vectors, K clusters or vectors left, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint, PageEncoder


def pooled_fingerprint(fingerprint: EncoderFingerprint, factor: int) -> EncoderFingerprint:
    """Return the fingerprint of the same encoder with its pages pooled; unchanged for a factor of 1."""
    if factor == 1:
        return fingerprint
    return replace(fingerprint, options={**fingerprint.options, "token_pooling": factor})


def pool_vectors(page: PageEmbedding, factor: int) -> PageEmbedding:
    """Pool N vectors into K = max(N // factor, 1): the mean of each cluster, its length made one again.

    A cluster's box encloses the boxes of its members. Clusters stand in the order of their first member.
    """
    n = len(page.vectors)
    if factor == 1 or n < 2:
        return page
    vectors = page.vectors.astype(np.float32)
    labels = ward_labels(vectors, max(n // factor, 1))
    order = labels.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))  # where each cluster begins
    sums = np.add.reduceat(vectors[order], starts)  # (K, D)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    # Vectors that cancel out have no mean direction: the first of them stands for all.
    means = np.where(lengths > 1e-6, sums / np.maximum(lengths, 1e-6), vectors[order[starts]])
    boxes = np.concatenate(
        [
            np.minimum.reduceat(page.boxes[order, :2], starts),
            np.maximum.reduceat(page.boxes[order, 2:], starts),
        ],
        axis=1,
    )
    return PageEmbedding(means.astype(np.float16), boxes)


class PooledEncoder:
    """Another encoder with its pages pooled by `factor`. As safe to share between threads as that one."""

    def __init__(self, encoder: PageEncoder, factor: int) -> None:
        self._encoder = encoder
        self._factor = factor

    @property
    def fingerprint(self) -> EncoderFingerprint:
        return pooled_fingerprint(self._encoder.fingerprint, self._factor)

    @property
    def reads_words(self) -> bool:
        return self._encoder.reads_words

    @property
    def window(self) -> int:
        return self._encoder.window

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        return [pool_vectors(page, self._factor) for page in self._encoder.encode_pages(pages)]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        return self._encoder.encode_queries(texts)


def ward_labels(vectors: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the cluster of each of the unit vectors (N, D): (N,) numbers 0..K-1, in order of first member.

    Ward (1963) joins, again and again, the two clusters whose union adds least to the squared distances
    from the means; |a - b|^2 = 2 (1 - cos) ties that to the cosine distance. Found by chains of nearest
    neighbours (Murtagh 1983), N^2 time: the joins are those of the greedy order, only found in another.
    """
    n = len(vectors)
    if not 1 <= k <= n:
        raise ValueError(f"{n} vectors cannot make {k} clusters")
    joins = sorted(_joins(vectors), key=lambda join: join[0])[: n - k]
    parent = np.arange(n)
    for _, a, b in joins:
        parent[_root(parent, b)] = _root(parent, a)
    roots = [_root(parent, i) for i in range(n)]
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(root, len(numbers)) for root in roots], np.intp)


def _joins(vectors: NDArray[np.float32]) -> list[tuple[float, int, int]]:
    """Return N - 1 joins as (height, a, b): the cluster that holds vector a takes in the one that holds b."""
    n = len(vectors)
    distance = (1 - vectors @ vectors.T).astype(np.float32)  # (N, N); half the squared distance
    np.fill_diagonal(distance, np.inf)
    size = np.ones(n, np.float32)
    alive = np.ones(n, np.bool_)
    joins: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(joins) < n - 1:
        if not chain:
            chain = [int(alive.argmax())]
        row = distance[chain[-1]]
        nearest = int(row.argmin())
        if len(chain) < 2 or row[nearest] < row[chain[-2]]:
            chain.append(nearest)
            continue
        a, b = sorted((chain.pop(), chain.pop()))  # each the other's nearest
        height = distance[a, b]
        joins.append((float(height), a, b))
        # Lance and Williams (1967): how far the union is from every other cluster. What is joined
        # already is at infinity and stays there.
        union = (size + size[a]) * distance[a]
        union += (size + size[b]) * distance[b]
        union -= size * height
        union /= size + (size[a] + size[b])
        distance[a] = distance[:, a] = union
        distance[b] = distance[:, b] = np.inf
        size[a] += size[b]
        alive[b] = False
    return joins


def _root(parent: NDArray[np.intp], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = int(parent[i])
    return i
