"""The scan without the C extension: matrix products by torch, maxima per page by NumPy.

Dimension key: Q queries, T tokens of all queries together, C pages to score, R rows of one block, D dim.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.scoring.kernels._inputs import INT8_PEAK, Scan

BLOCK_BYTES = 4 * 1024**2  # widened rows and their products: what stays in the cache is fastest
EXACT_FLOAT32 = 2**24  # whole numbers up to here

Products = Callable[[NDArray[Any]], NDArray[Any]]  # (R, D) -> (R, T), valid until the next call


def scores(scan: Scan) -> NDArray[np.float32]:
    """Score the pages of a scan: (Q, C) float32."""
    n_tokens, dim = scan.tokens.shape
    result = np.full((len(scan.edges) - 1, len(scan.begins)), -np.inf, np.float32)
    max_rows = max(1, min(BLOCK_BYTES // (4 * (n_tokens + dim)), len(scan.vectors)))
    products = _products(scan, max_rows)
    with_vectors = np.flatnonzero(scan.ends > scan.begins)
    for run in _runs(scan.begins[with_vectors], scan.ends[with_vectors], max_rows):
        pages = with_vectors[run]
        maxima = _maxima(products, scan, pages, max_rows)
        for q, (first, last) in enumerate(zip(scan.edges[:-1], scan.edges[1:], strict=True)):
            result[q, pages] = _sums(maxima[:, first:last], scan.factors[first:last])
    return result


def _runs(begins: NDArray[np.int64], ends: NDArray[np.int64], max_rows: int) -> Iterator[slice]:
    """Slice pages into runs whose rows follow each other, of at most `max_rows` rows (or one page)."""
    first = 0
    for i in range(1, len(begins) + 1):
        if i == len(begins) or begins[i] != ends[i - 1] or ends[i] - begins[first] > max_rows:
            yield slice(first, i)
            first = i


def _maxima(
    products: Products, scan: Scan, pages: NDArray[np.int64], max_rows: int
) -> NDArray[np.float64]:
    """Return each token's largest product with any vector of each page: (len(pages), T); NaN never wins."""
    first, last = scan.begins[pages[0]], scan.ends[pages[-1]]
    if len(pages) > 1:
        best = _largest(products(scan.vectors[first:last]), scan.begins[pages] - first)
    else:  # perhaps larger than a block
        starts = range(int(first), int(last), max_rows)
        blocks = (scan.vectors[i : min(i + max_rows, last)] for i in starts)
        begin = np.zeros(1, np.int64)
        best = np.fmax.reduce([_largest(products(block), begin) for block in blocks])
    return np.where(np.isnan(best), -np.inf, best).astype(np.float64)


def _largest(products: NDArray[Any], begins: NDArray[np.int64]) -> NDArray[Any]:
    best: NDArray[Any] = np.maximum.reduceat(products, begins, axis=0)
    if np.isnan(best).any():  # rare, and three times as slow
        best = np.fmax.reduceat(products, begins, axis=0)
    return best


def _sums(maxima: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over tokens one after the other, as the C code does, so that both round alike."""
    total = np.zeros(len(maxima))
    with np.errstate(invalid="ignore"):  # infinities of both signs
        for t, factor in enumerate(factors):
            total += maxima[:, t] * factor
    return np.where(np.isnan(total), -np.inf, total)


def _products(scan: Scan, max_rows: int) -> Products:
    import torch  # at the first scan: commands that only list things start without it

    dim = scan.tokens.shape[1]
    exact = scan.tokens.dtype == np.float32 or dim * INT8_PEAK * 128 <= EXACT_FLOAT32
    wide = torch.float32 if exact else torch.float64
    narrow_columns = _tensor(scan.tokens.T)
    columns = narrow_columns.to(wide)

    # The same memory for every block: fresh memory would cost more than the products.
    room = torch.empty((max_rows, dim), dtype=wide)
    out = torch.empty((max_rows, len(scan.tokens)), dtype=wide)

    def float_products(rows: NDArray[Any]) -> NDArray[Any]:
        block = room[: len(rows)].copy_(_tensor(rows))
        products: NDArray[Any] = torch.mm(block, columns, out=out[: len(rows)]).numpy()
        return products

    def integer_products(rows: NDArray[Any]) -> NDArray[Any]:
        products: NDArray[Any] = torch._int_mm(_tensor(rows), narrow_columns).numpy()
        return products

    return (
        integer_products if scan.tokens.dtype == np.int8 and _int_mm_is_exact() else float_products
    )


def _tensor(rows: NDArray[Any]) -> Any:
    """Share the rows' memory with torch where it is contiguous and aligned, else copy it.

    The view goes through one dimension, so that the strides are plain also where a dimension is 1 and
    NumPy keeps others: `torch._int_mm` takes those for a transposed matrix and returns nonsense.
    """
    import torch

    plain = np.require(rows, requirements=["C", "A"])
    with warnings.catch_warnings():
        # torch warns that a read-only map could be written through; here it is only read.
        warnings.simplefilter("ignore", UserWarning)
        return torch.from_numpy(plain.reshape(-1)).view(plain.shape)


@cache
def _int_mm_is_exact() -> bool:
    """Say whether torch has the product and does not saturate at 16 bits, as AVX2 code may.

    It is no public function, and what it runs depends on the processor: tried once, at extremes.
    """
    import torch

    rows = torch.tensor([[-128], [127]], dtype=torch.int8).repeat(16, 128)
    columns = torch.tensor([[-127, 127]], dtype=torch.int8).repeat(128, 11)
    try:
        products = torch._int_mm(rows, columns)
    except (AttributeError, RuntimeError):
        return False
    return bool(torch.equal(products.long(), rows.long() @ columns.long()))
