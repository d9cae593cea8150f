"""What Prometheus reads at /metrics. Every application has a registry of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.observers import Writing
from indexer.errors import PagesightError
from indexer.pipeline import IngestOutcome
from retriever.hits import SearchResult

if TYPE_CHECKING:
    from api.deps import Running

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
# Of a search's own figures: the names that they have here.
_STAGES = {"encode": "encode", "candidates": "candidates", "scan": "rerank", "evidence": "evidence"}


class Metrics:
    """Obeys `observers.Observer`; the middleware and /metrics use the rest."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the lines, for nothing that is asked here
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._stages = Histogram(
            "pagesight_stage_seconds",
            "Time of one stage: encode, candidates, rerank, evidence, first_token, generate.",
            ["stage"], buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._lookups = Counter(
            "pagesight_query_cache_total", "Queries, by whether their vectors were kept.",
            ["found"], registry=self.registry,
        )  # fmt: skip
        self._answers = Counter(
            "pagesight_answers_total", "Answers by how they ended: cited, not_found, left, failed.",
            ["end"], registry=self.registry,
        )  # fmt: skip
        self._writing = Gauge(
            "pagesight_answers_writing", "Answers that a model writes now.", registry=self.registry
        )
        self._tokens = Counter(
            "pagesight_tokens_total", "Tokens as the answer model counts them.",
            ["direction"], registry=self.registry,
        )  # fmt: skip
        self._documents = Counter(
            "pagesight_documents_ingested_total", "Files that this process has worked on.",
            ["verdict"], registry=self.registry,
        )  # fmt: skip
        self._pages = Counter(
            "pagesight_pages_ingested_total",
            "Pages that this process has indexed.",
            registry=self.registry,
        )
        self.requests = Counter(
            "pagesight_http_requests_total",
            "Requests.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.response_s = Histogram(
            "pagesight_http_response_start_seconds",
            "Until the response began; a stream goes on after that.",
            ["method", "route"], buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.requests_running = Gauge(
            "pagesight_http_requests_running",
            "Requests that are being answered.",
            registry=self.registry,
        )

    def searched(self, result: SearchResult) -> None:
        for name, stage in _STAGES.items():
            self._stages.labels(stage).observe(result.timing_ms[name] / 1e3)

    def looked_up(self, known: bool) -> None:
        self._lookups.labels("hit" if known else "miss").inc()

    def writes(self) -> None:
        self._writing.inc()

    def wrote(self, writing: Writing) -> None:
        self._writing.dec()
        if writing.first_token_s is not None:
            self._stages.labels("first_token").observe(writing.first_token_s)
        self._stages.labels("generate").observe(writing.seconds)
        self._answers.labels(writing.outcome).inc()
        self._tokens.labels("in").inc(writing.prompt_tokens)
        self._tokens.labels("out").inc(writing.completion_tokens)

    def ingested(self, outcome: IngestOutcome) -> None:
        self._documents.labels(outcome.verdict.value).inc()
        if outcome.verdict.new:
            self._pages.inc(outcome.n_pages)

    def looks_at(self, running: Running) -> None:
        """From now on a scrape also asks the catalog and the state of the process."""
        self.registry.register(_State(running))

    def text(self) -> bytes:
        """Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)


class _State(Collector):
    """What is asked at the moment of a scrape."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def describe(self) -> Iterable[Metric]:
        return ()  # or registering would ask the catalog

    def collect(self) -> Iterator[Metric]:
        yield from self._process()
        yield from self._places()
        try:
            catalog = [*self._queue(), *self._recall()]
        except PagesightError:
            catalog = []
        yield _gauge("pagesight_catalog_up", "Whether the catalog answered.", float(bool(catalog)))
        yield from catalog

    def _process(self) -> Iterator[Metric]:
        running = self._running
        settings = running.services.settings
        about = GaugeMetricFamily(
            "pagesight_info", "What runs here.", labels=["encoder", "generator"]
        )
        about.add_metric([settings.encoder, settings.generator], 1)
        yield about
        threads = threading.active_count()
        yield _gauge("process_threads", "Threads of Python.", float(threads))
        yield _gauge(
            "pagesight_encoder_loaded", "Whether the encoder is in memory.",
            float(running.encoder_loaded),
        )  # fmt: skip

    def _places(self) -> Iterator[Metric]:
        """Of answers and of searches."""
        places = GaugeMetricFamily(
            "pagesight_admission", "Questions that have a place, and that wait for one.",
            labels=["of", "state"],
        )  # fmt: skip
        refused = CounterMetricFamily(
            "pagesight_admission_refused", "Questions that were refused.", labels=["of"]
        )
        for one in self._running.admission.all:
            places.add_metric([one.name, "working"], one.n_taken)
            places.add_metric([one.name, "waiting"], one.n_queued)
            refused.add_metric([one.name], one.n_refused)
        yield places
        yield refused

    def _queue(self) -> Iterator[Metric]:
        load = self._running.services.queue.load()
        jobs = GaugeMetricFamily("pagesight_jobs", "Jobs that have not ended.", labels=["state"])
        jobs.add_metric(["queued"], load.queued)
        jobs.add_metric(["running"], load.running)
        yield jobs
        yield _gauge(
            "pagesight_jobs_oldest_waiting_seconds", "Age of the oldest queued job; 0: none waits.",
            load.oldest_waiting_s or 0.0,
        )  # fmt: skip

    def _recall(self) -> Iterator[Metric]:
        services = self._running.services
        recall = GaugeMetricFamily(
            "pagesight_stage1_recall",
            "Share of the exact ten best pages that stage 1 found, mean of the samples.",
            labels=["collection"],
        )
        samples = GaugeMetricFamily(
            "pagesight_stage1_recall_samples", "Queries that it was sampled over.",
            labels=["collection"],
        )  # fmt: skip
        for collection in services.stores.catalog.collections():
            report = services.searcher.recall(collection.name)
            if report.recall is not None:
                recall.add_metric([collection.name], report.recall)
                samples.add_metric([collection.name], report.n_sampled)
        yield recall
        yield samples


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)
