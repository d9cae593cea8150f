from __future__ import annotations

import numpy as np

from retriever.evidence.maxsim import similarities
from retriever.scoring.kernels import maxsim_f16
from tests.support.factories import unit_vectors


def test_the_row_maxima_of_the_map_sum_to_the_score_of_the_page() -> None:
    query, vectors = unit_vectors(5, 16), unit_vectors(40, 16, seed=1).astype(np.float16)
    table = similarities(query, vectors)
    assert table.shape == (5, 40) and table.dtype == np.float32
    score = maxsim_f16(query, vectors, np.array([0, 40]))
    np.testing.assert_allclose(table.max(axis=1).sum(), score[0], atol=1e-4)
