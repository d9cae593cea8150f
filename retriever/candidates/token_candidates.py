"""Stage 1: the pages worth an exact look, from a candidate index.

Dimension key: T query tokens, P pages of the segment, k' nearest vectors per token, C candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.candidate_source import CandidateIndex


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
    index: CandidateIndex,
    query: NDArray[np.float32],
    in_scope: NDArray[np.bool_],
    params: SearchParams,
) -> NDArray[np.int64]:
    """Return rows (C,) int64, ascending, of at most `params.n_candidates` pages in scope.

    query     (T, D) float32
    in_scope  (P,) bool

    Raises Unreadable where the index cannot be asked now.
    """
    return index.best_pages(query, in_scope, params.n_nearest, params.n_probe, params.n_candidates)
