"""POST /v1/collections/{name}/documents: files in, a job for each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.deps import Calls, NamedCollection, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.uploads import receive_files
from api.schemas.ingest import IngestResponse, ingest_body
from api.schemas.jobs import UploadResponse, job_body, jobs_address
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.errors import DocumentNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import DocumentError
from indexer.catalog.jobs.records import Job
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source

router = APIRouter(tags=["documents"], route_class=PolicyRoute)

MAX_PRIORITY = 100

_LOOK_S = 0.1  # how often the jobs of an upload that waits are looked at
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_TAGS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Tags that every file is given beside those it has.",
}
_METADATA = {
    "type": "string",
    "description": "A JSON object of names and text values that every file is given.",
}
_FIELDS = {"files": _FILES, "tags": _TAGS, "metadata": _METADATA}
_MULTIPART = {"schema": {"type": "object", "properties": _FIELDS, "required": ["files"]}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": _MULTIPART}}
}


@router.post(
    "/collections/{name}/documents",
    response_model=UploadResponse,
    status_code=202,
    responses={
        202: {
            "model": UploadResponse,
            "description": "The files are kept, their jobs are queued: `Location` says where they are.",
        },
        200: {"model": IngestResponse, "description": "With `wait`: no file is new."},
        201: {"model": IngestResponse, "description": "With `wait`: at least one file is new."},
    },
    openapi_extra=_UPLOAD,
)
@policy(Scope.WRITE, max_body_bytes=None)
async def upload_documents(
    collection: NamedCollection,
    request: Request,
    response: Response,
    running: Runs,
    caller: Calls,
    wait: Annotated[bool, Query(description="Answer when every job has ended.")] = False,
    priority: Annotated[
        int, Query(ge=-MAX_PRIORITY, le=MAX_PRIORITY, description="The highest runs first.")
    ] = 0,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="A name of the client's choice for this upload: sent again with the same "
            "files, it answers with the same jobs; with other files it is refused.",
        ),
    ] = None,
) -> Any:
    """Upload files; each becomes a job. `GET /v1/kinds` lists what can be read.

    The answer comes when every file is on the disk and can no longer be lost. A file that cannot be
    indexed does not fail the request: its job says why. That of an empty file, or of one of no kind that is
    read, has failed already when the answer comes. A file above PAGESIGHT_MAX_FILE_BYTES ends the upload with
    413, and nothing of it is kept.
    """
    services = running.services
    # Checked before the first byte is read.
    n_bytes_left = None
    if caller.key is not None:
        n_bytes_left = await run_in_threadpool(services.quotas.bytes_left, caller.key)
    await run_in_threadpool(services.pipeline.check_encoder, collection)
    with ExitStack() as resources:
        folder = await run_in_threadpool(
            resources.enter_context, services.stores.folder.staging_folder("upload-")
        )
        limits = services.settings.max_file_bytes, services.settings.max_upload_files
        sources = await receive_files(request, folder, *limits, n_bytes_left)
        await run_in_threadpool(_charge, caller, sources)
        jobs = await run_in_threadpool(
            services.intake.move_in,
            collection,
            sources,
            priority=priority,
            key=caller.upload_key(idempotency_key),
            refusal_of=partial(services.first_look.refusal, collection),
        )
    for job in jobs:
        if job.state.ended:
            running.tell_end(job, await run_in_threadpool(_outcome, services, job))
    running.wake_worker()
    if not wait:
        response.headers["Location"] = jobs_address(collection.name, jobs)
        return UploadResponse(collection=collection.name, jobs=[job_body(job) for job in jobs])
    outcomes = await _outcomes(services, jobs, request)
    status = 201 if any(outcome.verdict.new for outcome in outcomes) else 200
    body = ingest_body(collection.name, outcomes)
    return Response(body.model_dump_json(), status, media_type="application/json")


def _charge(caller: Caller, sources: Sequence[Source]) -> None:
    """Count an upload to the quota of its key. Raises QuotaReached."""
    if caller.key is not None:
        n_bytes = sum(source.path.stat().st_size for source in sources)
        caller.services.quotas.take_upload(caller.key, n_bytes, len(sources))


async def _outcomes(
    services: Services, jobs: Sequence[Job], request: Request
) -> list[IngestOutcome]:
    """What became of the jobs, once all have ended; of the first few when nobody waits any more."""
    outcomes: list[IngestOutcome] = []
    for job in jobs:
        while not job.state.ended:
            if await request.is_disconnected():
                return outcomes
            await anyio.sleep(_LOOK_S)
            job = await run_in_threadpool(services.queue.job, job.id)
        outcomes.append(await run_in_threadpool(_outcome, services, job))
    return outcomes


def _outcome(services: Services, job: Job) -> IngestOutcome:
    cancellation = DocumentError("cancelled", "the job was cancelled")
    verdict = job.verdict or Verdict.FAILED
    warnings: tuple[str, ...] = ()
    if verdict.searchable and job.document_id is not None:
        with suppress(DocumentNotFound):  # deleted meanwhile
            warnings = services.stores.catalog.documents.get(job.document_id).warnings
    seconds = 0.0
    if job.started_at is not None and job.ended_at is not None:
        seconds = (job.ended_at - job.started_at).total_seconds()
    return IngestOutcome(
        name=job.name,
        verdict=verdict,
        document_id=job.document_id,
        n_pages=job.pages_done if verdict.searchable else 0,
        seconds=seconds,
        error=job.error if job.verdict else cancellation,
        warnings=warnings,
    )
