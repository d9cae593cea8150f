"""Fewer vectors a page: those that say nearly the same become one.

Token pooling (Clavie, Chaffin and Adams, arXiv 2409.14683; for page images ColPali, arXiv 2407.01449,
section 5.3, which keeps 97.8 % of nDCG@5 at a third of the vectors). Queries are left as they are.
Dimension key: N page vectors, K of them left, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.ward import ward_labels
from indexer.pages import PageEmbedding, QueryEmbedding, RenderedPage


def pooled(fingerprint: EncoderFingerprint, factor: int) -> EncoderFingerprint:
    """The fingerprint of the same encoder with its pages pooled; unchanged for a factor of 1."""
    if factor == 1:
        return fingerprint
    return replace(fingerprint, options={**fingerprint.options, "token_pooling": factor})


def pool_vectors(page: PageEmbedding, factor: int) -> PageEmbedding:
    """N vectors -> K = max(N // factor, 1): the mean of each cluster, its length made one again.

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
        return pooled(self._encoder.fingerprint, self._factor)

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
