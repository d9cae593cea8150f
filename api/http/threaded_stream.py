"""Work in a thread of its own, its results on the event loop: in order, in batches, never far ahead.

A thread from the shared pool would be held for as long as a model writes, and a few dozen slow answers
would keep everybody else out.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable, Generator
from threading import Condition, Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_AHEAD = 256  # results that wait for a slow reader; then the work waits
# The more streams there are, the longer results are gathered: one write to the network for several.
GATHERED_S = 0.0005


class ThreadedStream(Generic[T]):
    """Runs `events` until they end or nobody wants them. Belongs to the loop that makes it.

    gone    set when nobody wants them any more; the work asks it
    on_end  called on the loop when the work has really ended
    """

    n_running = 0  # of this process

    def __init__(
        self,
        events: Generator[T],
        gone: Event | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._events = events
        self._gone = gone or Event()
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._ready: deque[T] = deque()
        self._changed = Condition()
        self._bell = asyncio.Event()
        self._rung = False
        self._ended = False
        self._error: BaseException | None = None
        ThreadedStream.n_running += 1
        context = contextvars.copy_context()  # the log and the traces know the request by it
        Thread(target=context.run, args=(self._run,), name="answer", daemon=True).start()

    async def begun(self) -> None:
        """Returns when there is a first result; raises what ended the work before it."""
        await self._bell.wait()
        with self._changed:
            if self._ready or self._error is None:
                return
        raise self._error

    async def batch(self, patience_s: float) -> list[T] | None:
        """What has come since the last call: empty after `patience_s` of silence, None at the end.

        Raises what the work raised.
        """
        if not self._bell.is_set() and not await self._rings_within(patience_s):
            return []
        with self._changed:
            batch = list(self._ready)
            self._ready.clear()
            if not self._ended:
                self._bell.clear()
                self._rung = False
            self._changed.notify()
        if batch or not self._ended:
            return batch
        if self._error is not None:
            raise self._error
        return None

    async def gather(self) -> None:
        """A moment in which more may come, so that one write tells it all."""
        if not self._ended:
            await asyncio.sleep(GATHERED_S * ThreadedStream.n_running)

    async def _rings_within(self, patience_s: float) -> bool:
        """As `asyncio.wait_for`, at a fraction of its price: this is asked for every few tokens."""
        overdue = self._loop.call_later(patience_s, self._bell.set)
        await self._bell.wait()
        overdue.cancel()
        with self._changed:
            if self._rung or self._ended:
                return True
        self._bell.clear()
        return False

    def leave(self) -> None:
        """Nobody wants the rest: the work stops as soon as it looks."""
        self._gone.set()
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        try:
            try:
                for event in self._events:
                    if not self._hand_over(event):
                        break
            finally:
                self._events.close()
        except BaseException as error:  # noqa: BLE001 - raised again where the results are read
            self._error = error
        with self._changed:
            self._ended = True
        self._call(self._end)

    def _hand_over(self, event: T) -> bool:
        """False when nobody wants it."""
        with self._changed:
            while len(self._ready) >= MAX_AHEAD and not self._gone.is_set():
                self._changed.wait()
            if self._gone.is_set():
                return False
            self._ready.append(event)
            ring, self._rung = not self._rung, True
        if ring:
            self._call(self._bell.set)
        return True

    def _end(self) -> None:
        ThreadedStream.n_running -= 1
        self._bell.set()
        self._on_end()

    def _call(self, do: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(do)
        except RuntimeError:  # the loop is closed: the process ends
            self._gone.set()
