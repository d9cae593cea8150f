"""Which pages are best, by the nearest vectors of each query token.

Dimension key: T query tokens, P pages of the segment, k' nearest vectors per token, C candidates.

Each token finds its k' nearest vectors; a page's score is the sum over tokens of its best one. Where a
token finds none of a page's vectors, the similarity of its k'-th is an upper bound and stands in
(missing similarity imputation: Lee et al., XTR, arXiv 2304.01982, section 3.2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_of_tokens(
    similarity: NDArray[np.float32], rows: NDArray[np.int64], n_pages: int, n: int
) -> NDArray[np.int64]:
    """Return the rows (C,) of the n best pages, ascending.

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
