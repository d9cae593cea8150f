"""Asks the system for parts of a mapped file ahead of their use, so that a cold disk reads them at once."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.storage.arrays import address_of, map_of

GAP_BYTES = 128 * 1024  # parts nearer than this are asked for as one: the disk reads as much anyway


def will_need(array: NDArray[Any], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> int:
    """Ask for rows starts[i]..stops[i] (exclusive, not overlapping) of a mapped array (N, ...).

    Return the number of parts asked for: 0 where the array is not a map, or the system takes no such
    advice. Nothing waits for the disk, and the rows need not be read afterwards.
    """
    memory_map = map_of(array)
    order = np.argsort(starts, kind="stable")
    order = order[starts[order] < stops[order]]
    if memory_map is None or len(order) == 0 or not hasattr(mmap, "MADV_WILLNEED"):
        return 0
    row_bytes = array.strides[0]
    offset = address_of(array) - address_of(np.frombuffer(memory_map, np.uint8))
    first, last = offset + starts[order] * row_bytes, offset + stops[order] * row_bytes
    opens = np.concatenate([[True], first[1:] - last[:-1] > GAP_BYTES])
    closes = np.concatenate([opens[1:], [True]])
    begins = first[opens] // mmap.PAGESIZE * mmap.PAGESIZE
    for begin, end in zip(begins.tolist(), last[closes].tolist(), strict=True):
        memory_map.madvise(mmap.MADV_WILLNEED, begin, end - begin)
    return int(opens.sum())
