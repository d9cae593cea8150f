"""Exact MaxSim as NumPy does it best: float32 in memory, one BLAS product, `maximum.reduceat`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import Pages
from tests.benchmarks.engine.protocol import Settings, best

BLOCK_ROWS = 65_536  # bounds the products: 65,536 x 22 float32 is 6 MB


class NumpyScan:
    def build(self, pages: Pages, folder: Path) -> None:
        """Nothing is kept on disk."""

    def open(self, pages: Pages, folder: Path) -> None:
        self._vectors = pages.vectors.astype(np.float32)
        self._offsets = pages.offsets
        starts = [0]
        for page, row in enumerate(self._offsets[1:], 1):
            if row - self._offsets[starts[-1]] >= BLOCK_ROWS:
                starts.append(page)
        self._blocks = list(zip(starts, [*starts[1:], len(pages)], strict=True))

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        return {"float32": [{}]}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        columns = np.ascontiguousarray(query.T)
        scores = []
        for start, stop in self._blocks:
            if start == stop:
                continue
            rows = self._offsets[start:stop]
            products = self._vectors[rows[0] : self._offsets[stop]] @ columns
            scores.append(np.maximum.reduceat(products, rows - rows[0], axis=0).sum(axis=1))
        return best(np.concatenate(scores), k)

    def bytes_per_page(self) -> float:
        return self._vectors.nbytes / (len(self._offsets) - 1)
