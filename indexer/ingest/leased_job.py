"""A job in a worker's hand: its lease is prolonged in the background, its progress told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from indexer.base.errors import CatalogUnavailable, JobStalled, JobStopped
from indexer.catalog.database import Transaction, TransactionStep
from indexer.catalog.document_records import Document
from indexer.catalog.job_records import Lease
from indexer.catalog.leases import JobLeases

BEATS_PER_LEASE = 3
_LOOK_S = 1.0  # how often a cancelled job is noticed, and progress told

_log = logging.getLogger("pagesight.worker")


class LeasedJob:
    """Use it in `with`; the lease itself is ended or given back by the worker.

    stopping  whether this worker is told to stop
    stall_s   seconds without a page after which the heart stops too: a job that hangs goes elsewhere
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
        self._lost = Event()
        self._stalled = Event()
        self._over = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def on_page(self, done: int, n_pages: int) -> None:
        """Progress, told at the next beat."""
        self._progress = (done, n_pages)
        self._sign_of_life = time.monotonic()

    def check(self) -> None:
        """Called at every page. Raises JobStopped, JobStalled."""
        if self._stalled.is_set():
            raise JobStalled(
                f"no page for {self._stall_s:.0f} s: the job is left to another worker"
            )
        self._sign_of_life = time.monotonic()
        if self._lost.is_set():
            raise JobStopped("the job was cancelled, or another worker has taken it over")
        if self._stopping():
            raise JobStopped("this worker is told to stop")

    def going_on(self, transaction: Transaction) -> None:
        """Part of a transaction that shows pages of the job. Raises JobStopped."""
        self._leases.require(transaction, self._lease)

    def ending_with(self, document: Document) -> TransactionStep:
        """What ends the job inside the transaction that records its document."""

        def end(transaction: Transaction) -> None:
            self._leases.end_with_document(transaction, self._lease, document)

        return end

    def _beat(self) -> None:
        every_s = self._leases.lease_s / BEATS_PER_LEASE
        look_s = min(_LOOK_S, every_s)
        last, told = time.monotonic(), self._progress
        while not self._over.wait(look_s):
            if time.monotonic() - self._sign_of_life > self._stall_s:
                _log.error("no page for %.0f s: the job is left to another worker", self._stall_s)
                self._stalled.set()
                return
            progress = self._progress
            try:
                if progress != told or time.monotonic() - last >= every_s - look_s:
                    kept = self._leases.renew(self._lease, *progress)
                    last, told = time.monotonic(), progress
                else:
                    kept = self._leases.holds(self._lease)
            except CatalogUnavailable as error:
                _log.warning("no heartbeat: %s", error)  # tried again at the next look
                continue
            if not kept:
                self._lost.set()
                return
