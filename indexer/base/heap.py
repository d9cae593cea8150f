"""Have the C library give memory back that is free again.

Page images and what the models compute are megabytes each, for a moment. glibc keeps what is freed in its
heaps, of which it has one for each thread: they fill with holes, and a process that reads pages by OCR grows.
"""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_BLOCK_BYTES = 4 * 1024**2


@cache
def keep_images_apart() -> None:
    """Have blocks of the size of page images given back when they are freed, in this process; glibc only."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _BLOCK_BYTES)
        mallopt(_TRIM_THRESHOLD, 16 * _BLOCK_BYTES)


def trim() -> None:
    """Give back all free pages of the heaps, those between others too; glibc only.

    Once for many pages: each block given back is a page fault when it is taken again.
    """
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
