"""The one thread that uses a model. What waits while it works is its next batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class ModelThread(Generic[T]):
    """Calls `work` with up to `max_batch` of the waiting items, oldest first, never twice at once.

    Neither a periodic task nor an iterator: what waits becomes a batch, and an idle model has no thread.
    The thread begins with the first item and ends when none waits. `work` must not raise. The process
    waits for it at its end: a thread that is ended inside torch takes the whole process down by a signal.
    `work` may `take` more while it works.
    """

    def __init__(self, work: Callable[[Sequence[T]], None], max_batch: int) -> None:
        self._work = work
        self._max_batch = max_batch
        self._lock = Lock()
        self._waiting: deque[T] = deque()
        self._busy = False

    def submit(self, item: T) -> None:
        """Add to what waits. Returns at once."""
        with self._lock:
            self._waiting.append(item)
            if self._busy:
                return
            self._busy = True
        Thread(target=self._run, name="answer model").start()

    def _run(self) -> None:
        while batch := self._next_batch():
            self._work(batch)

    def take(self, n_most: int) -> list[T]:
        """Return what waits by now, oldest first, for `work` to do beside what it was given."""
        with self._lock:
            return self._take(n_most)

    def _next_batch(self) -> list[T]:
        with self._lock:
            batch = self._take(self._max_batch)
            self._busy = bool(batch)
        return batch

    def _take(self, n_most: int) -> list[T]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), n_most))]
