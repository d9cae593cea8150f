"""Checks the inputs of a scan before any memory is touched, and brings them into the form of every path.

Dimension key: Q queries, T tokens of all queries together, P pages, C pages to score, N vectors, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_DIM = 65_536  # 255 x 127 x dim has to fit an int32
INT8_PEAK = 127


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Queries as one list of tokens, and the rows of every page to score.

    tokens   (T, D) float32, or int8 for int8 vectors
    factors  (T,) float64; a token's largest product is multiplied by it
    edges    (Q + 1,) int64: query q owns the tokens edges[q]..edges[q + 1]
    vectors  (N, D) float16 or int8, as they lie in the map
    begins   (C,) int64
    ends     (C,) int64: a page owns the rows begins[c]..ends[c]
    """

    tokens: NDArray[np.float32] | NDArray[np.int8]
    factors: NDArray[np.float64]
    edges: NDArray[np.int64]
    vectors: NDArray[np.float16] | NDArray[np.int8]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


def scan_of(
    queries: Sequence[NDArray[np.float32]],
    vectors: NDArray[np.float16] | NDArray[np.int8],
    offsets: NDArray[np.int64],
    pages: NDArray[np.int64] | None,
    scale: float | None,
) -> Scan:
    """Check and prepare the inputs of a scan; `scale` is None for float16 vectors.

    Raises ValueError for anything that does not fit.
    """
    dim = _check_vectors(vectors, np.dtype(np.float16 if scale is None else np.int8))
    if scale is not None and not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"the scale of int8 vectors is a positive number, not {scale}")
    for query in queries:
        _check_query(query, dim)
    begins, ends = _rows(offsets, pages, len(vectors))
    lengths = [len(query) for query in queries]
    every = np.concatenate([np.empty((0, dim), np.float32), *queries])
    tokens, factors = (every, np.ones(len(every))) if scale is None else _quantize(every, scale)
    edges = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Scan(tokens, factors, edges, vectors, begins, ends)


def _check_vectors(
    vectors: NDArray[np.float16] | NDArray[np.int8], dtype: np.dtype[np.generic]
) -> int:
    if vectors.ndim != 2 or vectors.dtype != dtype:
        raise ValueError(f"page vectors are (N, D) {dtype}, not {vectors.shape} {vectors.dtype}")
    if not 1 <= vectors.shape[1] <= MAX_DIM:
        raise ValueError(f"page vectors have 1 to {MAX_DIM} dims, not {vectors.shape[1]}")
    if not vectors.flags.c_contiguous:
        raise ValueError("page vectors must lie row by row without gaps: they are read in place")
    return int(vectors.shape[1])


def _check_query(query: NDArray[np.float32], dim: int) -> None:
    if query.ndim != 2 or query.dtype != np.float32:
        raise ValueError(f"a query is (T, D) float32, not {query.shape} {query.dtype}")
    if not len(query) or query.shape[1] != dim:
        raise ValueError(f"a query of shape {query.shape} cannot meet vectors of dim {dim}")
    if not np.isfinite(query).all():
        raise ValueError("the query holds NaN or infinite values")


def _rows(
    offsets: NDArray[np.int64], pages: NDArray[np.int64] | None, n_vectors: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return first row and end of every page to score; only the offsets that are used are checked."""
    if offsets.ndim != 1 or offsets.dtype != np.int64 or not len(offsets):
        raise ValueError(f"offsets are (P + 1,) int64, not {offsets.shape} {offsets.dtype}")
    if pages is None:
        begins, ends = np.ascontiguousarray(offsets[:-1]), np.ascontiguousarray(offsets[1:])
    else:
        if pages.ndim != 1 or pages.dtype != np.int64:
            raise ValueError(f"pages are (C,) int64, not {pages.shape} {pages.dtype}")
        if len(pages) and not (pages.min() >= 0 and pages.max() < len(offsets) - 1):
            raise ValueError(
                f"pages go from 0 to {len(offsets) - 2}, not {pages.min()}..{pages.max()}"
            )
        begins, ends = offsets[pages], offsets[pages + 1]
    if (begins < 0).any() or (ends > n_vectors).any() or (begins > ends).any():
        raise ValueError(f"offsets must rise from 0 to at most the {n_vectors} vectors there are")
    return begins, ends


def _quantize(
    query: NDArray[np.float32], scale: float
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Round each token to int8 with a step of its own; return tokens and the factors of their products."""
    steps = np.abs(query).max(axis=1).astype(np.float64) / INT8_PEAK
    tokens = np.rint(query / np.where(steps > 0, steps, 1)[:, None]).astype(np.int8)
    return tokens, steps * scale
