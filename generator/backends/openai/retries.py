"""Decides when a failed request is sent again."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Retries:
    """Waits that double from `first_wait_s`.

    A server that asks for more than `max_retry_after_s` is given up: whoever asked is told when to come back,
    and no place is held for that long.
    """

    max_attempts: int = 3
    first_wait_s: float = 0.5
    max_wait_s: float = 20.0
    max_retry_after_s: float = 2.0

    def wait_s(
        self,
        n_failed: int,
        retry_after_s: float | None = None,
        luck: Callable[[], float] = random.random,
    ) -> float | None:
        """Return seconds to wait after the `n_failed`-th failure, n_failed >= 1; None to give up.

        Up to a half is taken off or added at random, so that clients that failed together do not come
        back together; it is never less than the server asked for.
        """
        if n_failed >= self.max_attempts:
            return None
        backoff = min(self.first_wait_s * 2.0 ** (n_failed - 1), self.max_wait_s)
        if retry_after_s is None:
            return backoff * (0.5 + 0.5 * luck())
        if retry_after_s > self.max_retry_after_s:
            return None
        return retry_after_s + 0.5 * backoff * luck()


def read_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Read seconds from a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (date - (now or datetime.now(UTC))).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
