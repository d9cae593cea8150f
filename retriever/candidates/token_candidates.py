"""Stage 1: the pages worth an exact look, from a token-level FAISS index.

Dimension key: T query tokens, P pages of the segment, k' nearest vectors per token, C candidates.

Each token finds its k' nearest vectors; a page's score is the sum over tokens of its best one. For a
token that found none of a page's vectors, the similarity of its k'-th is an upper bound and stands in
(missing similarity imputation: Lee et al., XTR, arXiv 2304.01982, section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SearchParams:
    """How hard stage 1 looks.

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
    allowed: NDArray[np.bool_],
    effort: SearchParams,
) -> NDArray[np.int64]:
    """Rows (C,) int64, ascending, of at most `effort.n_candidates` allowed pages.

    index    FAISS IVF index whose ids are the rows of pages
    query    (T, D) float32
    allowed  (P,) bool
    """
    import faiss

    share = max(float(allowed.mean()), 1e-9)
    n_probe = min(index.nlist, round(effort.n_probe / share))
    # More than a third of the vectors looked at would make the stand-in too low (measured).
    looked_at = index.ntotal * n_probe / index.nlist * share
    n_nearest = int(np.clip(looked_at / 3, 1, effort.n_nearest))
    selector = None
    if share < 1:
        bitmap = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(bitmap)
    parameters = faiss.SearchParametersIVF(nprobe=n_probe, sel=selector)
    similarity, rows = index.search(np.ascontiguousarray(query), n_nearest, params=parameters)
    return _best_pages(similarity, rows, len(allowed), effort.n_candidates)


def _best_pages(
    similarity: NDArray[np.float32], rows: NDArray[np.int64], n_pages: int, n: int
) -> NDArray[np.int64]:
    """similarity, rows (T, k'), best first, row -1 for nothing -> rows of the n best pages, ascending."""
    total = np.zeros(n_pages, np.float32)
    touched = np.zeros(n_pages, bool)
    of_token = np.empty(n_pages, np.float32)
    for similarities, pages in zip(similarity, rows, strict=True):
        n_found = int((pages >= 0).sum())
        if n_found == 0:
            continue
        of_token.fill(similarities[n_found - 1])
        found = pages[n_found - 1 :: -1] if n_found < len(pages) else pages[::-1]
        # Worst first: of several values for one page the last written, the best, stays.
        of_token[found] = similarities[:n_found][::-1]
        touched[found] = True
        total += of_token
    seen = np.flatnonzero(touched)
    if len(seen) <= n:
        return seen
    best = np.argpartition(total[seen], len(seen) - n)[len(seen) - n :]
    return np.sort(seen[best])
