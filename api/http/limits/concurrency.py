"""Limits how many questions are worked on at a time and how many may wait, and refuses the rest.

A service that takes everything answers nobody in time. Here a bounded number works, a bounded number waits
in order, and one more is refused at once, with the time to come back: `api.serve.load_shedding`.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import TracebackType

from api.base.errors import Overloaded
from api.base.settings import Settings
from api.http.policy import Limit
from generator.registry import generator_facts

_MAX_RETRY_S = 60
_REMOTE_ANSWERS = 256  # a model behind an address has a queue of its own
_NEWEST = 0.2  # weight of the last turn in the mean


def busy(retry_after_s: int) -> Overloaded:
    """Make the error of a question that finds no slot."""
    message = "pagesight is busy with other questions: ask again in a moment"
    return Overloaded(message, retry_after_s)


class ConcurrencyLimiter:
    """A bounded number of slots, and a bounded queue for them, first come, first served.

    Belongs to one event loop. `max_wait_s` is the longest wait: a request that would wait longer is
    refused when it comes, and one that does all the same is refused then. A request on its way to `take`
    counts as waiting.
    """

    def __init__(self, name: str, n_slots: int, n_waiting: int, max_wait_s: float) -> None:
        self.name = name
        self.n_taken = 0
        self.n_coming = 0
        self.n_refused = 0
        self._n_slots = n_slots
        self._n_waiting = n_waiting
        self._max_wait_s = max_wait_s
        self._queue: deque[asyncio.Future[None]] = deque()
        self._turn_s = 0.0  # how long a slot is held, a moving mean

    @property
    def n_queued(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether one more would be refused: no room to wait, or a wait that would be too long."""
        n_before = self.n_taken + self.n_coming + self.n_queued
        if n_before < self._n_slots:
            return False
        too_many = n_before >= self._n_slots + self._n_waiting
        return too_many or self._wait_s() > self._max_wait_s

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Count the request of this task, until it takes its slot or ends without.

        A request is let in long before it asks for its slot: without this count a crowd that comes at
        once would find room at the door, and be refused after most of the work of a request was done.
        """
        coming = _Coming(self)
        token = _coming.set(coming)
        try:
            yield
        finally:
            coming.has_come()
            _coming.reset(token)

    async def take(self) -> Slot:
        """Return a slot, as soon as one is free. Raises Overloaded."""
        coming = _coming.get()
        if coming is not None and coming.limiter is self:
            coming.has_come()
        if self.n_taken < self._n_slots and not self._queue:
            self.n_taken += 1
            return Slot(self)
        if self.full:
            raise busy(self.turn_away())
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self._max_wait_s):
                await turn
        except TimeoutError:
            self._give_up(turn)
            raise busy(self.turn_away()) from None
        except BaseException:
            self._give_up(turn)
            raise
        return Slot(self)

    def turn_away(self) -> int:
        """Count one more that is refused; return the seconds in which the queue would be through."""
        self.n_refused += 1
        return min(max(1, math.ceil(self._wait_s())), _MAX_RETRY_S)

    def _wait_s(self) -> float:
        """Return how long one more would wait, as things have gone lately."""
        return self._turn_s * (self.n_queued + self.n_coming + 1) / self._n_slots

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        with suppress(ValueError):
            self._queue.remove(turn)
        if turn.done() and not turn.cancelled():  # its turn came at the same moment
            self._pass_on()

    def _release(self, held_s: float) -> None:
        self._turn_s += _NEWEST * (held_s - self._turn_s)
        self._pass_on()

    def _pass_on(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.n_taken -= 1


class _Coming:
    """A request on its way to its slot."""

    def __init__(self, limiter: ConcurrencyLimiter) -> None:
        self.limiter = limiter
        self._counts = True
        limiter.n_coming += 1

    def has_come(self) -> None:
        if self._counts:
            self._counts = False
            self.limiter.n_coming -= 1


_coming: ContextVar[_Coming | None] = ContextVar("coming", default=None)


class Slot:
    """A slot that was taken; given back once, by `release` or at the end of a `with`."""

    def __init__(self, limiter: ConcurrencyLimiter) -> None:
        self._limiter: ConcurrencyLimiter | None = limiter
        self._since = time.monotonic()

    def release(self) -> None:
        if self._limiter is not None:
            limiter, self._limiter = self._limiter, None
            limiter._release(time.monotonic() - self._since)

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class Admission:
    """The limiters of one service: of searches, which need the processor, and of whole answers.

    readings files that are read and not stored, which takes as long as their ingest, or that are fetched
    renders  parts of pages that are drawn anew, each in a process of its own: they are no questions
    """

    def __init__(self, settings: Settings) -> None:
        limits = settings.max_waiting, settings.max_wait_s
        self.searches = ConcurrencyLimiter("searches", settings.max_searches, *limits)
        self.answers = ConcurrencyLimiter(
            "answers", settings.max_answers or _default_answers(settings), *limits
        )
        self.renders = ConcurrencyLimiter("renders", max(1, (os.cpu_count() or 1) // 2), *limits)
        self.readings = ConcurrencyLimiter("readings", 1, *limits)
        self.all = (self.searches, self.answers, self.renders, self.readings)

    def of(self, limit: Limit) -> ConcurrencyLimiter:
        match limit:
            case "searches":
                return self.searches
            case "answers":
                return self.answers
            case "renders":
                return self.renders


def _default_answers(settings: Settings) -> int:
    """Return how many suit the writer.

    Quoting needs the processor, a model in this process its batches (of one answer for llama.cpp), a
    model behind an address neither.
    """
    name = settings.generator
    if name == "extractive":
        return 2 * (os.cpu_count() or 1)
    if generator_facts(name).model_type:
        return 4 * settings.vlm_batch_size
    if name == "gguf":
        return 4
    return _REMOTE_ANSWERS
