"""Page ids in ranges of consecutive ones, as the pages of each document are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def within_ranges(
    page_ids: NDArray[np.int64], starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say for page ids (P,) which of them lie in a range, (P,) bool.

    starts, stops  (R,), the latter exclusive: ascending and disjoint; none hold no page
    """
    if not len(starts):
        return np.zeros(len(page_ids), bool)
    i = np.searchsorted(starts, page_ids, side="right") - 1
    is_within: NDArray[np.bool_] = (i >= 0) & (page_ids < stops[i])
    return is_within
