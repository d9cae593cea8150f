"""Work in a thread of its own, its results on the event loop: in order, in batches, never far ahead.

A thread from the shared pool would be held for as long as a model writes, and a few dozen slow answers
would keep everybody else out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from threading import Event
from typing import Generic, TypeVar

from indexer.base.threaded_iterator import ThreadedIterator

T = TypeVar("T")

MAX_AHEAD = 256  # results that wait for a slow reader; then the work waits
# The more streams there are, the longer results are gathered: one write to the network for several.
GATHERED_S = 0.0005


class ThreadedStream(Generic[T]):
    """Runs `events` until they end or their reader leaves. Belongs to the loop that makes it.

    reader_left  set when the reader has left; the work asks it
    on_end       called on the loop when the work has really ended
    """

    n_running = 0  # of this process

    def __init__(
        self,
        events: Generator[T],
        reader_left: Event | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._bell = asyncio.Event()
        self._first_results: list[T] = []  # taken already, and not read yet
        self._results = ThreadedIterator(
            events,
            MAX_AHEAD + 1,  # the last one is in the hand of the work
            name="answer",
            interrupt=(reader_left or Event()).set,
            on_news=self._ring,
        )
        ThreadedStream.n_running += 1
        self._results.start()

    async def wait_for_first(self) -> None:
        """Return when there is a first result. Raises what ended the work before it."""
        await self._bell.wait()
        self._results.check()

    async def wait_for_second(self, patience_s: float) -> BaseException | None:
        """Return when there are two results or the end, at the latest after `patience_s`.

        Returns what ended the work before its second result, None where nothing did. Raises what ended it
        before the first.
        """
        await self.wait_for_first()
        self._first_results = self._results.take_ready() or []
        if len(self._first_results) > 1 or self._results.ended:
            return self._results.error
        self._bell.clear()
        deadline_s = self._loop.time() + patience_s
        while (left_s := deadline_s - self._loop.time()) > 0:
            if self._results.has_news or await self._rings_within(left_s):
                return self._results.error
        return None

    async def batch(self, patience_s: float) -> list[T] | None:
        """Return what has come since the last call: empty after `patience_s` of silence, None at the end.

        Raises what the work raised.
        """
        if self._first_results:
            results, self._first_results = self._first_results, []
            return results
        if not self._bell.is_set() and not await self._rings_within(patience_s):
            return []
        if not self._results.ended:
            self._bell.clear()
        return self._results.take_ready()

    async def gather(self) -> None:
        """Wait a moment in which more may come, so that one write tells it all."""
        if not self._results.ended:
            await asyncio.sleep(GATHERED_S * ThreadedStream.n_running)

    async def _rings_within(self, patience_s: float) -> bool:
        """As `asyncio.wait_for`, at a fraction of its price: this is asked for every few tokens."""
        overdue = self._loop.call_later(patience_s, self._bell.set)
        await self._bell.wait()
        overdue.cancel()
        if self._results.has_news:
            return True
        self._bell.clear()
        return False

    def leave(self) -> None:
        """Say that nobody reads the rest: the work stops as soon as it looks. Returns at once."""
        self._results.leave()

    def _ring(self) -> None:
        """Called in the thread of the work."""
        try:
            self._loop.call_soon_threadsafe(self._end if self._results.ended else self._bell.set)
        except RuntimeError:  # the loop is closed: the process ends
            self._results.leave()

    def _end(self) -> None:
        ThreadedStream.n_running -= 1
        self._bell.set()
        self._on_end()
