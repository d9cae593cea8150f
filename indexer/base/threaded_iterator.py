"""An iterator that is read ahead: one of the two kinds of background thread (see `periodic_task`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextvars import copy_context
from threading import Condition, Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class ThreadedIterator(Generic[T]):
    """Iterates `source` in a thread of its own, in order, at most `ahead` items in front of the reader.

    With `ahead` 1 the next item is begun when the one before it is taken. An error of `source` is raised
    where its item would have come. Leaving `with` ends the thread and waits for it. A generator is closed
    in that thread, which runs in the context of the thread that started it.

    interrupt  called from the thread that leaves, to end an item that is still being made
    on_news    called in the thread of the source when a first item is ready, and once when it has ended
    """

    def __init__(
        self,
        source: Iterable[T],
        ahead: int,
        *,
        name: str,
        interrupt: Callable[[], None] = lambda: None,
        on_news: Callable[[], None] = lambda: None,
    ) -> None:
        self._source = source
        self._ahead = ahead
        self._name = name
        self._interrupt = interrupt
        self._on_news = on_news
        self._ready: deque[T] = deque()
        self._condition = Condition()
        self._leaving = False
        self._ended = False
        self._error: BaseException | None = None
        self._thread: Thread | None = None

    @property
    def ended(self) -> bool:
        """Whether the source has ended; items may still be ready."""
        return self._ended

    @property
    def has_news(self) -> bool:
        """Whether the next call returns at once: an item, an error or the end."""
        return bool(self._ready) or self._ended

    @property
    def error(self) -> BaseException | None:
        """What ended the source, if no item is left before it."""
        with self._condition:
            return None if self._ready else self._error

    def start(self) -> None:
        """Begin the first item."""
        run = copy_context().run  # the log and the traces know the request by it
        self._thread = Thread(target=run, args=(self._run,), name=self._name, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Let no further item begin, and interrupt the present one. Returns at once."""
        with self._condition:
            self._leaving = True
            is_running = not self._ended
            self._condition.notify_all()
        if is_running:
            self._interrupt()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        if self._thread is not None:
            self._thread.join()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        with self._condition:
            while not self.has_news:
                self._condition.wait()
            if self._ready:
                self._condition.notify_all()
                return self._ready.popleft()
        self.check()
        raise StopIteration

    def take_ready(self) -> list[T] | None:
        """Return the items that are ready, without waiting; None at the end.

        Raises what `source` raised, once the items before it are taken.
        """
        with self._condition:
            items = list(self._ready)
            self._ready.clear()
            is_running = not self._ended
            self._condition.notify_all()
        if items or is_running:
            return items
        self.check()
        return None

    def check(self) -> None:
        """Raise what ended `source`, if no item is left before it."""
        if (error := self.error) is not None:
            raise error

    def _run(self) -> None:
        try:
            self._iterate()
        except BaseException as error:  # noqa: BLE001 - raised where its item would have come
            self._error = error
        with self._condition:
            self._ended = True
            self._condition.notify_all()
        self._on_news()

    def _iterate(self) -> None:
        items = iter(self._source)
        try:
            for item in items:
                self._add(item)
                if not self._wait_for_room():
                    return
        finally:
            if isinstance(items, Generator):
                items.close()

    def _add(self, item: T) -> None:
        with self._condition:
            self._ready.append(item)
            is_first = len(self._ready) == 1
            self._condition.notify_all()
        if is_first:
            self._on_news()

    def _wait_for_room(self) -> bool:
        """Return False when nobody reads any more."""
        with self._condition:
            while len(self._ready) >= self._ahead and not self._leaving:
                self._condition.wait()
            return not self._leaving
