"""Deadlines of an answer, in four parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from generator.errors import BackendTimeout

CONNECT = "connect"
FIRST_TOKEN = "first token"  # noqa: S105 - a name
BETWEEN_TOKENS = "between tokens"
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: connect and first token for each attempt, total for the answer with all its attempts.

    Reasoning that a model streams before its answer counts as tokens; keep-alive comments do not.
    """

    connect_s: float = 5.0
    first_token_s: float = 120.0
    between_tokens_s: float = 30.0
    total_s: float = 300.0


class Timer:
    """A deadline that is running."""

    def __init__(self, timeout: asyncio.Timeout, name: str, seconds: float) -> None:
        self._timeout = timeout
        self.name = name
        self.seconds = seconds

    def restart(self, name: str, seconds: float) -> None:
        """Run another deadline from now on."""
        self.name, self.seconds = name, seconds
        self._timeout.reschedule(asyncio.get_running_loop().time() + seconds)


@asynccontextmanager
async def within(where: str, name: str, seconds: float) -> AsyncIterator[Timer]:
    """End the block when the timer runs out. Raises BackendTimeout."""
    timeout = asyncio.timeout(seconds)
    timer = Timer(timeout, name, seconds)
    try:
        async with timeout:
            yield timer
    except TimeoutError as error:
        if not timeout.expired():
            raise
        raise timed_out(where, timer.name, timer.seconds) from error


def timed_out(where: str, name: str, seconds: float) -> BackendTimeout:
    return BackendTimeout(
        f"{where} was too slow: the deadline {name!r} of {seconds:g} s passed; ask for less, or allow "
        "more time",
        name,
    )
