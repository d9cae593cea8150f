"""Exact ranking at the price of int8: score pages roughly, rescore those that may still matter.

Dimension key: T query tokens, R pages scored, D dim.

An int8 score differs from the true one by at most a bound that is known: the stored vectors are within
`max_error` of the truth, and the error of the query's own steps is computed. A page whose highest
possible score lies below the k-th lowest possible one cannot be among the k best; all others are scored
again over the float16 vectors. The result is the exact one, whatever was rough on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.vectors.int8_copy import STEPS, Int8Copy
from retriever.kernels import maxsim_f16, maxsim_f16_many, maxsim_i8_many
from retriever.maxsim import NO_SCORE
from retriever.opened import OpenSegment


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores (R,) float32 of rows (R,) int64 of one segment; the truth is within `bound` of each."""

    opened: OpenSegment
    rows: NDArray[np.int64]
    values: NDArray[np.float32]
    bound: float = 0.0


def rough_scores(
    query: NDArray[np.float32], opened: OpenSegment, rows: NDArray[np.int64], n_threads: int
) -> Scores:
    """From the int8 copy where there is one, else exact. query (T, D), rows (R,)."""
    return rough_scores_of_many([query], opened, rows, n_threads)[0]


def rough_scores_of_many(
    queries: Sequence[NDArray[np.float32]],
    opened: OpenSegment,
    rows: NDArray[np.int64],
    n_threads: int,
) -> list[Scores]:
    """As `rough_scores` for each query, in one pass over the pages."""
    segment, copy = opened.segment, opened.int8
    if copy is None:
        exact = maxsim_f16_many(queries, segment.vectors, segment.offsets, rows, n_threads)
        return [Scores(opened, rows, values) for values in exact]
    turned = [np.ascontiguousarray(query @ copy.rotation.T) for query in queries]
    rough = maxsim_i8_many(turned, copy.vectors, segment.offsets, rows, copy.step, n_threads)
    return [
        Scores(opened, rows, values, int8_bound(query, copy))
        for query, values in zip(turned, rough, strict=True)
    ]


def exact_scores(
    query: NDArray[np.float32], opened: OpenSegment, rows: NDArray[np.int64], n_threads: int
) -> Scores:
    """float32 products and sums over the stored float16 vectors: the score that is served."""
    segment = opened.segment
    return Scores(
        opened, rows, maxsim_f16(query, segment.vectors, segment.offsets, rows, n_threads)
    )


def int8_bound(turned: NDArray[np.float32], copy: Int8Copy) -> float:
    """The most by which an int8 score of the rotated query (T, D) can differ from the true one.

    For a token q with steps q' and a vector v with steps v': |q v - q' v'| <= |q| |v - v'| + |q - q'| |v'|,
    and a maximum moves by no more than its arguments.
    """
    step = np.abs(turned).max(axis=1, keepdims=True) / STEPS
    steps = np.rint(np.divide(turned, step, out=np.zeros_like(turned), where=step > 0))
    query_error = np.linalg.norm(turned - steps * step, axis=1)
    lengths = np.linalg.norm(turned, axis=1)
    return float((lengths * copy.max_error + query_error * (1 + copy.max_error)).sum()) + 1e-4


def best_of(
    query: NDArray[np.float32], rough: Sequence[Scores], k: int, n_threads: int
) -> list[Scores]:
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
            best.append(exact_scores(query, one.opened, rows, n_threads))
    return best


def _kth_largest(values: Sequence[NDArray[np.float32]], k: int) -> float:
    """-inf where there are fewer than k."""
    together = np.concatenate([np.zeros(0, np.float32), *values])
    if len(together) < k:
        return -np.inf
    return float(np.partition(together, len(together) - k)[len(together) - k])
