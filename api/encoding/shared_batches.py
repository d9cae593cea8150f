"""Gathers what several callers bring and encodes it together, in the order in which it came."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Generic, TypeVar

from api.base.errors import Overloaded
from api.encoding.encoding_metrics import BatchMetrics

T = TypeVar("T")
U = TypeVar("U")

_NEWEST = 0.2  # weight of the last batch in the mean
_MAX_RETRY_S = 30


@dataclass(frozen=True, slots=True)
class _Request(Generic[T, U]):
    """What one caller brought, and where it waits for the results."""

    items: Sequence[T]
    results: Future[list[U]]


class SharedBatches(Generic[T, U]):
    """A thread of its own encodes all that waits, up to `max_batch` items at once.

    encode       takes items of several requests; what it raises for one of them is told to that one alone
    max_batch    the most items of a request, too
    max_waiting  items that may wait beside those that are being encoded; more are refused
    """

    def __init__(
        self,
        encode: Callable[[Sequence[T]], list[U]],
        metrics: BatchMetrics,
        *,
        max_batch: int,
        max_waiting: int,
    ) -> None:
        self._encode = encode
        self._metrics = metrics
        self.max_batch = max_batch
        self._max_waiting = max_waiting
        self._requests: deque[_Request[T, U]] = deque()
        self._n_waiting = 0
        self._item_s = 0.0  # that one item takes, a moving mean
        self._condition = Condition()
        self._is_closed = False
        self._thread = Thread(target=self._work, name=f"encode {metrics.kind}", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[T]) -> Future[list[U]]:
        """Return where the results of the items will be, in their order. Raises Overloaded."""
        with self._condition:
            if self._is_closed or self._n_waiting + len(items) > self._max_waiting:
                self._metrics.n_refused.inc()
                wait_s = math.ceil(self._n_waiting * self._item_s)
                raise Overloaded(
                    f"{self._n_waiting} {self._metrics.kind} wait to be encoded: try again in a moment",
                    min(max(wait_s, 1), _MAX_RETRY_S),
                )
            request: _Request[T, U] = _Request(items, Future())
            self._requests.append(request)
            self._count(len(items))
            self._condition.notify()
        return request.results

    def close(self) -> None:
        """Encode what waits, and end the thread."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next_batch():
            began = time.monotonic()
            self._answer(batch)
            seconds = time.monotonic() - began
            n_items = sum(len(request.items) for request in batch)
            self._item_s += _NEWEST * (seconds / max(n_items, 1) - self._item_s)
            self._metrics.on_batch(n_items, seconds)

    def _next_batch(self) -> list[_Request[T, U]]:
        """Wait for requests, and take as many as fit into a batch; none when this is closed."""
        batch: list[_Request[T, U]] = []
        n_items = 0
        with self._condition:
            while not batch:
                self._condition.wait_for(lambda: self._requests or self._is_closed)
                if not self._requests:
                    break
                while self._requests and n_items + len(self._requests[0].items) <= self.max_batch:
                    request = self._requests.popleft()
                    self._count(-len(request.items))
                    # One that was given up is not encoded.
                    if request.results.set_running_or_notify_cancel():
                        batch.append(request)
                        n_items += len(request.items)
        return batch

    def _count(self, n_items: int) -> None:
        self._n_waiting += n_items
        self._metrics.n_waiting.set(self._n_waiting)

    def _answer(self, batch: Sequence[_Request[T, U]]) -> None:
        items = [item for request in batch for item in request.items]
        try:
            results = self._encode(items)
        except Exception as error:  # noqa: BLE001 - the boundary of a request: each is told its own
            if len(batch) == 1:
                batch[0].results.set_exception(error)
                return
            for request in batch:
                self._answer([request])
            return
        start = 0
        for request in batch:
            request.results.set_result(results[start : start + len(request.items)])
            start += len(request.items)
