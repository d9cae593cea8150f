"""Stage 1: the pages worth an exact look, from a token-level FAISS index.

Dimension key: T query tokens, P pages of the segment, k' nearest vectors per token, C candidates.

Each token finds its k' nearest vectors; a page's score is the sum over tokens of its best one. Where a
token finds none of a page's vectors, the similarity of its k'-th is an upper bound and stands in
(missing similarity imputation: Lee et al., XTR, arXiv 2304.01982, section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SearchParams:
    """How hard stage 1 looks: more work finds more of the best pages.

    n_nearest     vectors per query token, k'
    n_probe       lists searched per query token
    n_candidates  pages handed on to exact scoring
    """

    n_nearest: int
    n_probe: int
    n_candidates: int


def candidates(
    index: Any,
    query: NDArray[np.float32],
    in_scope: NDArray[np.bool_],
    params: SearchParams,
) -> NDArray[np.int64]:
    """Return rows (C,) int64, ascending, of at most `params.n_candidates` pages in scope.

    index     the segment's TokenIndex, whose ids are the rows of pages
    query     (T, D) float32
    in_scope  (P,) bool
    """
    share = max(float(in_scope.mean()), 1e-9)
    n_probe = min(index.n_lists, round(params.n_probe / share))
    # Beyond a third of the vectors looked at, the stand-in would be too low (measured).
    n_looked_at = index.n_vectors * n_probe / index.n_lists * share
    n_nearest = int(np.clip(n_looked_at / 3, 1, params.n_nearest))
    similarity, rows = index.search(query, n_nearest, n_probe, in_scope if share < 1 else None)
    return _best_pages(similarity, rows, len(in_scope), params.n_candidates)


def _best_pages(
    similarity: NDArray[np.float32], rows: NDArray[np.int64], n_pages: int, n: int
) -> NDArray[np.int64]:
    """Return the rows of the n best pages, ascending.

    similarity, rows  (T, k'), best first; row -1 where a token found fewer vectors
    """
    total = np.zeros(n_pages, np.float32)
    is_found = np.zeros(n_pages, bool)
    of_token = np.empty(n_pages, np.float32)
    for similarities, pages in zip(similarity, rows, strict=True):
        n_found = int((pages >= 0).sum())
        if n_found == 0:
            continue
        of_token.fill(similarities[n_found - 1])
        worst_first = pages[:n_found][::-1]
        # Of several values for one page the last that is written, the best, stays.
        of_token[worst_first] = similarities[:n_found][::-1]
        is_found[worst_first] = True
        total += of_token
    pages_found = np.flatnonzero(is_found)
    if len(pages_found) <= n:
        return pages_found
    totals = total[pages_found]
    last = np.partition(totals, len(pages_found) - n)[len(pages_found) - n]
    above, level = pages_found[totals > last], pages_found[totals == last]
    return np.sort(np.concatenate([above, level[: n - len(above)]]))  # of equal ones the first rows
