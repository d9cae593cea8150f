"""Our engine, three ways: the scan of `retriever.maxsim`, the float16 kernel, int8 then float16.

Dimension key: N vectors of all pages together, T query tokens, D dim.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.vectors.base import Segment
from retriever.kernels import maxsim_f16, maxsim_i8
from retriever.maxsim import maxsim
from retriever.settings import RetrieverSettings
from tests.benchmarks.engine.corpus import DIM, Pages
from tests.benchmarks.engine.protocol import Settings, best

SCAN, FLOAT16, CASCADE = "scan", "float16", "int8+float16"
# After a random rotation the entries of a unit vector are about normal, of deviation 1 / sqrt(D): one
# scale for all vectors, that clips what is beyond 4.6 deviations.
SCALE = 4.6 / np.sqrt(DIM) / 127
BLOCK_ROWS = 65_536
_FILE = "vectors.i8"
_SEED = 11


class Ours:
    def build(self, pages: Pages, folder: Path) -> None:
        rotation = _rotation()
        with (folder / _FILE).open("wb") as file:
            for row in range(0, len(pages.vectors), BLOCK_ROWS):
                block = pages.vectors[row : row + BLOCK_ROWS].astype(np.float32) @ rotation
                rounded = np.rint(block / SCALE)
                file.write(np.clip(rounded, -127, 127).astype(np.int8).tobytes())

    def open(self, pages: Pages, folder: Path) -> None:
        boxes = np.zeros((0, 4), np.uint16)  # no search reads them
        self._segment = Segment(np.arange(len(pages)), pages.offsets, pages.vectors, boxes)
        self._everything = np.ones(len(pages), bool)
        self._memory_bytes = RetrieverSettings().scan_memory_bytes
        self._small = np.memmap(folder / _FILE, np.int8, "r", shape=pages.vectors.shape)
        self._rotation = _rotation()
        self._n_threads = len(os.sched_getaffinity(0))

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        n_pages = len(self._segment.page_ids)
        rescored = [n for n in (20, 50, 100) if n < n_pages]
        return {SCAN: [{}], FLOAT16: [{}], CASCADE: [{"rescored": n} for n in rescored]}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        if mode == SCAN:
            return best(maxsim(query, self._segment, self._everything, self._memory_bytes), k)
        pages = self._candidates(query, settings["rescored"]) if mode == CASCADE else None
        scores = maxsim_f16(
            query, self._segment.vectors, self._segment.offsets, pages, self._n_threads
        )
        found = best(scores, k)
        return found if pages is None else pages[found].tolist()

    def _candidates(self, query: NDArray[np.float32], n: int) -> NDArray[np.int64]:
        """The n best pages by int8, ascending, so that the map is read front to back."""
        scores = maxsim_i8(
            query @ self._rotation,
            self._small,
            self._segment.offsets,
            scale=SCALE,
            n_threads=self._n_threads,
        )
        return np.sort(np.argpartition(-scores, n)[:n])

    def bytes_per_page(self) -> float:
        return (self._segment.vectors.nbytes + self._small.nbytes) / len(self._segment.page_ids)


def _rotation() -> NDArray[np.float32]:
    """A random orthogonal matrix (D, D), always the same: it changes no dot product."""
    noise = np.random.default_rng(_SEED).standard_normal((DIM, DIM))
    return np.linalg.qr(noise)[0].astype(np.float32)
