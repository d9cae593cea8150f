"""The worker: takes jobs from the queue, one at a time, until it is told to stop.

`pagesight worker` is one in a process of its own, `pagesight serve` has one beside its requests.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from uuid import uuid4

from api.services.wiring import Services
from api.worker.webhooks import Webhooks, webhooks_of
from indexer.base.errors import (
    DamagedFile,
    EncoderAway,
    EncoderMismatch,
    JobNotFound,
    JobStalled,
    JobStopped,
    PagesightError,
    StorageError,
)
from indexer.base.periodic_task import PeriodicTask
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import DocumentError
from indexer.catalog.jobs.bell import listening
from indexer.catalog.jobs.records import Job, Lease
from indexer.ingest.leased_job import LeasedJob
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source

POLL_S = 1.0  # how often an idle worker looks at the queue
POSTPONED_S = 30.0  # a job waits so long after a full disk or a busy data folder

_log = logging.getLogger("pagesight.worker")


class Worker:
    """Runs jobs of the collections that its encoders made; others wait for a worker of theirs.

    on_end  called with every job that this worker has ended
    """

    def __init__(
        self, services: Services, on_end: Callable[[Job, IngestOutcome], None] | None = None
    ) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.alive = True  # until `run` has ended
        self._services = services
        self._on_end = on_end
        self._webhooks = webhooks_of(services.settings)
        self._drain = False
        self._bell = listening(services.database, self.wake)
        self._task = PeriodicTask(
            POLL_S, self._work, name="worker", on_error=self._go_on, on_end=self._close
        )

    def run(self, *, drain: bool = False) -> None:
        """Work in the calling thread until `stop`, or until nothing is left to `drain`.

        A database that does not answer is waited for.
        """
        self._begin(drain=drain)
        self._task.run()

    def start(self, *, drain: bool = False, daemon: bool = True) -> None:
        """Work as `run` does, in a thread of its own; the process waits for one that is no daemon."""
        self._begin(drain=drain)
        self._task.start(daemon=daemon)

    def _begin(self, *, drain: bool) -> None:
        self._drain = drain
        self._task.wake()
        if self._bell is not None and not drain:
            self._bell.start()

    def join(self, wait_s: float | None = None) -> None:
        """Return when the thread has ended, or after `wait_s` seconds."""
        self._task.join(wait_s)

    def stop(self) -> None:
        """Give the job back at its next page and leave `run`. May be called from a signal handler."""
        self._task.stop()

    def wake(self) -> None:
        """Look at the queue now: there is a new job."""
        self._task.wake()

    def _work(self) -> None:
        """Run jobs until there is none to take."""
        while not self._task.stopping:
            if not self.work_once():
                if self._drain:
                    self._task.stop()
                return

    def _go_on(self, error: Exception) -> None:
        """The worker's boundary: the lease of a job that broke off runs out, and the job comes again."""
        if isinstance(error, PagesightError):
            _log.error("the queue cannot be read, trying again: %s", error)
        else:
            _log.error("a job broke off", exc_info=error)

    def _close(self) -> None:
        self.alive = False
        if self._bell is not None:
            self._bell.stop()
        if self._webhooks is not None:
            self._webhooks.close()

    def work_once(self) -> bool:
        """Run one job, if there is one; whatever is wrong with it ends the job, not the worker."""
        collections = self._collections()
        claim = self._services.leases.claim(self.owner, list(collections))
        if claim is None:
            return False
        job, lease = claim
        try:
            outcome = self._run(collections[job.collection_id], job, lease)
        except JobStalled as error:  # the lease runs out, and the attempt counts
            _log.error("%s: %s", job.name, error)
            return True
        except JobStopped as error:
            _log.info("gave back %s: %s", job.name, error)
            self._services.leases.give_back(lease)
            return True
        self._end(job, lease, outcome)
        return True

    def _collections(self) -> dict[str, Collection]:
        """Return the collections that this worker can index into, by id."""
        encoders = self._services.encoders
        collections = self._services.stores.catalog.collections.all()
        return {
            collection.id: collection
            for collection in collections
            if encoders.knows(collection.fingerprint)
        }

    def _run(self, collection: Collection, job: Job, lease: Lease) -> IngestOutcome:
        stall_s = self._services.settings.job_stall_s
        with LeasedJob(
            self._services.leases, lease, lambda: self._task.stopping, stall_s
        ) as leased_job:
            try:
                source = self._source(job)
                return self._services.pipeline.ingest(
                    collection, source, leased_job.on_page, leased_job
                )
            except JobStopped:
                raise
            except EncoderMismatch as error:  # it was encoded anew: another worker may know how
                raise JobStopped(str(error)) from error
            except Exception as error:  # noqa: BLE001 - the job boundary: what the pipeline could not store
                _log.exception("%s failed", job.name)
                return _failure(job, error)

    def _source(self, job: Job) -> Source:
        """Return the uploaded bytes. Raises DamagedFile, Unreadable."""
        originals = self._services.stores.originals
        path = originals.local_path(job.sha256)
        if not originals.intact(job.sha256, deep=True):
            raise DamagedFile("the uploaded bytes are gone or damaged: upload the file again")
        return Source(path, job.name, given_at=job.created_at)

    def _end(self, job: Job, lease: Lease, outcome: IngestOutcome) -> None:
        leases = self._services.leases
        if outcome.try_again and outcome.error is not None:
            _log.warning("%s waits: %s", job.name, outcome.error.message)
            leases.postpone(lease, outcome.error, POSTPONED_S)
            return
        # No effect where the document's own transaction has ended the job.
        if not leases.finish(
            lease, outcome.verdict, outcome.error, outcome.document_id, outcome.n_pages
        ):
            leases.give_back(lease)  # cancelled at the last moment
        self._tell(job, outcome)

    def _tell(self, job: Job, outcome: IngestOutcome) -> None:
        """Tell those who asked, unless the job went to another worker or its collection is gone."""
        try:
            job = self._services.queue.job(job.id)
        except JobNotFound:
            return
        if not job.state.ended:
            return
        fields = {"job_id": job.id, "collection": job.collection, "pages": outcome.n_pages}
        _log.info("%s: %s", job.name, outcome.verdict.value, extra=fields)
        self._services.observers.on_ingest(outcome)
        if self._on_end is not None:
            self._on_end(job, outcome)
        if self._webhooks is not None:
            self._webhooks.tell(job)

    @property
    def webhooks(self) -> Webhooks | None:
        return self._webhooks


def _failure(job: Job, error: Exception) -> IngestOutcome:
    document_error = DocumentError.of(error)
    # A read error, a busy folder or an encoder that is away is no verdict: the job waits.
    waits = isinstance(error, StorageError | OSError | EncoderAway) and not isinstance(
        error, DamagedFile
    )
    return IngestOutcome(job.name, Verdict.FAILED, None, 0, 0.0, document_error, try_again=waits)
