"""The int8 copy of a segment's vectors: half the bytes, a quarter of the time of a scan, derived.

Dimension key: N vectors of a segment, D dim.

One fixed random rotation spreads every vector evenly over its dimensions, so that one step serves them
all: a component of a rotated unit vector has a standard deviation of 1 / sqrt(D), and STEPS steps reach
LIMIT_SIGMA of them. What is lost is measured while the copy is made: no vector of it is further than
`max_error` from the true one, which lets a reader bound the error of every score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import DamagedDerived
from indexer.storage.checked_arrays import CheckedArray

STEPS = 127
LIMIT_SIGMA = 6.0  # so far out that nothing is clipped: one clipped value would widen every bound
ROTATION_SEED = 20_240_627
BLOCK_ROWS = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Int8Copy:
    """`rotation @ vector` is about `vectors * step`, and never further from it than `max_error` (L2).

    vectors    (N, D) int8
    rotation   (D, D) float32, orthogonal
    checked_vectors  what knows whether `vectors` are the bytes that were written; None in memory
    segment    the name of the segment
    """

    vectors: NDArray[np.int8]
    rotation: NDArray[np.float32]
    step: float
    max_error: float
    checked_vectors: CheckedArray | None = None
    segment: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether the copy has gone from the disk to make room: it is to be opened anew."""
        return self.checked_vectors is not None and self.checked_vectors.is_gone

    def require(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        """Make sure that rows starts[i]..stops[i] are those that were written, before their use.

        Raises DamagedDerived, Unreadable.
        """
        if (
            self.checked_vectors is not None
            and self.checked_vectors.find_damage(starts, stops).any()
        ):
            raise DamagedDerived(
                f"the int8 copy of segment {self.segment} does not hold the bytes that were written",
                self.segment,
                "int8",
            )

    def require_unbroken(self) -> None:
        """Make sure that what was just read stood in the file. Raises Unreadable."""
        if self.checked_vectors is not None:
            self.checked_vectors.require_unbroken()


@lru_cache(maxsize=8)
def rotation(dim: int) -> NDArray[np.float32]:
    """Return the rotation (D, D) float32 of every segment of this dim."""
    gaussian = np.random.default_rng(ROTATION_SEED).normal(size=(dim, dim))
    orthogonal, upper = np.linalg.qr(gaussian)
    matrix: NDArray[np.float32] = (orthogonal * np.sign(np.diag(upper))).astype(np.float32)
    matrix.flags.writeable = False
    return matrix


def step_of(dim: int) -> float:
    """Return the width of one step; components of a unit vector never exceed 1."""
    return min(1.0, LIMIT_SIGMA / math.sqrt(dim)) / STEPS


def int8_blocks(vectors: NDArray[np.float16]) -> Iterator[tuple[NDArray[np.int8], float]]:
    """Yield the int8 copy of vectors (N, D), BLOCK_ROWS rows at a time, with their largest error (L2)."""
    dim = vectors.shape[1]
    columns, step = rotation(dim).T.copy(), np.float32(step_of(dim))
    for start in range(0, len(vectors), BLOCK_ROWS):
        rows = vectors[start : start + BLOCK_ROWS].astype(np.float32) @ columns
        rows /= step  # in place: a block is 32 MB
        steps = np.rint(rows)
        np.clip(steps, -STEPS, STEPS, out=steps)
        rows -= steps
        worst = float(np.sqrt(np.einsum("nd,nd->n", rows, rows).max()) * step)
        yield steps.astype(np.int8), worst
