"""Lets searches that wait at the same time share the next pass over the pages.

A pass for several queries reads each vector once, and an encoder reads several texts in little more time
than one. No search waits for company: one that finds room begins a pass at once, and those that come
meanwhile go together into the next. More passes at a time than cores would only slow each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Request = TypeVar("Request")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Call(Generic[Request, Result]):
    request: Request
    result: Future[Result] = field(default_factory=Future)
    context: Context = field(default_factory=copy_context)


class SharedPasses(Generic[Key, Request, Result]):
    """Runs `work(key, requests)` for groups of calls with equal keys, one group of a key at a time.

    Keys take turns. A pass runs in a thread of its own, in the context of the first call of its group.
    Neither a periodic task nor an iterator: the threads are a pool's, and a pass belongs to several callers.

    at_once    passes at a time
    max_group  calls in a group
    """

    def __init__(
        self,
        work: Callable[[Key, Sequence[Request]], Sequence[Result]],
        at_once: int,
        max_group: int = 16,
    ) -> None:
        self._work = work
        self._at_once = at_once
        self._max_group = max_group
        self._threads = ThreadPoolExecutor(at_once, "search")
        self._lock = threading.Lock()
        self._busy: set[Key] = set()
        self._waiting: dict[Key, list[_Call[Request, Result]]] = {}  # the next key comes first

    def __call__(self, key: Key, request: Request) -> Future[Result]:
        """Return what `work` will give for this call, or raise. Cancelled before its pass, it is not run."""
        call: _Call[Request, Result] = _Call(request)
        with self._lock:
            self._waiting.setdefault(key, []).append(call)
            self._begin()
        return call.result

    def _begin(self) -> None:
        """Start the passes that can run now."""
        for key in [key for key in self._waiting if key not in self._busy]:
            if len(self._busy) >= self._at_once:
                return
            waiting = self._waiting.pop(key)
            if waiting[self._max_group :]:
                self._waiting[key] = waiting[self._max_group :]  # behind the other keys
            self._busy.add(key)
            self._threads.submit(self._pass, key, waiting[: self._max_group])

    def _pass(self, key: Key, group: Sequence[_Call[Request, Result]]) -> None:
        try:
            calls = [call for call in group if call.result.set_running_or_notify_cancel()]
            if calls:
                calls[0].context.run(self._answer, key, calls)
        finally:
            with self._lock:
                self._busy.discard(key)
                self._begin()

    def _answer(self, key: Key, group: Sequence[_Call[Request, Result]]) -> None:
        try:
            results = self._work(key, [call.request for call in group])
        except BaseException as error:  # noqa: BLE001 - the callers raise it
            if len(group) > 1 and isinstance(error, Exception):
                for call in group:  # one bad query must not fail the others
                    self._answer(key, [call])
                return
            for call in group:
                call.result.set_exception(error)
        else:
            for call, result in zip(group, results, strict=True):
                call.result.set_result(result)
