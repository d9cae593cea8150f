"""Scores on several GPUs: each has a range of a segment's pages, and all of them work at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from retriever.open_collections import OpenSegment
from retriever.scoring.bounds import QueryVectors, Rows, SegmentScores
from retriever.scoring.gpu import GpuScorer


class SeveralDevicesScorer:
    """A PageScorer over one for each device. Each range holds as many vectors, and stays where it is."""

    def __init__(self, scorers: Sequence[GpuScorer]) -> None:
        self._scorers = scorers
        self._threads = ThreadPoolExecutor(len(scorers), "device")

    def rough(
        self, queries: Sequence[QueryVectors], open_segment: OpenSegment, rows: Rows
    ) -> list[SegmentScores]:
        """Score exactly, all queries in one product on each device."""
        device_of_row = self._devices_of(open_segment, rows)
        parts = [np.flatnonzero(device_of_row == i) for i in range(len(self._scorers))]
        futures = [
            self._threads.submit(scorer.rough, queries, open_segment, rows[part])
            for scorer, part in zip(self._scorers, parts, strict=True)
            if len(part)
        ]
        values = np.zeros((len(queries), len(rows)), np.float32)
        for part, future in zip([part for part in parts if len(part)], futures, strict=True):
            for of_query, scores in zip(values, future.result(), strict=True):
                of_query[part] = scores.values
        return [SegmentScores(open_segment, rows, of_query) for of_query in values]

    def exact(self, query: QueryVectors, open_segment: OpenSegment, rows: Rows) -> SegmentScores:
        return self.rough([query], open_segment, rows)[0]

    def _devices_of(self, open_segment: OpenSegment, rows: Rows) -> Rows:
        """Return the number of the device (R,) that has each row."""
        offsets = open_segment.segment.offsets
        share = max(int(offsets[-1]), 1) / len(self._scorers)
        numbers = (offsets[rows] / share).astype(np.int64)
        return np.minimum(numbers, len(self._scorers) - 1)
