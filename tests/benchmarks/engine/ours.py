"""Our engine: the exact scan of the stored float16 vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.vectors.base import Segment
from retriever.maxsim import maxsim
from retriever.settings import RetrieverSettings
from tests.benchmarks.engine.corpus import Pages
from tests.benchmarks.engine.protocol import Settings, best


class Ours:
    def build(self, pages: Pages, folder: Path) -> None:
        """Nothing: the vectors are searched as they are stored."""

    def open(self, pages: Pages, folder: Path) -> None:
        boxes = np.zeros((0, 4), np.uint16)  # no search reads them
        self._segment = Segment(np.arange(len(pages)), pages.offsets, pages.vectors, boxes)
        self._everything = np.ones(len(pages), bool)
        self._memory_bytes = RetrieverSettings().scan_memory_bytes

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        return {"scan": [{}]}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        return best(maxsim(query, self._segment, self._everything, self._memory_bytes), k)

    def bytes_per_page(self) -> float:
        return self._segment.vectors.nbytes / len(self._segment.page_ids)
