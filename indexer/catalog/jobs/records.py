"""What the queue says of its jobs: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import DocumentError


class JobState(StrEnum):
    """Derived from a job's row and the time, stored nowhere."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class JobDraft:
    """A file that is about to be queued, whose bytes are stored already.

    properties  tags and metadata that its bytes have from then on, beside what they have
    """

    name: str
    sha256: str
    n_bytes: int
    properties: DocumentProperties = NO_PROPERTIES


@dataclass(frozen=True, slots=True)
class Job:
    """One file on its way into a collection.

    number         order of arrival; of two jobs with equal priority the lower one runs first
    priority       the higher one runs first
    attempts       times that a worker took it and did not give it back
    lease_until    a worker that is silent until then has lost the job to the next one
    not_before     a queued job waits until then, for the reason in `error`
    pages_total    None until the document has been opened
    verdict        None until the job has ended, and for ever when it was cancelled
    document_id    id of the document that was indexed or refused
    """

    id: str
    number: int
    collection_id: str
    collection: str
    name: str
    sha256: str
    n_bytes: int
    priority: int
    state: JobState
    cancel_requested: bool
    attempts: int
    lease_owner: str | None
    lease_until: datetime | None
    heartbeat_at: datetime | None
    not_before: datetime | None
    pages_done: int
    pages_total: int | None
    verdict: Verdict | None
    error: DocumentError | None
    document_id: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job, for as long as nobody has raised the job's token."""

    job_id: str
    token: int


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """What the queue has to do.

    oldest_waiting_s  None when nothing waits
    workers           names of those that hold a job
    """

    n_queued: int
    n_running: int
    oldest_waiting_s: float | None
    workers: tuple[str, ...]
