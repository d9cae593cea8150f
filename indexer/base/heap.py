"""Give memory that is free back to the system: glibc keeps what a thread freed in that thread's heap."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any


def trim_heaps() -> None:
    """Give back what is free in all heaps; nothing happens where the C library cannot."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _malloc_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # another C library than glibc
        return None
