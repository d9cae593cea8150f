"""What one API key may ask for in a while, and at the same time. Off where a setting is 0."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.base.errors import TooManyRequests

_MINUTE_S = 60.0
_SOON_S = 1.0  # nobody knows when an answer ends


@dataclass(slots=True)
class _Use:
    """tokens  requests that may be made at `moment` (s); they grow back evenly"""

    tokens: float
    moment: float
    n_running: int = 0


class KeyLimits:
    """A token bucket and a count of running requests for each key. For one thread: the event loop's."""

    def __init__(
        self, per_minute: int, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._at_once = at_once
        self._clock = clock
        self._uses: dict[str, _Use] = {}  # only keys that exist get here, so it stays small

    @contextmanager
    def request(self, key_id: str) -> Iterator[None]:
        """Counts a request for as long as the block runs. Raises TooManyRequests."""
        now = self._clock()
        use = self._uses.setdefault(key_id, _Use(float(self._per_minute), now))
        if self._at_once and use.n_running >= self._at_once:
            raise TooManyRequests(
                f"this key has {use.n_running} requests running, as many as it may: wait for one to end",
                _SOON_S,
            )
        if self._per_minute:
            self._take(use, now)
        use.n_running += 1
        try:
            yield
        finally:
            use.n_running -= 1

    def _take(self, use: _Use, now: float) -> None:
        per_s = self._per_minute / _MINUTE_S
        use.tokens = min(float(self._per_minute), use.tokens + (now - use.moment) * per_s)
        use.moment = now
        if use.tokens < 1:
            raise TooManyRequests(
                f"this key may make {self._per_minute} requests a minute: slow down",
                (1 - use.tokens) / per_s,
            )
        use.tokens -= 1
