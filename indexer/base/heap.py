"""Have the C library give memory back that is free again.

Page images and what the models compute are megabytes each, for a moment. glibc keeps what is freed in its
heaps, of which it has one for each thread: they fill with holes, and a process that reads pages by OCR grows.
"""

from __future__ import annotations

import ctypes
from functools import cache

_ARENA_MAX = -8  # of glibc's malloc.h
_N_HEAPS = 4


@cache
def limit_heaps() -> None:
    """Have threads that are started from now on share a few heaps; glibc only."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, _N_HEAPS)


def trim() -> None:
    """Give back all free pages of the heaps, those between others too; glibc only.

    Once for many pages: to give each block back when it is freed costs half as much CPU again.
    """
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
