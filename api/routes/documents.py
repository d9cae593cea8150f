"""/v1/documents, and those of a collection: upload, list, download, delete."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.deps import Running, Runs
from api.schemas import DocumentResponse, IngestResponse, document_body, ingest_body
from api.uploads import clean_name, receive_files, upload_folder
from api.wiring import Services
from indexer.catalog.records import Collection
from indexer.errors import DamagedFile, DocumentNotFound
from indexer.pipeline import IngestOutcome
from indexer.sources import Source
from indexer.verdicts import Verdict

router = APIRouter(tags=["documents"])

_NEW = (Verdict.INDEXED, Verdict.INDEXED_WITH_WARNINGS)
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_MULTIPART = {"schema": {"type": "object", "properties": {"files": _FILES}, "required": ["files"]}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": _MULTIPART}}
}


class DocumentsResponse(BaseModel):
    collection: str
    documents: list[DocumentResponse]


@router.post(
    "/collections/{name}/documents",
    response_model=IngestResponse,
    responses={201: {"model": IngestResponse, "description": "At least one file is new."}},
    openapi_extra=_UPLOAD,
)
async def upload_documents(name: str, request: Request, response: Response, running: Runs) -> Any:
    """Upload PDF files and index them, one file after another.

    For now the request waits for the outcome; jobs that can be followed come later. A file that
    cannot be indexed does not fail the request: its `verdict` and `error` say why. A file above
    PAGESIGHT_MAX_FILE_BYTES ends the upload with 413, and nothing of it is kept.
    """
    services = running.services
    collection = await run_in_threadpool(_target, services, name)
    with ExitStack() as kept:
        folder = kept.enter_context(upload_folder(services.stores.folder))
        limits = services.settings.max_file_bytes, services.settings.max_upload_files
        sources = await receive_files(request, folder, *limits)
        until_ingested = kept.pop_all()
    ingest = running.ingests.submit(_ingest, running, collection, sources, until_ingested)
    # Shielded: a file that is being indexed is finished, whoever still waits for it.
    outcomes = await asyncio.shield(asyncio.wrap_future(ingest))
    response.status_code = 201 if any(one.verdict in _NEW for one in outcomes) else 200
    return ingest_body(collection.name, outcomes)


@router.get("/collections/{name}/documents")
def list_documents(name: str, running: Runs) -> DocumentsResponse:
    """All documents of a collection by name, the refused ones with the reason."""
    catalog = running.services.stores.catalog
    found = catalog.documents(catalog.collection(name).id)
    return DocumentsResponse(collection=name, documents=[document_body(one) for one in found])


@router.get("/documents/{document_id}")
def get_document(document_id: str, running: Runs) -> DocumentResponse:
    """One document."""
    return document_body(running.services.stores.catalog.document(document_id))


@router.delete("/documents/{document_id}", status_code=204)
def delete_document(document_id: str, running: Runs) -> None:
    """Delete a document: it is in no answer from now on."""
    running.services.stores.delete_document(document_id)


@router.get("/documents/{document_id}/file", response_class=FileResponse)
def get_file(document_id: str, running: Runs) -> FileResponse:
    """The PDF itself, byte for byte, always as a download."""
    stores = running.services.stores
    document = stores.catalog.document(document_id)
    if document.n_pages == 0:
        raise DocumentNotFound(f"{document.name!r} was refused, and its file was not kept")
    if not stores.originals.intact(document.sha256, deep=False):
        raise DamagedFile(
            f"the original of {document.name!r} is missing: run `pagesight verify --repair`"
        )
    return FileResponse(
        stores.originals.path(document.sha256),
        media_type="application/pdf",
        filename=clean_name(document.name),
        headers={"ETag": f'"{document.sha256}"', "Cache-Control": "private, no-cache"},
    )


def _target(services: Services, name: str) -> Collection:
    """The collection, checked before the first byte of an upload is read."""
    collection = services.stores.catalog.collection(name)
    services.pipeline.check_encoder(collection)
    return collection


def _ingest(
    running: Running, collection: Collection, sources: list[Source], until_ingested: ExitStack
) -> list[IngestOutcome]:
    with until_ingested:
        outcomes = [running.services.pipeline.ingest(collection, one) for one in sources]
    running.encoder_loaded |= any(one.verdict in _NEW for one in outcomes)
    return outcomes
