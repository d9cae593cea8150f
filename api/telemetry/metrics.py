"""What Prometheus reads at /metrics. Every application has a registry of its own."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from api.telemetry.observers import STAGES, Writing
from api.telemetry.stage_times import StageTimes, stage_times
from indexer.ingest.outcomes import IngestOutcome
from retriever.hits import SearchResult

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


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
        self._side_tasks = Counter(
            "pagesight_side_tasks_total", "Titles, tags and the like that chat programs asked for.",
            registry=self.registry,
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

    def on_search(self, result: SearchResult) -> None:
        for name, stage in STAGES.items():
            self._stages.labels(stage).observe(result.timing_ms[name] / 1e3)

    def on_query(self, known: bool) -> None:
        self._lookups.labels("hit" if known else "miss").inc()

    def on_writing_begin(self) -> None:
        self._writing.inc()

    def on_writing_end(self, writing: Writing) -> None:
        self._writing.dec()
        self._tokens.labels("in").inc(writing.prompt_tokens)
        self._tokens.labels("out").inc(writing.completion_tokens)
        if writing.is_side_task:
            self._side_tasks.inc()
            return
        if writing.first_token_s is not None:
            self._stages.labels("first_token").observe(writing.first_token_s)
        self._stages.labels("generate").observe(writing.seconds)
        self._answers.labels(writing.outcome).inc()

    def on_ingest(self, outcome: IngestOutcome) -> None:
        self._documents.labels(outcome.verdict.value).inc()
        if outcome.verdict.new:
            self._pages.inc(outcome.n_pages)

    def stage_times(self) -> list[StageTimes]:
        """How long each stage took since the process began, from the buckets that /metrics has too."""
        counts: dict[str, list[tuple[float, float]]] = {}
        sums: dict[str, float] = {}
        for metric in self._stages.collect():
            for sample in metric.samples:
                stage = sample.labels["stage"]
                if sample.name.endswith("_bucket"):
                    bucket = float(sample.labels["le"]), sample.value
                    counts.setdefault(stage, []).append(bucket)
                elif sample.name.endswith("_sum"):
                    sums[stage] = sample.value
        return [stage_times(stage, buckets, sums[stage]) for stage, buckets in counts.items()]

    def text(self) -> bytes:
        """Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)
