"""Waits for what another thread or process does; nothing is asserted of how long that takes."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 600.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns when it holds; fails after a long time."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.005)
