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
from retriever.scoring.bounds import NO_SCORE, QueryVectors, Rows, SegmentScores

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# Of float16 vectors; their float32 copy and its products are working memory.
BLOCK_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class _Block:
    """Pages first..stop of a segment, and where their vectors lie."""

    segment: str
    first: int
    stop: int


class GpuScorer:
    """Scores pages with torch on any device; a PageScorer."""

    def __init__(
        self, device: torch.device, memory_bytes: int, block_bytes: int = BLOCK_BYTES
    ) -> None:
        """`memory_bytes` of the device may hold vectors between searches."""
        self._device = device
        self._memory_bytes = memory_bytes
        self._block_bytes = block_bytes
        self._blocks: OrderedDict[_Block, tuple[Tensor, Tensor]] = OrderedDict()
        self._n_bytes = 0
        self._lock = threading.Lock()

    def rough(
        self, queries: Sequence[QueryVectors], open_segment: OpenSegment, rows: Rows
    ) -> list[SegmentScores]:
        """Score exactly, all queries in one product."""
        import torch

        open_segment.segment.require(rows)
        tokens = torch.from_numpy(np.concatenate(queries)).to(self._device)
        lengths = [len(query) for query in queries]
        values = np.full((len(queries), len(rows)), NO_SCORE, np.float32)
        sums_of: list[tuple[_Block, NDArray[np.int64], Tensor]] = []
        for block, positions in self._blocks_of(open_segment, rows):
            best = self._maxima(open_segment, block, tokens)  # (pages of the block, sum of T)
            sums = torch.stack([part.sum(dim=1) for part in torch.split(best, lengths, dim=1)])
            sums_of.append((block, positions, sums))
        # Only now: the device has not waited for the processor between two blocks.
        for block, positions, sums in sums_of:
            values[:, positions] = sums.cpu().numpy()[:, rows[positions] - block.first]
        open_segment.segment.require_unbroken()
        return [SegmentScores(open_segment, rows, of_query) for of_query in values]

    def exact(self, query: QueryVectors, open_segment: OpenSegment, rows: Rows) -> SegmentScores:
        return self.rough([query], open_segment, rows)[0]

    @property
    def held_bytes(self) -> int:
        """How many bytes of vectors are on the device now."""
        return self._n_bytes

    def _maxima(self, open_segment: OpenSegment, block: _Block, tokens: Tensor) -> Tensor:
        """Return each token's best similarity to each page of the block; -inf for an empty page."""
        import torch

        vectors, counts = self._tensors_of(open_segment.segment, block)
        products = vectors.float() @ tokens.T  # (N, T)
        return torch.segment_reduce(
            products, "max", lengths=counts, axis=0, unsafe=True, initial=float(NO_SCORE)
        )

    def _tensors_of(self, segment: Segment, block: _Block) -> tuple[Tensor, Tensor]:
        """Return (N, D) float16 and how many are of each page, kept on the device while the budget lasts."""
        import torch

        with self._lock:
            if block in self._blocks:
                self._blocks.move_to_end(block)
                return self._blocks[block]
        offsets = segment.offsets[block.first : block.stop + 1]
        # A copy: a read-only map can be no tensor, and a pinned one would hold the file's pages.
        vectors = torch.from_numpy(np.array(segment.vectors[int(offsets[0]) : int(offsets[-1])]))
        counts = torch.from_numpy(np.diff(offsets))
        tensors = vectors.to(self._device), counts.to(self._device)
        self._keep(block, tensors)
        return tensors

    def _keep(self, block: _Block, tensors: tuple[Tensor, Tensor]) -> None:
        n_bytes = _bytes_of(tensors)
        with self._lock:
            if n_bytes > self._memory_bytes or block in self._blocks:
                return
            while self._n_bytes + n_bytes > self._memory_bytes:
                _, oldest = self._blocks.popitem(last=False)
                self._n_bytes -= _bytes_of(oldest)
            self._blocks[block] = tensors
            self._n_bytes += n_bytes

    def _blocks_of(
        self, open_segment: OpenSegment, rows: Rows
    ) -> Iterator[tuple[_Block, NDArray[np.int64]]]:
        """List the blocks that hold any of `rows`, each with the positions in `rows` of those it holds."""
        segment = open_segment.segment
        row_bytes = 2 * segment.vectors.shape[1]
        edges = _edges(segment.offsets * row_bytes, self._block_bytes)
        of_row = np.searchsorted(edges, rows, side="right") - 1
        for i in np.unique(of_row):
            block = _Block(open_segment.record.name, int(edges[i]), int(edges[i + 1]))
            yield block, np.flatnonzero(of_row == i)


def _bytes_of(tensors: tuple[Tensor, Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors)


def _edges(offsets_bytes: NDArray[np.int64], block_bytes: int) -> NDArray[np.int64]:
    """Return the rows at which blocks begin, and the end; each block has at least one page."""
    edges = [0]
    n_pages = len(offsets_bytes) - 1
    while edges[-1] < n_pages:
        limit = offsets_bytes[edges[-1]] + block_bytes
        stop = int(np.searchsorted(offsets_bytes, limit, side="right")) - 1
        edges.append(min(max(stop, edges[-1] + 1), n_pages))
    return np.array(edges, np.int64)
