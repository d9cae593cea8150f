"""MaxSim over the pages of a memory map, as fast as this processor can: C where it was built, or torch.

    score(query, page) = sum over query tokens of the largest dot product with any vector of the page
    (late interaction: Khattab & Zaharia, ColBERT, arXiv 2004.12832, eq. 3)

Dimension key: Q queries, T query tokens, P pages, C pages to score, N vectors of all pages, D dim.

Common to the four that score:
    vectors    (N, D), C-contiguous; read in place, at any alignment
    offsets    (P + 1,) int64: page p owns the rows offsets[p]..offsets[p + 1]
    pages      (C,) int64, row numbers of the pages to score, in the order of the scores; None: all P.
               Ascending pages read the map front to back.
    n_threads  at most so many threads, fewer where a thread would not pay. The torch path ignores it:
               torch has its own number.
    path       one of `available_paths()`; None: the best.
A page without vectors scores minus infinity. No score is NaN: a similarity that is NaN is never a maximum.
The C paths score a page the same, to the bit, whatever other pages and however many threads there are;
they let other Python threads run meanwhile.
ValueError is raised, before any vector is read, for shapes, types, pages or offsets that do not fit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.scoring.kernels import _torch
from retriever.scoring.kernels._inputs import Scan, scan_of

try:
    from retriever.scoring.kernels import _maxsim
except ImportError:  # no C compiler where this was installed
    C_PATHS: tuple[str, ...] = ()
else:
    C_PATHS = tuple(f"c/{level}" for level in _maxsim.levels())

__all__ = [
    "available_paths",
    "kernel_name",
    "maxsim_f16",
    "maxsim_f16_many",
    "maxsim_i8",
    "maxsim_i8_many",
    "widened",
]

PageScores = NDArray[np.float32]


def available_paths() -> tuple[str, ...]:
    """List what can run here, best first: c/avx512-vnni, c/avx512, c/avx2-vnni, c/avx2, c/portable, torch."""
    return (*C_PATHS, "torch")


def kernel_name() -> str:
    """Name the path that scores when none is given."""
    return available_paths()[0]


def maxsim_f16(
    query: NDArray[np.float32],
    vectors: NDArray[np.float16],
    offsets: NDArray[np.int64],
    pages: NDArray[np.int64] | None = None,
    n_threads: int = 1,
    *,
    path: str | None = None,
) -> PageScores:
    """Score pages exactly, (C,), for a query (T, D): products and their sums are float32."""
    scores = maxsim_f16_many([query], vectors, offsets, pages, n_threads, path=path)
    return scores.reshape(-1)


def maxsim_f16_many(
    queries: Sequence[NDArray[np.float32]],
    vectors: NDArray[np.float16],
    offsets: NDArray[np.int64],
    pages: NDArray[np.int64] | None = None,
    n_threads: int = 1,
    *,
    path: str | None = None,
) -> PageScores:
    """Score pages, (Q, C), for several queries, each (T_i, D), in one pass over the pages."""
    return _run(scan_of(queries, vectors, offsets, pages, None), n_threads, path)


def maxsim_i8(
    query: NDArray[np.float32],
    vectors: NDArray[np.int8],
    offsets: NDArray[np.int64],
    pages: NDArray[np.int64] | None = None,
    scale: float = 1.0,
    n_threads: int = 1,
    *,
    path: str | None = None,
) -> PageScores:
    """Score pages roughly, (C,), for a query (T, D); a page's true vectors are about `vectors` x `scale`.

    Every token is quantised to int8 with a step of its own, 1/127 of its largest value. Products, their
    sums and the maxima are exact integers, and the sum over tokens is float64: the only errors are the
    two quantisations.
    """
    scores = maxsim_i8_many([query], vectors, offsets, pages, scale, n_threads, path=path)
    return scores.reshape(-1)


def maxsim_i8_many(
    queries: Sequence[NDArray[np.float32]],
    vectors: NDArray[np.int8],
    offsets: NDArray[np.int64],
    pages: NDArray[np.int64] | None = None,
    scale: float = 1.0,
    n_threads: int = 1,
    *,
    path: str | None = None,
) -> PageScores:
    """Score pages, (Q, C), for several queries, each (T_i, D), in one pass over the pages."""
    return _run(scan_of(queries, vectors, offsets, pages, scale), n_threads, path)


def widened(vectors: NDArray[np.float16], *, path: str | None = None) -> NDArray[np.float32]:
    """Return float16 vectors as float32, as NumPy does, whose builds for any processor are slow at it."""
    path = path or kernel_name()
    if path not in C_PATHS:
        return vectors.astype(np.float32)
    floats = np.empty(vectors.shape, np.float32)
    _maxsim.widen(path.removeprefix("c/"), np.ascontiguousarray(vectors), floats)
    return floats


def _run(scan: Scan, n_threads: int, path: str | None) -> PageScores:
    path = path or kernel_name()
    if path not in available_paths():
        raise ValueError(f"no path {path} here; there are {', '.join(available_paths())}")
    if n_threads < 1:
        raise ValueError(f"a scan needs at least one thread, not {n_threads}")
    if path == "torch":
        return _torch.scores(scan)
    scores = np.empty((len(scan.edges) - 1, len(scan.begins)), np.float32)
    _maxsim.scan(
        path.removeprefix("c/"),
        scan.vectors.itemsize,
        scan.vectors.shape[1],
        n_threads,
        scan.tokens,
        scan.factors,
        scan.edges,
        scan.vectors,
        scan.begins,
        scan.ends,
        scores,
    )
    return scores
