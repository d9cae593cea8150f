"""Main memory of this machine."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")  # a container's own limit (cgroup v2)


def ram_bytes(cgroup_limit: Path = _CGROUP_LIMIT) -> int:
    """Main memory that this process may take: the machine's, or less inside a container."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no such file, or "max"
        return min(total, int(cgroup_limit.read_text()))
    return total
