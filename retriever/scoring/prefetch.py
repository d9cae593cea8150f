"""Asks the kernel for parts of a mapped file ahead of their use, so that a cold disk is read at once."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

GAP_BYTES = 128 * 1024  # parts nearer than this are asked for as one: the disk reads as much anyway


def will_need(array: NDArray[Any], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> int:
    """Ask for rows starts[i]..stops[i] (exclusive, apart from each other) of a mapped array (N, ...).

    Returns the number of parts asked for: 0 where the array is not a map, or the system has no such
    advice. The rows need not be read afterwards, and nothing waits for the disk.
    """
    mapped = _map_of(array)
    wanted = np.argsort(starts, kind="stable")
    wanted = wanted[starts[wanted] < stops[wanted]]
    if mapped is None or len(wanted) == 0 or not hasattr(mmap, "MADV_WILLNEED"):
        return 0
    row_bytes = array.strides[0]
    offset = _address(array) - _address(np.frombuffer(mapped, np.uint8))
    first, last = offset + starts[wanted] * row_bytes, offset + stops[wanted] * row_bytes
    opens = np.concatenate([[True], first[1:] - last[:-1] > GAP_BYTES])
    closes = np.concatenate([opens[1:], [True]])
    begins = first[opens] // mmap.PAGESIZE * mmap.PAGESIZE
    for begin, end in zip(begins.tolist(), last[closes].tolist(), strict=True):
        mapped.madvise(mmap.MADV_WILLNEED, begin, end - begin)
    return int(opens.sum())


def _map_of(array: NDArray[Any]) -> mmap.mmap | None:
    base: object = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return base if isinstance(base, mmap.mmap) else None


def _address(array: NDArray[Any]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address
