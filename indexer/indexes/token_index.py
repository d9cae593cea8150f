"""The candidate index of a segment: every vector in a FAISS `IVF{K},PQ{D/2}x4` fast-scan index, derived.

The only importer of FAISS. Dimension key: N vectors of a segment, D dim, K lists, T query tokens, P pages
of the segment, k' nearest vectors of a token.

The FAISS id of a vector is its page's row in the segment, so a search answers with pages, and a filter
over pages is a filter over ids. Centroids and codebook are trained once for a collection and size, and
used again by the segments that follow.

Training and assignment give the same lists on every processor (`clustering`). Two things are left to FAISS
and may differ: which of two equally near codebook entries a vector gets, and which of several vectors of
one score, rounded to 8 bits, are the last of the k' nearest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import StorageError
from indexer.indexes.best_of_tokens import best_of_tokens
from indexer.indexes.clustering import k_means, nearest, on_grid, product_codebook
from indexer.storage.files import NewFile
from indexer.storage.segments import Segment

MAX_LISTS = 4_096  # enough up to 100,000 pages (measured); more would make every build longer
_VECTORS_PER_LIST = 32  # of the training sample
_MIN_SAMPLE = 64  # a codebook of 16 entries needs as many vectors, the same ones again if need be
_K_MEANS_ROUNDS = 8
_CODE_BITS = 4
_BLOCK_ROWS = 65_536
_SEED = 7


class TokenIndex:
    """An index that can be searched from several threads; `train` makes one without vectors."""

    def __init__(self, faiss_index: Any) -> None:
        self._index = faiss_index

    @property
    def n_vectors(self) -> int:
        return int(self._index.ntotal)

    @property
    def n_lists(self) -> int:
        return int(self._index.nlist)

    @property
    def dim(self) -> int:
        return int(self._index.d)

    def search(
        self,
        query: NDArray[np.float32],
        n_nearest: int,
        n_probe: int,
        page_mask: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return similarity (T, k') and page rows (T, k') of the nearest vectors, best first; row -1 is none.

        query    (T, D)
        n_probe  lists searched for each token
        page_mask  (P,), the pages to search; None for all
        """
        import faiss

        bitmap = None if page_mask is None else np.packbits(page_mask, bitorder="little")
        selector = None if bitmap is None else faiss.IDSelectorBitmap(bitmap)
        parameters = faiss.SearchParametersIVF(nprobe=min(n_probe, self.n_lists), sel=selector)
        similarity, rows = self._index.search(on_grid(query), n_nearest, params=parameters)
        return similarity, rows

    def best_pages(
        self,
        query: NDArray[np.float32],
        in_scope: NDArray[np.bool_],
        n_nearest: int,
        n_probe: int,
        n_pages: int,
    ) -> NDArray[np.int64]:
        """Return rows (C,) int64, ascending, of the pages with the best sums over tokens (`best_of_tokens`).

        in_scope  (P,), the pages to choose from
        """
        share = max(float(in_scope.mean()), 1e-9)
        n_probe = min(self.n_lists, round(n_probe / share))
        # Beyond a third of the vectors looked at, the stand-in would be too low (measured).
        n_looked_at = self.n_vectors * n_probe / self.n_lists * share
        n_nearest = int(np.clip(n_looked_at / 3, 1, n_nearest))
        similarity, rows = self.search(query, n_nearest, n_probe, in_scope if share < 1 else None)
        return best_of_tokens(similarity, rows, len(in_scope), n_pages)

    def centroids(self) -> NDArray[np.float32]:
        """Return the middle of each list: (K, D)."""
        import faiss

        codes = faiss.vector_to_array(faiss.downcast_index(self._index.quantizer).codes)
        return codes.view(np.float32).reshape(self.n_lists, self.dim)  # type: ignore[no-any-return]

    def build(self, segment: Segment) -> TokenIndex:
        """Return a fast-scan index of all vectors of the segment; this one stays empty."""
        import faiss

        index = faiss.clone_index(self._index)
        page_rows = np.repeat(np.arange(len(segment.page_ids)), np.diff(segment.offsets))
        centroids = on_grid(self.centroids())
        for start, block in _blocks(segment):
            ids = np.ascontiguousarray(page_rows[start : start + len(block)], np.int64)
            lists, _ = nearest(block, centroids)
            index.add_core(
                len(block), faiss.swig_ptr(block), faiss.swig_ptr(ids), faiss.swig_ptr(lists)
            )
        # Only now: adding to given lists of a fast-scan index corrupts its memory (faiss 1.15.1).
        fast_index = faiss.IndexIVFPQFastScan(index)
        index.own_fields, fast_index.own_fields = False, True  # the centroids go along
        return TokenIndex(fast_index)

    def write(self, file: NewFile) -> None:
        """Hand the index to a file. Raises OSError."""
        import faiss

        errors: list[OSError] = []

        def take(data: bytes) -> int:
            try:
                return file.write(data)
            except (
                OSError
            ) as error:  # it has to pass through C++, which knows only that something failed
                errors.append(error)
                return 0

        try:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(take))
        except RuntimeError:
            if errors:
                raise errors[0] from None
            raise

    def require(self, n_vectors: int, dim: int) -> None:
        """Raise StorageError unless the index is of so many vectors of this dim."""
        if (self.n_vectors, self.dim) != (n_vectors, dim):
            raise StorageError("FAISS did not store the index that it was given: build it again")


def n_lists_for(n_vectors: int) -> int:
    """Return the power of two next to 3 sqrt(N), at most N / 4: 4,096 lists for 1.8 million vectors."""
    n_lists = min(3 * math.sqrt(n_vectors), n_vectors / 4, MAX_LISTS)
    return 1 << max(0, round(math.log2(max(n_lists, 1))))


def train(segment: Segment, n_lists: int) -> TokenIndex:
    """Return an empty index with centroids and codebook for vectors like the segment's."""
    import faiss

    rng = np.random.default_rng(_SEED)
    sample = _sample(segment, n_lists * _VECTORS_PER_LIST, rng)
    dim = sample.shape[1]
    n_subspaces = max(dim // 2, 1)
    centroids = k_means(sample, n_lists, _K_MEANS_ROUNDS, rng)
    residuals = sample - centroids[nearest(sample, centroids)[0]]
    codebook = product_codebook(residuals, n_subspaces, rng)
    quantizer = faiss.IndexFlatIP(dim)
    quantizer.add(centroids)
    index = faiss.IndexIVFPQ(
        quantizer, dim, n_lists, n_subspaces, _CODE_BITS, faiss.METRIC_INNER_PRODUCT
    )
    quantizer.this.disown()
    index.own_fields = True
    faiss.copy_array_to_vector(codebook.ravel(), index.pq.centroids)
    index.is_trained = True
    return TokenIndex(index)


def read(path: Path) -> TokenIndex:
    """Read the index of a file into memory: FAISS maps no fast-scan lists (1.15.1, measured).

    Raises OSError or RuntimeError when that is not possible.
    """
    import faiss

    return TokenIndex(faiss.read_index(str(path)))


def _sample(segment: Segment, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw about n vectors (n, D) of the segment by chance, in the order of storage, on the grid."""
    n_vectors = len(segment.vectors)
    n_sample = min(max(n, _MIN_SAMPLE), n_vectors)
    rows = np.sort(rng.choice(n_vectors, n_sample, replace=False))
    if n_sample < _MIN_SAMPLE:
        rows = np.resize(rows, _MIN_SAMPLE)
    return on_grid(segment.vectors[rows])


def _blocks(segment: Segment) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the vectors on the grid, a block at a time, each with the number of its first."""
    for start in range(0, len(segment.vectors), _BLOCK_ROWS):
        yield start, on_grid(segment.vectors[start : start + _BLOCK_ROWS])
