"""/v1/documents, and those of a collection: upload, list, download, delete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.http.caching import RangedFile, is_known
from api.http.cursors import key_of, next_cursor
from api.http.deps import Calls, Cursor, Documents, NamedCollection, NamedDocument, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.uploads import clean_name, receive_files
from api.schemas.documents import DocumentResponse, DocumentsResponse, document_body
from api.schemas.ingest import IngestResponse, ingest_body
from api.schemas.jobs import UploadResponse, job_body
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.errors import DamagedBlob, DocumentNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import Document, DocumentError
from indexer.catalog.jobs.records import Job
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source
from indexer.stores import Stores

router = APIRouter(tags=["documents"], route_class=PolicyRoute)

MAX_PRIORITY = 100
# A larger file is compared with its hash while it is sent; where it is another the connection is cut.
CHECKED_FIRST_BYTES = 32 * 1024**2

_LOOK_S = 0.1  # how often the jobs of an upload that waits are looked at
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_MULTIPART = {"schema": {"type": "object", "properties": {"files": _FILES}, "required": ["files"]}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": _MULTIPART}}
}


@router.post(
    "/collections/{name}/documents",
    response_model=UploadResponse | IngestResponse,
    status_code=202,
    responses={
        202: {"model": UploadResponse, "description": "The files are kept, their jobs are queued."},
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
    indexed does not fail the request: its job says why. A file above PAGESIGHT_MAX_FILE_BYTES ends
    the upload with 413, and nothing of it is kept.
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
        )
    running.wake_worker()
    if not wait:
        return UploadResponse(collection=collection.name, jobs=[job_body(job) for job in jobs])
    outcomes = await _outcomes(services, jobs, request)
    response.status_code = 201 if any(outcome.verdict.new for outcome in outcomes) else 200
    return ingest_body(collection.name, outcomes)


@router.get("/collections/{name}/documents")
@policy(Scope.READ)
def list_documents(
    collection: NamedCollection,
    stores: Documents,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentsResponse:
    """Documents of a collection by name, the refused ones with the reason."""
    after = None
    if cursor is not None:
        last_name, last_id = key_of(cursor, 2)
        after = (last_name, last_id)
    documents = stores.catalog.documents.of_collection(collection.id, after=after, limit=limit)
    return DocumentsResponse(
        collection=collection.name,
        documents=[document_body(document) for document in documents],
        next_cursor=next_cursor(documents, limit, lambda document: (document.name, document.id)),
    )


@router.get("/documents/{document_id}")
@policy(Scope.READ)
def get_document(document: NamedDocument) -> DocumentResponse:
    """One document."""
    return document_body(document)


@router.delete("/documents/{document_id}", status_code=204)
@policy(Scope.WRITE)
def delete_document(
    document: NamedDocument,
    stores: Documents,
    name: Annotated[
        str | None, Query(description="Take only this name of several from it.")
    ] = None,
) -> None:
    """Delete a document and its attachments: they are in no answer from now on."""
    if name is None:
        stores.delete_document(document.id)
    else:
        stores.delete_name(document.id, name)


@router.get(
    "/documents/{document_id}/file",
    response_class=FileResponse,
    responses={
        200: {"content": {"*/*": {}}},
        206: {"content": {"*/*": {}}, "description": "The bytes that Range names."},
        304: {"description": "Not modified."},
    },
)
@policy(Scope.READ)
def get_file(
    document: NamedDocument,
    stores: Documents,
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
    byte_range: Annotated[str, Header(alias="range", include_in_schema=False)] = "",
) -> Response:
    """The file itself, byte for byte, or the part that `Range` names, always as a download."""
    if document.n_pages == 0:
        raise DocumentNotFound(f"{document.name!r} was refused, and its file was not kept")
    with _still_there(stores, document):
        is_checked = stores.originals.is_checked(document.sha256)
        is_small = stores.originals.n_bytes(document.sha256) <= CHECKED_FIRST_BYTES
        if not is_checked and (is_small or byte_range):
            stores.originals.require(document.sha256)
            is_checked = True

    def judge(sha256: str) -> None:
        if sha256 != document.sha256:
            with _still_there(stores, document):
                raise stores.originals.damage_of(document.sha256)

    etag = f'"{document.sha256}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; sandbox",  # whatever opens it in a browser
    }
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    return RangedFile(
        stores.originals.path(document.sha256),
        media_type=document.media_type or "application/pdf",
        filename=clean_name(document.name),
        headers=headers,
        judge=None if is_checked else judge,
    )


def _charge(caller: Caller, sources: Sequence[Source]) -> None:
    """Count an upload to the quota of its key. Raises QuotaReached."""
    if caller.key is not None:
        n_bytes = sum(source.path.stat().st_size for source in sources)
        caller.services.quotas.take_upload(caller.key, n_bytes, len(sources))


@contextmanager
def _still_there(stores: Stores, document: Document) -> Iterator[None]:
    """Tell damage from a deletion that came between. Raises DocumentNotFound, DamagedBlob, Unreadable."""
    try:
        yield
    except DamagedBlob as error:
        stores.catalog.documents.get(document.id)
        stores.damage.report(error)
        raise


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
