"""Similarities of one page: evidence, heat maps and support are read from what MaxSim sums.

Late interaction (Khattab & Zaharia, ColBERT, arXiv 2004.12832, eq. 3):
    score(query, page) = sum over query tokens of the largest dot product with any vector of the page.
`retriever.scoring.kernels` scores pages; this module looks at one of them.

Dimension key: T query tokens, N vectors of the page, D dim.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retriever.scoring.kernels import widened


def similarities(query: NDArray[np.float32], vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    """Compare every query token (T, D) with every vector of one page (N, D): (T, N) float32."""
    return query @ widened(vectors).T
