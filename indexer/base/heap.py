"""Have the C library give memory back that is free again.

Page images and what the models compute are megabytes each, for a moment. glibc learns from the first that is
freed to keep such blocks in its heaps, of which it has one for each thread, and they fill with holes: 1.8 GB
after 1,098 pages. Blocks of their own go back to the system when they are freed.
"""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_BLOCK_BYTES = 512 * 1024
_N_HEAPS = 4


@cache
def keep_small() -> None:
    """Have large blocks given back when they are freed, from now on and in the whole process; glibc only."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for parameter, number in (
        (_MMAP_THRESHOLD, _BLOCK_BYTES),
        (_TRIM_THRESHOLD, 8 * _BLOCK_BYTES),
        (_ARENA_MAX, _N_HEAPS),
    ):
        mallopt(parameter, number)


def trim() -> None:
    """Give back the free ends and whole free pages of the heaps."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
