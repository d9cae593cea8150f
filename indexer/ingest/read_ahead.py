"""The next item made while the present one is used: rendering beside encoding."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Iterates `source` in a thread of its own, in order, one item ahead and never more.

    The next item is begun when the one before it is taken: at most two exist at a time. An error of
    `source` is raised where its item would have come. Leaving `with` ends the thread; `interrupt` is
    called, from the leaving thread, to end an item that is still being made.
    """

    def __init__(self, source: Iterable[T], interrupt: Callable[[], None] = lambda: None) -> None:
        self._source = source
        self._interrupt = interrupt
        self._items: SimpleQueue[tuple[T] | Exception | None] = SimpleQueue()
        self._wanted = threading.Semaphore(1)
        self._leaving = False
        self._thread = threading.Thread(target=self._read, name="read-ahead", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaving = True
        self._wanted.release()
        if self._thread.is_alive():
            self._interrupt()
        self._thread.join()

    def __iter__(self) -> Iterator[T]:
        while (item := self._items.get()) is not None:
            if isinstance(item, Exception):
                raise item
            self._wanted.release()
            yield item[0]

    def _read(self) -> None:
        try:
            items = iter(self._source)
            while True:
                self._wanted.acquire()
                if self._leaving:
                    return
                self._items.put((next(items),))
        except StopIteration:
            self._items.put(None)
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that reads
            self._items.put(error)
