"""How many questions are worked on at a time, how many may wait, and what is said to the rest.

A service that takes everything answers nobody in time. Here a bounded number works, a bounded number waits
in order, and one more is refused at once, with the time to come back: `refusals`.
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
    """What is said to who finds no place."""
    said = "pagesight is busy with other questions: ask again in a moment"
    return Overloaded(said, retry_after_s)


class ConcurrencyLimiter:
    """A bounded number of places, and a bounded queue for them, first come, first served.

    Belongs to one event loop. `max_wait_s` is the longest wait; who would wait longer is refused when
    it comes, and who does all the same is refused then. Who is on the way to `take` counts as waiting.
    """

    def __init__(self, name: str, n_places: int, n_waiting: int, max_wait_s: float) -> None:
        self.name = name
        self.n_taken = 0
        self.n_coming = 0
        self.n_refused = 0
        self._n_places = n_places
        self._n_waiting = n_waiting
        self._max_wait_s = max_wait_s
        self._queue: deque[asyncio.Future[None]] = deque()
        self._turn_s = 0.0  # how long a place is held, a moving mean

    @property
    def n_queued(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether one more would be refused: no room to wait, or a wait that would be too long."""
        n_before = self.n_taken + self.n_coming + self.n_queued
        if n_before < self._n_places:
            return False
        too_many = n_before >= self._n_places + self._n_waiting
        return too_many or self._wait_s() > self._max_wait_s

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Counts the request of this task, until it takes its place or ends without.

        A request is let in long before it asks for its place: without this count a crowd that comes at
        once would find room at the door, and be refused after most of the work of a request was done.
        """
        coming = _Coming(self)
        known = _coming.set(coming)
        try:
            yield
        finally:
            coming.has_come()
            _coming.reset(known)

    async def take(self) -> Slot:
        """A place, as soon as one is free. Raises Overloaded."""
        coming = _coming.get()
        if coming is not None and coming.places is self:
            coming.has_come()
        if self.n_taken < self._n_places and not self._queue:
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
        """Counts one more that is refused; the seconds in which the queue would be through."""
        self.n_refused += 1
        return min(max(1, math.ceil(self._wait_s())), _MAX_RETRY_S)

    def _wait_s(self) -> float:
        """How long one more would wait, as things have gone lately."""
        return self._turn_s * (self.n_queued + self.n_coming + 1) / self._n_places

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
    """A request on its way to its place."""

    def __init__(self, places: ConcurrencyLimiter) -> None:
        self.places = places
        self._counts = True
        places.n_coming += 1

    def has_come(self) -> None:
        if self._counts:
            self._counts = False
            self.places.n_coming -= 1


_coming: ContextVar[_Coming | None] = ContextVar("coming", default=None)


class Slot:
    """One place that was taken; given back once, by `release` or at the end of a `with`."""

    def __init__(self, places: ConcurrencyLimiter) -> None:
        self._places: ConcurrencyLimiter | None = places
        self._since = time.monotonic()

    def release(self) -> None:
        if self._places is not None:
            places, self._places = self._places, None
            places._release(time.monotonic() - self._since)

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
    """The places of one service: for searches, which need the processor, and for whole answers."""

    def __init__(self, settings: Settings) -> None:
        limits = settings.max_waiting, settings.max_wait_s
        self.searches = ConcurrencyLimiter("searches", settings.max_searches, *limits)
        self.answers = ConcurrencyLimiter(
            "answers", settings.max_answers or _default_answers(settings), *limits
        )
        self.all = (self.searches, self.answers)

    def of(self, limit: Limit) -> ConcurrencyLimiter:
        return self.answers if limit == "answers" else self.searches


def _default_answers(settings: Settings) -> int:
    """Quoting needs the processor, a model in this process its batches, another server neither."""
    name = settings.generator
    if name == "extractive":
        return 2 * (os.cpu_count() or 1)
    if generator_facts(name).model_type:
        return 4 * settings.vlm_batch_size
    return _REMOTE_ANSWERS
