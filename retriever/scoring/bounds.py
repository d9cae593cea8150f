"""Exact ranking at the price of rough scores: score pages roughly, rescore those that may still matter.

Dimension key: T query tokens, R pages scored, D dim.

A rough score says by how much it may differ from the true one. A page whose highest possible score lies
below the k-th largest of the lowest possible scores cannot be among the k best; all others are scored
again over the float16 vectors. The result is therefore exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retriever.open_collections import OpenSegment

QueryVectors = NDArray[np.float32]  # (T, D)
Rows = NDArray[np.int64]  # (R,), rows of pages in a segment
NO_SCORE = np.float32(-np.inf)  # of a page without vectors


@dataclass(frozen=True, slots=True, eq=False)
class SegmentScores:
    """Scores (R,) float32 of rows (R,) of one segment; the truth is within `bound` of each.

    bonus  (R,) float32, what each page gains beside its MaxSim; None: nothing
    """

    open_segment: OpenSegment
    rows: Rows
    values: NDArray[np.float32]
    bound: float = 0.0
    bonus: NDArray[np.float32] | None = None

    @property
    def totals(self) -> NDArray[np.float32]:
        """MaxSim and bonus together, by which pages are ranked."""
        return self.values if self.bonus is None else self.values + self.bonus


class PageScorer(Protocol):
    """Scores pages by MaxSim. Safe to use from several threads."""

    def rough(
        self, queries: Sequence[QueryVectors], open_segment: OpenSegment, rows: Rows
    ) -> list[SegmentScores]:
        """Score the rows for each query, within a stated bound, in one pass over the pages."""
        ...

    def exact(self, query: QueryVectors, open_segment: OpenSegment, rows: Rows) -> SegmentScores:
        """Score the rows over the stored float16 vectors, in float32: the score that is served."""
        ...


def best_of(
    scorer: PageScorer, query: QueryVectors, rough: Sequence[SegmentScores], k: int
) -> list[SegmentScores]:
    """Score exactly every page that may be among the `k` best of all segments together."""
    floor = _kth_largest([scores.totals - scores.bound for scores in rough], k)
    best = []
    for scores in rough:
        may_win = (scores.totals + scores.bound >= floor) & (scores.values > NO_SCORE)
        rows = scores.rows[may_win]
        if not len(rows):
            continue
        if scores.bound == 0.0:
            exact = SegmentScores(scores.open_segment, rows, scores.values[may_win])
        else:
            exact = scorer.exact(query, scores.open_segment, rows)
        bonus = None if scores.bonus is None else scores.bonus[may_win]
        best.append(replace(exact, bonus=bonus))
    return best


def _kth_largest(values: Sequence[NDArray[np.float32]], k: int) -> float:
    """Return the k-th largest of all values, -inf where there are fewer than k."""
    every_value = np.concatenate([np.zeros(0, np.float32), *values])
    if len(every_value) < k:
        return -np.inf
    return float(np.partition(every_value, len(every_value) - k)[len(every_value) - k])
