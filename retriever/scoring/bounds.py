"""Exact ranking at the price of rough scores: score pages roughly, rescore those that may still matter.

Dimension key: T query tokens, R pages scored, D dim.

A rough score says by how much it may differ from the true one. A page whose highest possible score lies
below the k-th lowest possible one cannot be among the k best; all others are scored again over the
float16 vectors. The result is the exact one, whatever was rough on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retriever.open_collections import OpenSegment

Query = NDArray[np.float32]  # (T, D)
Rows = NDArray[np.int64]  # (R,), rows of pages in a segment
NO_SCORE = np.float32(-np.inf)  # of a page without vectors


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores (R,) float32 of rows (R,) of one segment; the truth is within `bound` of each."""

    opened: OpenSegment
    rows: Rows
    values: NDArray[np.float32]
    bound: float = 0.0


class PageScorer(Protocol):
    """MaxSim of queries and pages. Safe to use from several threads."""

    def rough(self, queries: Sequence[Query], opened: OpenSegment, rows: Rows) -> list[Scores]:
        """For each query the scores of the rows, within a stated bound, in one pass over the pages."""
        ...

    def exact(self, query: Query, opened: OpenSegment, rows: Rows) -> Scores:
        """float32 products and sums over the stored float16 vectors: the score that is served."""
        ...


def best_of(scorer: PageScorer, query: Query, rough: Sequence[Scores], k: int) -> list[Scores]:
    """Exact scores of every page that may be among the `k` best of all segments together."""
    floor = _kth_largest([one.values - one.bound for one in rough], k)
    best = []
    for one in rough:
        kept = (one.values + one.bound >= floor) & (one.values > NO_SCORE)
        rows = one.rows[kept]
        if not len(rows):
            continue
        if one.bound == 0.0:
            best.append(Scores(one.opened, rows, one.values[kept]))
        else:
            best.append(scorer.exact(query, one.opened, rows))
    return best


def _kth_largest(values: Sequence[NDArray[np.float32]], k: int) -> float:
    """-inf where there are fewer than k."""
    together = np.concatenate([np.zeros(0, np.float32), *values])
    if len(together) < k:
        return -np.inf
    return float(np.partition(together, len(together) - k)[len(together) - k])
