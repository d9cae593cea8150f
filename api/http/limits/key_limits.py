"""What one API key may ask for at the same time, in this process. Off where it is 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.base.errors import TooManyRequests

_SOON_S = 1.0  # nobody knows when an answer ends


class KeyLimits:
    """A count of running requests for each key. For one thread: the event loop's."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._n_running: Counter[str] = Counter()

    @contextmanager
    def request(self, key_id: str) -> Iterator[None]:
        """Counts a request for as long as the block runs. Raises TooManyRequests."""
        n_running = self._n_running[key_id]
        if self._at_once and n_running >= self._at_once:
            raise TooManyRequests(
                f"this key has {n_running} requests running, as many as it may: wait for one to end",
                _SOON_S,
            )
        self._n_running[key_id] += 1
        try:
            yield
        finally:
            self._n_running[key_id] -= 1
