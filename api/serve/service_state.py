"""What a scrape of /metrics asks a running service: its limits, its encoder, its queue and its recall."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.http.limits.receiving import BodyMemory
from api.http.running import Running
from api.serve.connections import Connections
from indexer.base.errors import PagesightError


class ServiceState(Collector):
    """Metrics that are asked for at the moment of a scrape: of the catalog and of this process."""

    def __init__(self, running: Running, connections: Connections, body_memory: BodyMemory) -> None:
        self._running = running
        self._connections = connections
        self._body_memory = body_memory

    def describe(self) -> Iterable[Metric]:
        return ()  # or registering would ask the catalog

    def collect(self) -> Iterator[Metric]:
        yield from self._process()
        yield from self._socket()
        yield from self._places()
        yield from self._webhooks()
        yield from self._disk()
        try:
            catalog = [*self._queue(), *self._recall(), *self._remains()]
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
            float(running.services.encoder.loaded),
        )  # fmt: skip

    def _socket(self) -> Iterator[Metric]:
        connections = self._connections
        yield _gauge("pagesight_connections", "Open connections.", connections.n_open)
        yield _gauge(
            "pagesight_connections_max", "Most connections at a time.", connections.max_connections
        )
        yield _gauge("pagesight_body_bytes", "Request bodies in memory.", self._body_memory.n_bytes)
        endings = CounterMetricFamily(
            "pagesight_connections_ended", "Connections that the service ended.", labels=["why"]
        )
        for why, n in connections.n_ended.items():
            endings.add_metric([why], n)
        yield endings

    def _webhooks(self) -> Iterator[Metric]:
        webhooks = self._running.webhooks
        if webhooks is None:
            return
        yield _gauge("pagesight_webhooks_waiting", "Ends of jobs to be told.", webhooks.n_waiting)
        ends = CounterMetricFamily(
            "pagesight_webhooks",
            "Ends of jobs: told, given_up, dropped.",
            labels=["end"],
        )
        for end, n in webhooks.n_ended.items():
            ends.add_metric([end], n)
        yield ends

    def _places(self) -> Iterator[Metric]:
        """Of answers and of searches."""
        places = GaugeMetricFamily(
            "pagesight_admission", "Questions that have a place, and that wait for one.",
            labels=["of", "state"],
        )  # fmt: skip
        refusals = CounterMetricFamily(
            "pagesight_admission_refused", "Questions that were refused.", labels=["of"]
        )
        for limiter in self._running.admission.all:
            places.add_metric([limiter.name, "working"], limiter.n_taken)
            places.add_metric([limiter.name, "waiting"], limiter.n_queued)
            refusals.add_metric([limiter.name], limiter.n_refused)
        yield places
        yield refusals

    def _disk(self) -> Iterator[Metric]:
        stores = self._running.services.stores
        yield _gauge(
            "pagesight_read_only", "Whether nothing is written, as the disk is full or fails.",
            float(bool(stores.folder.space.read_only_reason())),
        )  # fmt: skip
        damage = GaugeMetricFamily(
            "pagesight_damaged_files", "What is damaged and not mended yet.", labels=["kind"]
        )
        for kind, n in Counter(entry.kind for entry in stores.damage.entries()).items():
            damage.add_metric([kind], n)
        yield damage
        with suppress(OSError):
            yield _gauge(
                "pagesight_disk_free_bytes", "Free on the disk of the data folder.",
                float(stores.folder.space.free_bytes),
            )  # fmt: skip

    def _queue(self) -> Iterator[Metric]:
        load = self._running.services.queue.load()
        jobs = GaugeMetricFamily("pagesight_jobs", "Jobs that have not ended.", labels=["state"])
        jobs.add_metric(["queued"], load.n_queued)
        jobs.add_metric(["running"], load.n_running)
        yield jobs
        yield _gauge(
            "pagesight_jobs_oldest_waiting_seconds", "Age of the oldest queued job; 0: none waits.",
            load.oldest_waiting_s or 0.0,
        )  # fmt: skip

    def _remains(self) -> Iterator[Metric]:
        """What is on the disk and is to go."""
        services = self._running.services
        pending = services.reclaimer.pending()
        yield _gauge(
            "pagesight_deleted_bytes", "Deleted, and still on the disk.", float(pending.n_bytes)
        )
        n_bytes = sum(batch.n_bytes for batch in services.stores.quarantine.batches())
        yield _gauge("pagesight_quarantine_bytes", "In quarantine.", float(n_bytes))

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
        for collection in services.stores.catalog.collections.all():
            report = services.searcher.recall(collection.name)
            if report.recall is not None:
                recall.add_metric([collection.name], report.recall)
                samples.add_metric([collection.name], report.n_sampled)
        yield recall
        yield samples


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)
