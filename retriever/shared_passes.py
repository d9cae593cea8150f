"""Questions that wait at the same time share the next pass over the pages.

A scan for several queries reads each vector once. Nobody waits for company: a question that finds no
pass going on begins one at once, and those that come meanwhile go together into the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Asked = TypeVar("Asked")
Found = TypeVar("Found")


class SharedPasses(Generic[Key, Asked, Found]):
    """Runs `work(key, asked)` for groups of calls with equal keys, one group of a key at a time.

    most  calls in a group at most
    """

    def __init__(
        self, work: Callable[[Key, Sequence[Asked]], Sequence[Found]], most: int = 16
    ) -> None:
        self._work = work
        self._most = most
        self._changed = threading.Condition()
        self._busy: set[Key] = set()
        self._waiting: dict[Key, list[tuple[Asked, Future[Found]]]] = {}

    def __call__(self, key: Key, asked: Asked) -> Found:
        """What `work` found for this call; raises what it raised for it."""
        mine: Future[Found] = Future()
        with self._changed:
            self._waiting.setdefault(key, []).append((asked, mine))
        while group := self._next_group(key, mine):
            try:
                self._run(key, group)
            finally:
                with self._changed:
                    self._busy.discard(key)
                    self._changed.notify_all()
        return mine.result()

    def _next_group(self, key: Key, mine: Future[Found]) -> list[tuple[Asked, Future[Found]]]:
        """The calls that this thread has to run; none when its own is answered."""
        with self._changed:
            self._changed.wait_for(lambda: mine.done() or key not in self._busy)
            if mine.done():
                return []
            waiting = self._waiting.pop(key)
            if waiting[self._most :]:
                self._waiting[key] = waiting[self._most :]
            self._busy.add(key)
            return waiting[: self._most]

    def _run(self, key: Key, group: Sequence[tuple[Asked, Future[Found]]]) -> None:
        try:
            found = self._work(key, [asked for asked, _ in group])
        except BaseException as error:  # noqa: BLE001 - the callers raise it
            if len(group) > 1 and isinstance(error, Exception):
                for one in group:  # one bad question is not the others' fault
                    self._run(key, [one])
                return
            for _, future in group:
                future.set_exception(error)
        else:
            for (_, future), answer in zip(group, found, strict=True):
                future.set_result(answer)
