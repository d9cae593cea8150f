"""Scores on the processor: int8 copies first where there are any, else float16 in place.

Dimension key: T query tokens, R pages scored, D dim.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.int8_copy import STEPS, Int8Copy
from retriever.open_collections import OpenSegment
from retriever.scoring.bounds import QueryVectors, Rows, SegmentScores
from retriever.scoring.kernels import maxsim_f16_many, maxsim_i8_many
from retriever.scoring.prefetch import will_need

PREFETCHED_PASSES = 32  # after the start, and after each pass that waited for the disk
# This thread takes a part of every pass, and to sum over all threads costs a tenth of a search.
_FAULTS_OF = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
_ROUNDING = 1e-4  # of float32 sums, on either side


class CpuScorer:
    """Scores pages with `retriever.scoring.kernels`; a PageScorer."""

    def __init__(self, n_threads: int) -> None:
        self._n_threads = n_threads
        self._passes_to_prefetch = PREFETCHED_PASSES

    def rough(
        self, queries: Sequence[QueryVectors], open_segment: OpenSegment, rows: Rows
    ) -> list[SegmentScores]:
        segment, copy = open_segment.segment, open_segment.int8
        if copy is None:
            return self._float16(queries, open_segment, rows)
        rotations = [np.ascontiguousarray(query @ copy.rotation.T) for query in queries]
        with self._prefetch(copy.vectors, segment.offsets, rows):
            copy.require(segment.offsets[rows], segment.offsets[rows + 1])
            rough = maxsim_i8_many(
                rotations, copy.vectors, segment.offsets, rows, copy.step, self._n_threads
            )
            copy.require_unbroken()
        return [
            SegmentScores(open_segment, rows, values, int8_bound(rotation, copy))
            for rotation, values in zip(rotations, rough, strict=True)
        ]

    def exact(self, query: QueryVectors, open_segment: OpenSegment, rows: Rows) -> SegmentScores:
        return self._float16([query], open_segment, rows)[0]

    def _float16(
        self, queries: Sequence[QueryVectors], open_segment: OpenSegment, rows: Rows
    ) -> list[SegmentScores]:
        segment = open_segment.segment
        with self._prefetch(segment.vectors, segment.offsets, rows):
            segment.require(rows)
            exact = maxsim_f16_many(
                queries, segment.vectors, segment.offsets, rows, self._n_threads
            )
            segment.require_unbroken()
        return [SegmentScores(open_segment, rows, values) for values in exact]

    @contextmanager
    def _prefetch(
        self, vectors: NDArray[Any], offsets: NDArray[np.int64], rows: Rows
    ) -> Iterator[None]:
        """Have the disk read ahead of a pass, if a pass had to wait for the disk not long ago.

        The advice costs as much as scoring a page does, so it is not for pages in memory; and a pass
        with it does not show whether it needed it, so it goes on for a number of passes.
        """
        if self._passes_to_prefetch:
            self._passes_to_prefetch -= 1
            will_need(vectors, offsets[rows], offsets[rows + 1])
        before = resource.getrusage(_FAULTS_OF).ru_majflt
        yield
        if resource.getrusage(_FAULTS_OF).ru_majflt > before:
            self._passes_to_prefetch = PREFETCHED_PASSES


def int8_bound(rotation: NDArray[np.float32], copy: Int8Copy) -> float:
    """Return the most by which an int8 score of the rotated query (T, D) can differ from the true one.

    The stored vectors are within `max_error` of the truth, and the error of the query's own steps is
    computed. For a token q with steps q' and a vector v with steps v':
    |q v - q' v'| <= |q| |v - v'| + |q - q'| |v'|, and a maximum moves by no more than its arguments.
    """
    step = np.abs(rotation).max(axis=1, keepdims=True) / STEPS
    steps = np.rint(np.divide(rotation, step, out=np.zeros_like(rotation), where=step > 0))
    query_error = np.linalg.norm(rotation - steps * step, axis=1)
    lengths = np.linalg.norm(rotation, axis=1)
    return float((lengths * copy.max_error + query_error * (1 + copy.max_error)).sum()) + _ROUNDING
