"""Where patches and tokens stand, as angles: M-RoPE and the vision tower's RoPE, in NumPy.

Dimension key: P patches of a page in the order of their cells, N cells, S tokens, E dim of an attention head.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Angles = tuple[NDArray[np.float32], NDArray[np.float32]]  # cosines and sines, (length, E) each

_VISION_THETA = 10_000.0


def patch_places(rows: int, cols: int, merge: int) -> NDArray[np.int64]:
    """Return (P, 2), row and column of each patch, cell after cell of merge x merge."""
    places = np.stack(np.meshgrid(np.arange(rows), np.arange(cols), indexing="ij"), axis=-1)
    cells = places.reshape(rows // merge, merge, cols // merge, merge, 2)
    return cells.transpose(0, 2, 1, 3, 4).reshape(-1, 2)


def patch_angles(places: NDArray[np.int64], head_dim: int) -> Angles:
    """Return the angles of patches (P, 2): half of a head turns by the row, half by the column."""
    frequencies = _frequencies(head_dim // 2, _VISION_THETA)
    turns = (places[..., None] * frequencies).reshape(len(places), -1)
    return _angles(turns)


def other_window(
    places: NDArray[np.int64], side_patches: int, penalty: float = -1e9
) -> NDArray[np.float32]:
    """Return (1, 1, P, P): 0 where two patches share a window of the grid, `blocked` elsewhere.

    Windows of Qwen2.5-VL (arXiv 2502.13923) begin at the upper left corner; those at the edge are smaller.
    """
    rows, cols = (places // side_patches).T
    numbers = rows * (cols.max() + 1) + cols
    return np.where(numbers[:, None] == numbers, 0.0, penalty).astype(np.float32)[None, None]


def token_positions(n_before: int, rows: int, cols: int, n_after: int) -> NDArray[np.int64]:
    """Return (3, S): time, row and column of each token of a prompt around one image of rows x cols cells.

    M-RoPE (Qwen2-VL, arXiv 2409.12191): what follows the image goes on behind its longer side.
    """
    before = np.tile(np.arange(n_before), (3, 1))
    grid = np.stack(np.meshgrid(np.arange(1), np.arange(rows), np.arange(cols), indexing="ij"))
    behind = n_before + max(rows, cols) if rows else n_before
    after = np.tile(behind + np.arange(n_after), (3, 1))
    return np.concatenate([before, n_before + grid.reshape(3, -1), after], axis=1)


def token_angles(
    positions: NDArray[np.int64], head_dim: int, theta: float, sections: Sequence[int]
) -> Angles:
    """Return the angles of tokens (3, S): `sections` of the frequencies turn by time, row and column."""
    frequencies = _frequencies(head_dim, theta)
    axis = np.repeat(np.arange(len(sections)) % 3, sections)
    turns = positions[axis].T * frequencies
    return _angles(turns)


def _frequencies(dim: int, theta: float) -> NDArray[np.float32]:
    exponents = np.arange(0, dim, 2, dtype=np.float32) / dim
    return (1.0 / theta**exponents).astype(np.float32)


def _angles(turns: NDArray[np.floating]) -> Angles:
    full_turns = np.concatenate([turns, turns], axis=-1).astype(np.float32)
    return np.cos(full_turns), np.sin(full_turns)
