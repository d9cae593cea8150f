"""A job in a worker's hands: its lease is renewed in the background, its progress recorded."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from types import TracebackType
from typing import Self

from indexer.base.errors import CatalogUnavailable, JobStalled, JobStopped
from indexer.base.pages import RenderedPage
from indexer.base.periodic_task import PeriodicTask
from indexer.catalog.database import Transaction, TransactionStep
from indexer.catalog.document_records import Document
from indexer.catalog.jobs.leases import JobLeases
from indexer.catalog.jobs.records import Lease

BEATS_PER_LEASE = 3
_LOOK_S = 1.0  # how often a cancelled job is noticed, and progress recorded

_log = logging.getLogger("pagesight.worker")


class LeasedJob:
    """Use it in `with`; the worker itself ends the lease or gives it back.

    stopping  whether this worker was asked to stop
    stall_s   seconds without a page after which the heartbeat ends too: a job that hangs goes elsewhere
    """

    def __init__(
        self, leases: JobLeases, lease: Lease, stopping: Callable[[], bool], stall_s: float
    ) -> None:
        self._leases = leases
        self._lease = lease
        self._stopping = stopping
        self._stall_s = stall_s
        self._sign_of_life = time.monotonic()
        self._progress: tuple[int, int | None] = (0, None)
        self._recorded_progress: tuple[int, int | None] = self._progress
        self._renewed_at = time.monotonic()
        self._lease_lost = Event()
        self._stall_noticed = Event()
        self._every_s = leases.lease_s / BEATS_PER_LEASE
        self._look_s = min(_LOOK_S, self._every_s)
        self._heartbeat = PeriodicTask(
            self._look_s, self._beat, name="heartbeat", on_error=self._warn
        )

    def __enter__(self) -> Self:
        self._renewed_at = time.monotonic()
        self._heartbeat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._heartbeat.stop()
        self._heartbeat.join()

    def on_page(self, n_done: int, n_pages: int) -> None:
        """Note the progress, which the next beat records."""
        self._progress = (n_done, n_pages)
        self._sign_of_life = time.monotonic()

    def check(self) -> None:
        """Is called at every page. Raises JobStopped, JobStalled."""
        if self._stall_noticed.is_set():
            raise JobStalled(
                f"no page for {self._stall_s:.0f} s: the job is left to another worker"
            )
        self._sign_of_life = time.monotonic()
        if self._lease_lost.is_set():
            raise JobStopped("the job was cancelled, or another worker has taken it over")
        if self._stopping():
            raise JobStopped("this worker is told to stop")

    def going_on(self, transaction: Transaction) -> None:
        """Take part in a transaction that shows pages of the job. Raises JobStopped."""
        self._leases.require(transaction, self._lease)

    def ending_with(self, document: Document) -> TransactionStep:
        """Return what ends the job inside the transaction that records its document."""

        def end(transaction: Transaction) -> None:
            self._leases.end_with_document(transaction, self._lease, document)

        return end

    def _beat(self) -> None:
        """Renew the lease when it is time or there is progress; end the heartbeat with the lease."""
        if time.monotonic() - self._sign_of_life > self._stall_s:
            _log.error("no page for %.0f s: the job is left to another worker", self._stall_s)
            self._stall_noticed.set()
            self._heartbeat.stop()
        elif not self._still_ours():
            self._lease_lost.set()
            self._heartbeat.stop()

    def _still_ours(self) -> bool:
        progress = self._progress
        overdue = time.monotonic() - self._renewed_at >= self._every_s - self._look_s
        if progress == self._recorded_progress and not overdue:
            return self._leases.holds(self._lease)
        is_ours = self._leases.renew(self._lease, *progress)
        self._renewed_at, self._recorded_progress = time.monotonic(), progress
        return is_ours

    def _warn(self, error: Exception) -> None:
        """Beat again at the next look, whatever was wrong."""
        is_away = isinstance(error, CatalogUnavailable)
        _log.warning("no heartbeat: %s", error, exc_info=None if is_away else error)


def while_leased(
    pages: Iterable[RenderedPage], leased_job: LeasedJob | None
) -> Iterator[RenderedPage]:
    """Yield the pages for as long as the job is ours. Raises JobStopped."""
    for page in pages:
        if leased_job is not None:
            leased_job.check()
        yield page
