from __future__ import annotations

import numpy as np
import pytest

from indexer.indexes.int8_copy import STEPS, int8_blocks, rotation, step_of
from tests.support.factories import unit_vectors


def int8_copy(vectors: np.ndarray) -> tuple[np.ndarray, float]:
    """The whole copy (N, D) int8, and its largest error."""
    blocks, errors = zip(*int8_blocks(vectors), strict=True)
    return np.concatenate(blocks), max(errors)


@pytest.mark.parametrize("dim", [1, 8, 128])
def test_the_rotation_keeps_every_dot_product(dim: int) -> None:
    a, b = unit_vectors(5, dim), unit_vectors(7, dim, seed=1)
    turned = (a @ rotation(dim).T) @ (b @ rotation(dim).T).T
    np.testing.assert_allclose(turned, a @ b.T, atol=1e-5)


@pytest.mark.parametrize("dim", [1, 8, 128])
@pytest.mark.parametrize("n", [1, 1000])
def test_no_vector_of_the_copy_is_further_from_the_truth_than_it_says(n: int, dim: int) -> None:
    vectors = unit_vectors(n, dim, seed=3).astype(np.float16)
    target, max_error = int8_copy(vectors)
    truth = vectors.astype(np.float64) @ rotation(dim).T.astype(np.float64)
    errors = np.linalg.norm(truth - target * step_of(dim), axis=1)
    assert errors.max() <= max_error + 1e-5
    assert max_error < 0.03
    assert np.abs(target).max() <= STEPS


def test_a_vector_that_would_be_clipped_widens_the_error_instead_of_hiding_it() -> None:
    """All of a vector's length in one rotated dimension: the worst case of the fixed step."""
    along = rotation(128)[0].astype(np.float16)[None]
    target, max_error = int8_copy(along)
    assert target[0, 0] == STEPS
    assert max_error == pytest.approx(1 - STEPS * step_of(128), abs=0.02)


def test_blocks_leave_no_row_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.indexes.int8_copy.BLOCK_ROWS", 7)
    vectors = unit_vectors(50, 16).astype(np.float16)
    blocks, _ = int8_copy(vectors)
    monkeypatch.undo()
    whole, _ = int8_copy(vectors)
    # A product of fewer rows may be rounded otherwise, and so a component lies one step further.
    assert np.abs(whole.astype(int) - blocks).max() <= 1 and np.any(blocks, axis=1).all()
