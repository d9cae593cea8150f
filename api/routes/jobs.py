"""/v1/jobs: what becomes of uploaded files."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http.cursors import key_of, next_cursor, number_of
from api.http.deps import Calls, Cursor, Jobs, NamedJob, Runs
from api.http.failures import error_body
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.running import Running
from api.http.streams.event_docs import ERROR_EVENT, component, events_of
from api.http.streams.event_streams import EventStream, sse
from api.schemas.jobs import (
    JobResponse,
    JobsResponse,
    job_body,
    jobs_address,
    jobs_body,
)
from api.services.keys import Scope
from indexer.base.errors import PagesightError
from indexer.catalog.jobs.records import Job, JobState

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=PolicyRoute)

LOOK_S = 0.25  # how often a followed job is looked at
ALIVE_S = 15.0  # a comment after so much silence, so that nobody in between ends the connection

_log = logging.getLogger("pagesight.api")


@router.get("")
@policy(Scope.READ)
def list_jobs(
    jobs: Jobs,
    caller: Calls,
    collection: Annotated[str | None, Query(description="Name of a collection.")] = None,
    state: JobState | None = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobsResponse:
    """Jobs, the newest first."""
    of = None if collection is None else caller.collection(collection).id
    before = None if cursor is None else number_of(key_of(cursor, 1)[0])
    newest_jobs = jobs.jobs(of, state, before=before, limit=limit, within=caller.collection_ids)
    following = next_cursor(newest_jobs, limit, lambda job: (str(job.number),))
    within = caller.collection_ids if of is None else {of}
    return jobs_body(newest_jobs, jobs.load(within), jobs.seconds_left(within), following)


@router.get("/{job_id}")
@policy(Scope.READ)
def get_job(job: NamedJob) -> JobResponse:
    """One job."""
    return job_body(job)


@router.post("/{job_id}/cancel")
@policy(Scope.WRITE)
def cancel_job(job: NamedJob, jobs: Jobs) -> JobResponse:
    """Cancel a job: at once when it is queued, at its next page when it runs."""
    return job_body(jobs.cancel(job.id))


@router.post("/{job_id}/retry")
@policy(Scope.WRITE)
def retry_job(job: NamedJob, running: Runs) -> JobResponse:
    """Queue a failed or cancelled job again."""
    queued_job = running.services.intake.retry(job.id)
    running.wake_worker()
    return job_body(queued_job)


@router.post("/{job_id}/replay", status_code=202)
@policy(Scope.WRITE)
def replay_job(job: NamedJob, running: Runs, response: Response) -> JobResponse:
    """Tell the receivers of webhooks of a job that has ended once more, under the same delivery id."""
    running.tell_again(job)
    response.headers["Location"] = jobs_address(job.collection, [job])
    return job_body(job)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses=events_of(
        progress=component("JobResponse"), end=component("JobResponse"), error=ERROR_EVENT
    ),
)
@policy(Scope.READ)
def follow_job(job: NamedJob, running: Runs) -> EventStream:
    """Server-sent events: `progress` with the job at every change, `end` with the job that has ended.

    Whatever fails after the first event ends the stream with an `error` event of the usual shape.
    """
    return EventStream(_events(job, running))


async def _events(job: Job, running: Running) -> AsyncIterator[bytes]:
    """When the client goes away, the server ends this generator at its next await."""
    last_body: JobResponse | None = None
    spoke = time.monotonic()
    try:
        while not job.state.ended:
            if (body := _progress_body(job)) != last_body:
                last_body, spoke = body, time.monotonic()
                yield sse("progress", job_body(job).model_dump_json().encode())
            elif time.monotonic() - spoke >= ALIVE_S:
                spoke = time.monotonic()
                yield b": alive\n\n"
            await anyio.sleep(LOOK_S)
            job = await run_in_threadpool(running.services.queue.job, job.id)
        yield sse("end", job_body(job).model_dump_json().encode())
    except PagesightError as error:
        yield sse("error", error_body(error, running.data_dir).model_dump_json().encode())
    except Exception as error:  # noqa: BLE001 - the status is sent: only an event can tell it
        _log.exception("the events of a job broke off")
        yield sse("error", error_body(error).model_dump_json().encode())


def _progress_body(job: Job) -> JobResponse:
    """Return the job without the time it still takes, which is another at every look."""
    return job_body(job).model_copy(update={"seconds_left": None})
