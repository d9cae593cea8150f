"""Blocks of the size of page images go back to the system when they are freed."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import numpy as np
import pytest

from indexer.base import heap

N_BYTES = 16 * 1024 * 1024


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc is told how to keep its heap"
)
def test_freed_images_leave_the_process() -> None:
    heap.keep_small()
    images = [np.ones(N_BYTES // 16, np.uint8) for _ in range(16)]
    filled = resident_bytes()
    del images
    heap.trim()
    assert filled - resident_bytes() > N_BYTES // 2
