"""Questions that wait at the same time share the next pass over the pages.

A scan for several queries reads each vector once, and a model reads several texts in little more time than
one. Nobody waits for company: a question that finds room begins a pass at once, and those that come
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
Asked = TypeVar("Asked")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Call(Generic[Asked, Found]):
    asked: Asked
    answer: Future[Found] = field(default_factory=Future)
    context: Context = field(default_factory=copy_context)


class SharedPasses(Generic[Key, Asked, Found]):
    """Runs `work(key, asked)` for groups of calls with equal keys, one group of a key at a time.

    Keys take turns. A pass runs in a thread of its own, in the context of the first call of its group.

    at_once  passes at a time
    most     calls in a group at most
    """

    def __init__(
        self,
        work: Callable[[Key, Sequence[Asked]], Sequence[Found]],
        at_once: int,
        most: int = 16,
    ) -> None:
        self._work = work
        self._at_once = at_once
        self._most = most
        self._threads = ThreadPoolExecutor(at_once, "search")
        self._lock = threading.Lock()
        self._busy: set[Key] = set()
        self._waiting: dict[Key, list[_Call[Asked, Found]]] = {}  # whose turn comes first is first

    def __call__(self, key: Key, asked: Asked) -> Future[Found]:
        """What `work` will have found for this call, or raised. Cancelled before its pass, it is not run."""
        call: _Call[Asked, Found] = _Call(asked)
        with self._lock:
            self._waiting.setdefault(key, []).append(call)
            self._begin()
        return call.answer

    def _begin(self) -> None:
        """Starts the passes that can run now."""
        for key in [key for key in self._waiting if key not in self._busy]:
            if len(self._busy) >= self._at_once:
                return
            waiting = self._waiting.pop(key)
            if waiting[self._most :]:
                self._waiting[key] = waiting[self._most :]  # behind the other keys
            self._busy.add(key)
            self._threads.submit(self._pass, key, waiting[: self._most])

    def _pass(self, key: Key, group: Sequence[_Call[Asked, Found]]) -> None:
        try:
            wanted = [one for one in group if one.answer.set_running_or_notify_cancel()]
            if wanted:
                wanted[0].context.run(self._answer, key, wanted)
        finally:
            with self._lock:
                self._busy.discard(key)
                self._begin()

    def _answer(self, key: Key, group: Sequence[_Call[Asked, Found]]) -> None:
        try:
            found = self._work(key, [one.asked for one in group])
        except BaseException as error:  # noqa: BLE001 - the callers raise it
            if len(group) > 1 and isinstance(error, Exception):
                for one in group:  # one bad question is not the others' fault
                    self._answer(key, [one])
                return
            for one in group:
                one.answer.set_exception(error)
        else:
            for one, answer in zip(group, found, strict=True):
                one.answer.set_result(answer)
