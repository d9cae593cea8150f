"""The candidate index of a segment: every vector in a FAISS `IVF{K},PQ{D/2}x4` fast-scan index, derived.

Dimension key: N vectors of a segment, D dim, K lists.

The FAISS id of a vector is its page's row in the segment, so a search answers with pages, and a filter
over pages is a filter over ids. Centroids and codebook are trained once for a collection and size, and
used again by the segments that follow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.storage.segments import Segment

MAX_LISTS = 4_096  # enough up to 100,000 pages (measured); more would make every build longer
_VECTORS_PER_LIST = 32  # of the training sample
_MIN_SAMPLE = 64  # a codebook of 16 entries needs as many vectors, the same ones again if need be
_K_MEANS_ROUNDS = 8
_BLOCK_ROWS = 65_536
_SEED = 7


def n_lists_for(n_vectors: int) -> int:
    """The power of two next to 3 sqrt(N), at most N / 4: 4,096 lists for 1.8 million vectors."""
    wanted = min(3 * math.sqrt(n_vectors), n_vectors / 4, MAX_LISTS)
    return 1 << max(0, round(math.log2(max(wanted, 1))))


def train(segment: Segment, n_lists: int) -> Any:
    """An empty `IndexIVFPQ` with centroids and codebook for vectors like the segment's."""
    import faiss

    dim = segment.vectors.shape[1]
    sample = _sample(segment, n_lists * _VECTORS_PER_LIST)
    index = faiss.IndexIVFPQ(
        faiss.IndexFlatIP(dim), dim, n_lists, max(dim // 2, 1), 4, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter = _K_MEANS_ROUNDS
    index.cp.seed = _SEED
    index.cp.spherical = True
    for clustering in (index.cp, index.pq.cp):
        clustering.min_points_per_centroid = 1  # a small sample is meant, no accident to warn of
    index.train(sample)
    return index


def fill(trained: Any, segment: Segment) -> Any:
    """A fast-scan index of all vectors of the segment; `trained` stays empty."""
    import faiss

    index = faiss.clone_index(trained)
    rows = np.repeat(np.arange(len(segment.page_ids)), np.diff(segment.offsets)).astype(np.int64)
    centroids = (
        faiss.vector_to_array(faiss.downcast_index(index.quantizer).codes)
        .view(np.float32)
        .reshape(index.nlist, index.d)
    )
    for start, block in _blocks(segment):
        ids = np.ascontiguousarray(rows[start : start + len(block)])
        lists = _nearest(block, centroids)
        index.add_core(
            len(block), faiss.swig_ptr(block), faiss.swig_ptr(ids), faiss.swig_ptr(lists)
        )
    # Only now: adding to given lists of a fast-scan index corrupts its memory (faiss 1.15.1).
    fast = faiss.IndexIVFPQFastScan(index)
    index.own_fields, fast.own_fields = False, True  # the centroids go along
    return fast


def write(index: Any, path: Path) -> None:
    import faiss

    faiss.write_index(index, str(path))


def read(path: Path, *, mapped: bool) -> Any:
    """The index of a file. Raises OSError or RuntimeError when it cannot be read.

    mapped  leave the lists on disk, read through the page cache
    """
    import faiss

    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP if mapped else 0)


def _nearest(block: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.int64]:
    """The centroid of the highest dot product for each row of block (n, D): (n,) int64.

    bfloat16 where the processor multiplies it: the list of a vector may be its second best, which
    costs nothing that probing several lists does not make up for.
    """
    import torch

    fast = torch.cpu.get_capabilities().get("avx512_bf16")
    dtype = torch.bfloat16 if fast else torch.float32
    columns = torch.from_numpy(centroids).to(dtype).T
    wide = torch.from_numpy(block).to(dtype)
    parts = [(rows @ columns).argmax(dim=1) for rows in torch.split(wide, 8_192)]
    return torch.cat(parts).numpy().astype(np.int64)


def _sample(segment: Segment, n: int) -> NDArray[np.float32]:
    """About n vectors (n, D) float32 of the segment, drawn by chance, in the order of storage."""
    n_vectors = len(segment.vectors)
    n_drawn = min(max(n, _MIN_SAMPLE), n_vectors)
    drawn = np.random.default_rng(_SEED).choice(n_vectors, n_drawn, replace=False)
    if n_drawn < _MIN_SAMPLE:
        drawn = np.resize(drawn, _MIN_SAMPLE)
    return np.ascontiguousarray(segment.vectors[np.sort(drawn)], np.float32)


def _blocks(segment: Segment) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(segment.vectors), _BLOCK_ROWS):
        yield start, np.ascontiguousarray(segment.vectors[start : start + _BLOCK_ROWS], np.float32)
