"""Asynchronous work as a plain iterator that can be stopped at any time.

The work has its own thread and event loop, so that it is stopped within a moment even while it waits
for the network, and even when nobody takes the next item any more. It is no `ThreadedIterator`, whose thread
pulls one item after another: this work pushes, and its event loop must run on between two items.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from queue import SimpleQueue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_POLL_S = 0.05


class _End:
    """Behind the last item: how the work ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_background(
    work: Callable[[Callable[[T], None]], Awaitable[None]], is_cancelled: Callable[[], bool]
) -> Generator[T, None, None]:
    """Yield what `work` emits, as it comes; then raise what `work` raised.

    `work` is cancelled soon after `is_cancelled` turns true or the generator is closed.
    """
    queue: SimpleQueue[T | _End] = SimpleQueue()
    generator_closed = Event()

    def stop() -> bool:
        return generator_closed.is_set() or is_cancelled()

    Thread(
        target=lambda: asyncio.run(_supervise(work, queue, stop)), name="answer", daemon=True
    ).start()
    try:
        while not isinstance(item := queue.get(), _End):
            yield item
    finally:
        generator_closed.set()
    if item.error is not None:
        raise item.error


async def _supervise(
    work: Callable[[Callable[[T], None]], Awaitable[None]],
    queue: SimpleQueue[T | _End],
    stop: Callable[[], bool],
) -> None:
    task = asyncio.ensure_future(work(queue.put))
    error: BaseException | None = None
    try:
        while not task.done() and not stop():
            await asyncio.wait({task}, timeout=_POLL_S)
        task.cancel()  # nothing happens to a task that is done
        await asyncio.wait({task})
        error = None if task.cancelled() else task.exception()
    finally:
        queue.put(_End(error))
