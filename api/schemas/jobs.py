"""Jobs as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import DocumentError
from indexer.catalog.jobs.records import Job, JobStage, JobState, QueueLoad


class JobResponse(BaseModel):
    """One file on its way into a collection.

    `state` is `queued`, `running`, `done`, `failed` or `cancelled`. `verdict` says what became of the file;
    `pages_total` is null until it has been opened. `stage` is `opening`, `reading` or `writing` while it
    runs; `seconds_left` is what its other pages take at the pace so far, null where that is not known yet. A
    queued job with an `error` waits, until `not_before`, for what the error names.
    """

    id: str
    collection: str
    name: str
    state: JobState
    priority: int
    cancel_requested: bool
    stage: JobStage | None
    pages_done: int
    pages_total: int | None
    seconds_left: float | None
    verdict: Verdict | None
    error: DocumentError | None
    document_id: str | None
    attempts: int
    not_before: datetime | None
    bytes: int
    sha256: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class UploadResponse(BaseModel):
    """One job for each file, in the order of the upload."""

    collection: str
    jobs: list[JobResponse]


class JobsResponse(BaseModel):
    """The newest first. `next_cursor` continues the list; null at its end.

    `queued` and `running` count all jobs of the collection, or of what may be read: also those that the list
    leaves out. So one call every few seconds shows what is going on. `seconds_left` is what all of them take,
    by their size and the pace of the last files: 0 where nothing waits or runs, null where none is known.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    jobs: list[JobResponse]
    n_queued: int = Field(serialization_alias="queued")
    n_running: int = Field(serialization_alias="running")
    seconds_left: float | None
    next_cursor: str | None


def jobs_address(collection: str, jobs: Sequence[Job]) -> str:
    """Return where to look for jobs that were queued together: the one, or those of the collection."""
    if len(jobs) == 1:
        return f"/v1/jobs/{jobs[0].id}"
    return f"/v1/jobs?{urlencode({'collection': collection})}"


def job_body(job: Job) -> JobResponse:
    fields = {name: getattr(job, name) for name in JobResponse.model_fields if name != "bytes"}
    return JobResponse(**fields, bytes=job.n_bytes)


def jobs_body(
    jobs: Sequence[Job], load: QueueLoad, seconds_left: float | None, next_cursor: str | None
) -> JobsResponse:
    return JobsResponse(
        jobs=[job_body(job) for job in jobs],
        n_queued=load.n_queued,
        n_running=load.n_running,
        seconds_left=seconds_left,
        next_cursor=next_cursor,
    )
