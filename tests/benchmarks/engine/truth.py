"""What the right answer is: exact float32 MaxSim of every query with every page, kept in the cache.

Dimension key: Q queries, P pages, N vectors of one page, T query tokens, D dim.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import read_pages, read_queries

SHARD_PAGES = 1_000  # what an interrupted run loses at most
TIE = 1e-4  # scores of about 15; two copies of a page differ by rounding alone


class Truth:
    """Scores (Q, P) float32 of some queries, by their numbers."""

    def __init__(self, queries: Sequence[int], scores: NDArray[np.float32]) -> None:
        self._row = {query: scores[i] for i, query in enumerate(queries)}

    def scores(self, query: int) -> NDArray[np.float32]:
        """(P,) exact scores of the query's pages."""
        return self._row[query]

    def recall(self, query: int, found: Sequence[int], k: int) -> float:
        """Share of the k best pages that were found; a page that ties with the k-th counts as it."""
        scores = self._row[query]
        k = min(k, len(scores))
        kth = np.partition(scores, -k)[-k]
        right = {page for page in found[:k] if scores[page] >= kth - TIE}
        return len(right) / k


def exact(corpus: Path, n_pages: int, queries: Sequence[int], threads: int) -> Truth:
    """Scores of the first `n_pages` pages; what was computed before is read from the corpus folder."""
    tokens = [read_queries(corpus).vectors[query] for query in queries]
    key = hashlib.sha256(b"".join(one.tobytes() for one in tokens)).hexdigest()[:10]
    folder = corpus / f"truth-{key}"
    folder.mkdir(exist_ok=True)
    parts = []
    for start in range(0, n_pages, SHARD_PAGES):
        stop = min(start + SHARD_PAGES, n_pages)
        kept = folder / f"{start:07d}-{stop:07d}.npy"
        if not kept.is_file():
            part = _scores(corpus, start, stop, tokens, threads)
            unfinished = kept.with_suffix(f".{os.getpid()}")  # two runs may be at it
            with unfinished.open("wb") as file:
                np.save(file, part)
            unfinished.replace(kept)
        parts.append(np.load(kept, allow_pickle=False))
    return Truth(queries, np.concatenate(parts, axis=1))


def _scores(
    corpus: Path, start: int, stop: int, tokens: Sequence[NDArray[np.float32]], threads: int
) -> NDArray[np.float32]:
    """Pages start..stop -> (Q, stop - start): one product of a page with all queries' tokens."""
    import torch

    torch.set_num_threads(threads)
    pages = read_pages(corpus, stop)
    columns = torch.from_numpy(np.concatenate(tokens).T.copy())  # (D, sum of T)
    lengths = [len(one) for one in tokens]
    owners = torch.repeat_interleave(torch.arange(len(tokens)), torch.tensor(lengths))
    scores = torch.zeros((stop - start, len(tokens)))
    for i in range(start, stop):
        page = torch.from_numpy(pages.page(i).astype(np.float32))
        scores[i - start].index_add_(0, owners, (page @ columns).amax(dim=0))
    return scores.T.contiguous().numpy()
