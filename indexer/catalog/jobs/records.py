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


class JobStage(StrEnum):
    """What a running job is at. Pages are read and encoded side by side: that is one stage."""

    OPENING = "opening"
    READING = "reading"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is refused before a worker has seen it, and the document that remembers it."""

    verdict: Verdict
    error: DocumentError
    document_id: str | None


@dataclass(frozen=True, slots=True)
class JobDraft:
    """A file that is about to be queued, whose bytes are stored already.

    properties  tags and metadata that its bytes have from then on, beside what they have
    refusal     its job has ended before it began, and nothing is stored
    """

    name: str
    sha256: str
    n_bytes: int
    properties: DocumentProperties = NO_PROPERTIES
    refusal: Refusal | None = None


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

    @property
    def stage(self) -> JobStage | None:
        """What it is at; None unless it runs."""
        if self.state is not JobState.RUNNING:
            return None
        if self.pages_total is None:
            return JobStage.OPENING
        return JobStage.READING if self.pages_done < self.pages_total else JobStage.WRITING

    @property
    def seconds_left(self) -> float | None:
        """How long its other pages take at the pace so far, at its last heartbeat; None: not known."""
        begin, beat = self.started_at, self.heartbeat_at
        if self.stage is not JobStage.READING or not self.pages_done or not (begin and beat):
            return None
        pace_s = max((beat - begin).total_seconds(), 0.0) / self.pages_done
        return round(pace_s * ((self.pages_total or 0) - self.pages_done), 1)


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs there are of a kind; `n_failed` of all that ever ended so."""

    n_queued: int
    n_running: int
    n_failed: int


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
