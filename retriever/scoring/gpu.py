"""Scores on a GPU: vectors stay in its memory as float16, every score is exact.

Dimension key: T query tokens, N vectors of a block, D dim.

A segment is cut into blocks of whole pages. Blocks that were scored stay on the device up to a budget
of bytes, so that a collection that fits is read from the disk once; what does not fit passes through.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.storage.segments import Segment
from retriever.open_collections import OpenSegment
from retriever.scoring.bounds import NO_SCORE, Query, Rows, Scores

if TYPE_CHECKING:
    import torch
    from torch import Tensor

BLOCK_BYTES = (
    64 * 1024**2
)  # of float16 vectors; their float32 copy and its products are working memory


@dataclass(frozen=True, slots=True)
class _Block:
    """Pages first..stop of a segment, and where their vectors lie."""

    segment: str
    first: int
    stop: int


class GpuScorer:
    """Obeys PageScorer with torch on any device."""

    def __init__(
        self, device: torch.device, memory_bytes: int, block_bytes: int = BLOCK_BYTES
    ) -> None:
        """memory_bytes: how much of the device's memory may hold vectors between searches."""
        self._device = device
        self._memory_bytes = memory_bytes
        self._block_bytes = block_bytes
        self._held: OrderedDict[_Block, Tensor] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    def rough(self, queries: Sequence[Query], opened: OpenSegment, rows: Rows) -> list[Scores]:
        """Exact, all queries in one product."""
        import torch

        together = torch.from_numpy(np.concatenate(queries)).to(self._device)
        lengths = [len(query) for query in queries]
        values = np.full((len(queries), len(rows)), NO_SCORE, np.float32)
        for block, chosen in self._blocks_of(opened, rows):
            best = self._maxima(opened, block, together)  # (pages of the block, sum of T)
            sums = torch.stack([part.sum(dim=1) for part in torch.split(best, lengths, dim=1)])
            values[:, chosen] = sums.cpu().numpy()[:, rows[chosen] - block.first]
        return [Scores(opened, rows, of_query) for of_query in values]

    def exact(self, query: Query, opened: OpenSegment, rows: Rows) -> Scores:
        return self.rough([query], opened, rows)[0]

    @property
    def held_bytes(self) -> int:
        """Of vectors on the device now."""
        return self._held_bytes

    def _maxima(self, opened: OpenSegment, block: _Block, query: Tensor) -> Tensor:
        """Each token's best similarity to each page of the block; minus infinity for an empty page."""
        import torch

        offsets = opened.segment.offsets[block.first : block.stop + 1]
        counts = torch.from_numpy(np.diff(offsets)).to(self._device)
        products = self._vectors(opened.segment, block).float() @ query.T  # (N, T)
        return torch.segment_reduce(
            products, "max", lengths=counts, axis=0, unsafe=True, initial=float(NO_SCORE)
        )

    def _vectors(self, segment: Segment, block: _Block) -> Tensor:
        """(N, D) float16 on the device, kept there while the budget lasts."""
        import torch

        with self._lock:
            if block in self._held:
                self._held.move_to_end(block)
                return self._held[block]
        rows = slice(int(segment.offsets[block.first]), int(segment.offsets[block.stop]))
        # A copy: a read-only map can be no tensor, and a pinned one would hold the file's pages.
        moved = torch.from_numpy(np.array(segment.vectors[rows])).to(self._device)
        self._keep(block, moved)
        return moved

    def _keep(self, block: _Block, vectors: Tensor) -> None:
        n_bytes = vectors.numel() * vectors.element_size()
        with self._lock:
            if n_bytes > self._memory_bytes or block in self._held:
                return
            while self._held_bytes + n_bytes > self._memory_bytes:
                _, oldest = self._held.popitem(last=False)
                self._held_bytes -= oldest.numel() * oldest.element_size()
            self._held[block] = vectors
            self._held_bytes += n_bytes

    def _blocks_of(
        self, opened: OpenSegment, rows: Rows
    ) -> Iterator[tuple[_Block, NDArray[np.int64]]]:
        """Blocks with a wanted row, each with the positions in `rows` of those it holds."""
        segment = opened.segment
        row_bytes = 2 * segment.vectors.shape[1]
        edges = _edges(segment.offsets * row_bytes, self._block_bytes)
        of_row = np.searchsorted(edges, rows, side="right") - 1
        for i in np.unique(of_row):
            block = _Block(opened.record.name, int(edges[i]), int(edges[i + 1]))
            yield block, np.flatnonzero(of_row == i)


def _edges(offsets_bytes: NDArray[np.int64], block_bytes: int) -> NDArray[np.int64]:
    """Page numbers at which blocks begin, and the end: each block has at least one page."""
    edges = [0]
    n_pages = len(offsets_bytes) - 1
    while edges[-1] < n_pages:
        limit = offsets_bytes[edges[-1]] + block_bytes
        stop = int(np.searchsorted(offsets_bytes, limit, side="right")) - 1
        edges.append(min(max(stop, edges[-1] + 1), n_pages))
    return np.array(edges, np.int64)
