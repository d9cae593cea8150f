"""A running service, as its handlers and doors know it."""

from __future__ import annotations

from dataclasses import dataclass

from api.http.limits.concurrency import Admission
from api.services.wiring import Services
from api.worker.webhooks import Webhooks
from api.worker.worker import Worker
from indexer.base.errors import JobConflict
from indexer.catalog.jobs.records import Job
from indexer.ingest.outcomes import IngestOutcome


@dataclass(slots=True)
class Running:
    """One running service.

    admission  how many questions are worked on at a time
    worker     runs jobs in a thread of this process; None where other processes do
    webhooks   tells of the jobs that end without a worker; None where nobody asked to be told
    """

    services: Services
    admission: Admission
    worker: Worker | None = None
    webhooks: Webhooks | None = None

    def tell_again(self, job: Job) -> None:
        """Tell the receivers of webhooks of a job that has ended, once more. Raises JobConflict."""
        if not job.state.ended:
            raise JobConflict(f"job {job.id} is {job.state}: it is told of when it has ended")
        if self.webhooks is None:
            raise JobConflict("nobody asked to be told: set PAGESIGHT_WEBHOOK_URL")
        self.webhooks.tell(job)

    def tell_end(self, job: Job, outcome: IngestOutcome) -> None:
        """Tell those who asked of a file that was refused before a worker saw it."""
        self.services.observers.on_ingest(outcome)
        if self.webhooks is not None:
            self.webhooks.tell(job)

    def wake_worker(self) -> None:
        """There are new jobs; a worker elsewhere finds them by itself."""
        if self.worker is not None:
            self.worker.wake()

    @property
    def data_dir(self) -> str:
        """The path that no answer tells; empty when it says nothing about this machine."""
        root = self.services.stores.folder.root
        return str(root) if root.is_absolute() else ""
