"""Measures what stage 1 misses while it serves, and sets how hard it looks.

A sample of the queries that went through stage 1 is scored exactly in the background. The share of the
exact ten best pages that the search found is its recall; when the mean falls below the target, stage 1
looks harder from then on. Fixed settings do not carry over from one corpus to another (measured).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, Full, Queue

from indexer.base.errors import PagesightError
from indexer.base.periodic_task import PeriodicTask
from indexer.indexes.derived import DerivedStore
from retriever.candidates.token_candidates import SearchParams

# From little to much work; each preset was measured on held-out queries.
PRESETS = (
    SearchParams(1_024, 8, 200),
    SearchParams(4_096, 32, 200),
    SearchParams(16_384, 32, 300),
    SearchParams(16_384, 64, 1_000),
)
_FIRST_STEP = ((3_000_000, 0), (8_000_000, 1))  # (vectors of the segment up to, step); beyond: 2
_MIN_SAMPLES = 10  # before a mean is believed
_MAX_SAMPLES = 200
_IDLE_S = 30.0  # the sampler's thread ends after so long without a query


@dataclass(frozen=True, slots=True)
class RecallReport:
    """The recall that was measured; None until a query was sampled.

    worst    of the samples
    step_up  presets above the first choice
    """

    recall: float | None
    worst: float | None
    n_sampled: int
    step_up: int


@dataclass(slots=True)
class _Meter:
    step_up: int = 0
    samples: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_SAMPLES))


class RecallMeter:
    """Keeps the recall of each collection, and chooses its search parameters. Thread-safe.

    store  where measurements outlive the process; None: they end with it
    """

    def __init__(self, target: float, store: DerivedStore | None = None) -> None:
        self._target = target
        self._store = store
        self._meters: dict[str, _Meter] = {}
        self._lock = threading.Lock()

    def search_params(self, collection_id: str, n_vectors: int) -> SearchParams | None:
        """Choose how hard stage 1 looks through a segment; None: score every page instead."""
        if self._target >= 1.0:
            return None
        first = next((step for limit, step in _FIRST_STEP if n_vectors <= limit), 2)
        with self._lock:
            step = first + self._meter(collection_id).step_up
        return PRESETS[step] if step < len(PRESETS) else None

    def record(self, collection_id: str, recall: float) -> None:
        """Add one sampled query; look harder from the next query on when the mean is below the target."""
        with self._lock:
            meter = self._meter(collection_id)
            meter.samples.append(recall)
            n = len(meter.samples)
            if n >= _MIN_SAMPLES and sum(meter.samples) / n < self._target:
                meter.step_up += 1
                meter.samples.clear()
            measurements = {"step_up": meter.step_up, "samples": list(meter.samples)}
        if self._store is not None:
            self._store.keep_recall(collection_id, measurements)

    def report(self, collection_id: str) -> RecallReport:
        with self._lock:
            meter = self._meter(collection_id)
            samples = list(meter.samples)
            step_up = meter.step_up
        mean = sum(samples) / len(samples) if samples else None
        return RecallReport(mean, min(samples, default=None), len(samples), step_up)

    def _meter(self, collection_id: str) -> _Meter:
        if collection_id not in self._meters:
            self._meters[collection_id] = self._load(collection_id)
        return self._meters[collection_id]

    def _load(self, collection_id: str) -> _Meter:
        values = self._store.recall(collection_id) if self._store is not None else {}
        try:
            samples = [min(1.0, max(0.0, float(sample))) for sample in values.get("samples", ())]
            step_up = max(0, int(values.get("step_up", 0)))
        except (TypeError, ValueError):  # not as it was written: measure anew
            return _Meter()
        return _Meter(step_up, deque(samples, maxlen=_MAX_SAMPLES))


class ShadowSampler:
    """Runs exact searches of sampled queries in one background thread, within a share of its time.

    share  of the wall time that the thread may compute; 0 turns sampling off
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._queue: Queue[Callable[[], None]] = Queue(maxsize=1)
        self._task: PeriodicTask | None = None
        self._lock = threading.Lock()

    def offer(self, measure: Callable[[], None]) -> None:
        """Take the query when the thread is free; else it is not a sample."""
        if self._share <= 0:
            return
        with self._lock:
            try:
                self._queue.put_nowait(measure)
            except Full:
                return
            if self._task is None:
                self._task = PeriodicTask(_IDLE_S, self._work, name="recall")
                self._task.start()
            self._task.wake()

    def _work(self) -> None:
        """Measure one query, or end when none has come for a while: an idle process has no thread."""
        with self._lock:
            task = self._task
            assert task is not None
            try:
                measure = self._queue.get_nowait()
            except Empty:
                task.stop()
                self._task = None
                return
        began = time.monotonic()
        try:
            measure()
        except PagesightError as error:  # the collection went away meanwhile
            logging.getLogger(__name__).info("recall was not measured: %s", error)
        finally:
            busy_s = time.monotonic() - began
            task.pause(busy_s * (1 - self._share) / self._share)
