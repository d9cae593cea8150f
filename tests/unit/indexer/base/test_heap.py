"""What was freed between other blocks goes back to the system."""

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
def test_free_blocks_between_others_leave_the_process() -> None:
    heap.keep_images_apart()
    blocks = [
        np.ones(N_BYTES // 256, np.uint8) for _ in range(256)
    ]  # too small for maps of their own
    filled = resident_bytes()
    kept_blocks = blocks[::8]
    del blocks
    heap.trim()
    assert len(kept_blocks) == 32
    assert filled - resident_bytes() > N_BYTES // 2
