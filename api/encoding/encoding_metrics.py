"""What an encoder apart tells Prometheus."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

_BATCH_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(frozen=True, slots=True)
class BatchMetrics:
    """Of one kind of work: `pages` or `queries`."""

    kind: str
    n_waiting: Gauge
    n_refused: Counter
    n_items: Counter
    batch_s: Histogram

    def on_batch(self, n_items: int, seconds: float) -> None:
        self.n_items.inc(n_items)
        self.batch_s.observe(seconds)


class EncodingMetrics:
    """The registry of the process, and what each kind of work counts in."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the lines, for nothing that is asked
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._waiting = Gauge(
            "pagesight_encoder_waiting", "Pages and queries that wait to be encoded.",
            ["of"], registry=self.registry,
        )  # fmt: skip
        self._refusals = Counter(
            "pagesight_encoder_refused_total", "Requests that were refused, as too much waited.",
            ["of"], registry=self.registry,
        )  # fmt: skip
        self._items = Counter(
            "pagesight_encoder_items_total", "Pages and queries that were encoded.",
            ["of"], registry=self.registry,
        )  # fmt: skip
        self._batch_s = Histogram(
            "pagesight_encoder_batch_seconds", "Time of one batch, of whatever callers.",
            ["of"], buckets=_BATCH_S, registry=self.registry,
        )  # fmt: skip

    def of(self, kind: str) -> BatchMetrics:
        return BatchMetrics(
            kind,
            self._waiting.labels(kind),
            self._refusals.labels(kind),
            self._items.labels(kind),
            self._batch_s.labels(kind),
        )
