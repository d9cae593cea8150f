"""A circuit breaker: a server that keeps failing is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from generator.errors import BackendUnreachable


class CircuitBreaker:
    """Opens after `max_failures` in a row; `pause_s` later one request may try again. Thread-safe.

    The caller follows each `enter` that returns with one of `record_success`, `record_failure` and `abandon`.
    """

    def __init__(
        self,
        max_failures: int = 5,
        pause_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_failures = max_failures
        self._pause_s = pause_s
        self._clock = clock
        self._lock = Lock()
        self._n_failures = 0
        self._opened_at = 0.0
        self._probing = False

    def enter(self) -> None:
        """Raise BackendUnreachable while open, and for all but one request when it may close."""
        with self._lock:
            left_s = self._left_s()
            if left_s is None:
                return
            if left_s <= 0 and not self._probing:
                self._probing = True
                return
            message = self._message(left_s)
        raise BackendUnreachable(message)

    def unavailable_reason(self) -> str:
        """Say why requests are refused, and for how long; empty while it is closed."""
        with self._lock:
            left_s = self._left_s()
            return "" if left_s is None else self._message(left_s)

    def _left_s(self) -> float | None:
        """Return seconds until a request may try again; None while it is closed."""
        if self._n_failures < self._max_failures:
            return None
        return self._opened_at + self._pause_s - self._clock()

    def _message(self, left_s: float) -> str:
        return (
            f"the answer server failed {self._n_failures} times in a row: it is tried again in "
            f"{max(left_s, 1):.0f} s; look into its log"
        )

    def record_success(self) -> None:
        with self._lock:
            self._n_failures = 0
            self._probing = False

    def record_failure(self) -> None:
        with self._lock:
            self._n_failures += 1
            self._opened_at = self._clock()
            self._probing = False

    def abandon(self) -> None:
        """End a request that did not show how the server is."""
        with self._lock:
            self._probing = False
