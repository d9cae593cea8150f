"""Scores on the processor: int8 copies first where there are any, float16 in place for the rest.

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
from retriever.scoring.bounds import Query, Rows, Scores
from retriever.scoring.kernels import maxsim_f16_many, maxsim_i8_many
from retriever.scoring.prefetch import will_need

ADVISED_PASSES = 32  # helped after the start, and after each that waited for the disk
_ROUNDING = 1e-4  # of float32 sums, on either side


class CpuScorer:
    """Obeys PageScorer with the kernels of `retriever.scoring.kernels`."""

    def __init__(self, n_threads: int) -> None:
        self._n_threads = n_threads
        self._advised = ADVISED_PASSES  # how many passes are still to be helped

    def rough(self, queries: Sequence[Query], opened: OpenSegment, rows: Rows) -> list[Scores]:
        segment, copy = opened.segment, opened.int8
        if copy is None:
            return self._float16(queries, opened, rows)
        turned = [np.ascontiguousarray(query @ copy.rotation.T) for query in queries]
        with self._ahead(copy.vectors, segment.offsets, rows):
            rough = maxsim_i8_many(
                turned, copy.vectors, segment.offsets, rows, copy.step, self._n_threads
            )
        return [
            Scores(opened, rows, values, int8_bound(query, copy))
            for query, values in zip(turned, rough, strict=True)
        ]

    def exact(self, query: Query, opened: OpenSegment, rows: Rows) -> Scores:
        return self._float16([query], opened, rows)[0]

    def _float16(self, queries: Sequence[Query], opened: OpenSegment, rows: Rows) -> list[Scores]:
        segment = opened.segment
        with self._ahead(segment.vectors, segment.offsets, rows):
            exact = maxsim_f16_many(
                queries, segment.vectors, segment.offsets, rows, self._n_threads
            )
        return [Scores(opened, rows, values) for values in exact]

    @contextmanager
    def _ahead(
        self, vectors: NDArray[Any], offsets: NDArray[np.int64], rows: Rows
    ) -> Iterator[None]:
        """Has the disk read what a pass is about to, while passes had to wait for it not long ago.

        The advice costs as much as scoring a page does, so it is not for pages in memory; and a pass
        that was helped does not show whether it needed help.
        """
        if self._advised:
            self._advised -= 1
            will_need(vectors, offsets[rows], offsets[rows + 1])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_majflt
        yield
        if resource.getrusage(resource.RUSAGE_SELF).ru_majflt > before:
            self._advised = ADVISED_PASSES


def int8_bound(turned: NDArray[np.float32], copy: Int8Copy) -> float:
    """The most by which an int8 score of the rotated query (T, D) can differ from the true one.

    The stored vectors are within `max_error` of the truth, and the error of the query's own steps is
    computed. For a token q with steps q' and a vector v with steps v':
    |q v - q' v'| <= |q| |v - v'| + |q - q'| |v'|, and a maximum moves by no more than its arguments.
    """
    step = np.abs(turned).max(axis=1, keepdims=True) / STEPS
    steps = np.rint(np.divide(turned, step, out=np.zeros_like(turned), where=step > 0))
    query_error = np.linalg.norm(turned - steps * step, axis=1)
    lengths = np.linalg.norm(turned, axis=1)
    return float((lengths * copy.max_error + query_error * (1 + copy.max_error)).sum()) + _ROUNDING
