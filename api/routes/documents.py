"""/v1/documents, and those of a collection: list, change, download, delete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict

from api.http.caching import BINARY, RangedFile, is_known
from api.http.cursors import next_cursor
from api.http.deps import Cursor, Documents, NamedCollection, NamedDocument, Runs
from api.http.document_lists import DocumentSort, listing_of, place_in, place_of
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.http.security_headers import content_policy
from api.http.uploads import clean_name
from api.schemas.documents import DocumentResponse, DocumentsResponse, document_body
from api.schemas.jobs import JobResponse, job_body, jobs_address
from api.services.keys import Scope
from indexer.base.errors import DamagedBlob, DocumentNotFound, JobConflict
from indexer.catalog.document_records import Document
from indexer.stores import Stores

router = APIRouter(tags=["documents"], route_class=PolicyRoute)

# A larger file is compared with its hash while it is sent; where it is another the connection is cut.
CHECKED_FIRST_BYTES = 32 * 1024**2


# A browser's own PDF viewer: an object with the styles of the browser. Of the service it gets nothing.
_SHOWN_BY_BROWSERS = {
    "application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif",
    "video/mp4", "video/quicktime", "video/matroska", "video/webm",
}  # fmt: skip
_BROWSER_VIEWER = {"object_src": "'self'", "style_src": "'unsafe-inline'", "script_src": "'none'"}


class DocumentChanges(BaseModel):
    """What is given takes the place of what the document has; the rest stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"tags": ["manual", "pumps"], "metadata": {"year": "2026"}}]
        },
    )

    tags: list[Text] | None = None
    metadata: dict[Text, Text] | None = None


@router.get("/collections/{name}/documents")
@policy(Scope.READ)
def list_documents(
    collection: NamedCollection,
    stores: Documents,
    search: Annotated[
        str, Query(max_length=255, description="Only names that hold this, letters large or small.")
    ] = "",
    tag: Annotated[str | None, Query(description="Only documents with this tag.")] = None,
    is_refused: Annotated[
        bool | None,
        Query(alias="refused", description="Only what was refused, or only what was not."),
    ] = None,
    sort: Annotated[
        DocumentSort, Query(description="`-` before it: the other way round.")
    ] = "name",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentsResponse:
    """Documents of a collection in order, the refused ones with the reason."""
    listing = listing_of(search, tag, sort, is_refused=is_refused)
    documents = stores.catalog.documents.of_collection(
        collection.id,
        listing,
        after=None if cursor is None else place_in(listing, cursor),
        limit=limit,
    )
    return DocumentsResponse(
        collection=collection.name,
        documents=[document_body(document) for document in documents],
        next_cursor=next_cursor(documents, limit, partial(place_of, listing)),
    )


@router.get("/documents/{document_id}")
@policy(Scope.READ)
def get_document(document: NamedDocument) -> DocumentResponse:
    """One document."""
    return document_body(document)


@router.patch("/documents/{document_id}")
@policy(Scope.WRITE)
def change_document(
    document: NamedDocument, changes: DocumentChanges, stores: Documents
) -> DocumentResponse:
    """Set the tags of a document, or its metadata; what is not given stays as it is."""
    stores.catalog.documents.set_properties(document.id, changes.tags, changes.metadata)
    return document_body(stores.catalog.documents.get(document.id))


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


@router.post("/documents/{document_id}/retry", status_code=202)
@policy(Scope.WRITE)
def retry_document(document: NamedDocument, running: Runs, response: Response) -> JobResponse:
    """Queue the file of a refused document again, as long as its bytes are still kept."""
    if document.first_page_id is not None:
        raise JobConflict(f"{document.name!r} was not refused: there is nothing to try again")
    job = running.services.intake.retry_document(document)
    running.wake_worker()
    response.headers["Location"] = jobs_address(job.collection, [job])
    return job_body(job)


@router.get(
    "/documents/{document_id}/file",
    response_class=FileResponse,
    responses={
        200: {"content": {"*/*": BINARY}},
        206: {"content": {"*/*": BINARY}, "description": "The bytes that Range names."},
        304: {"description": "Not modified."},
    },
)
@policy(Scope.READ)
def get_file(
    document: NamedDocument,
    stores: Documents,
    inline: Annotated[
        bool, Query(description="Let a browser show the file instead of saving it.")
    ] = False,
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
    byte_range: Annotated[str, Header(alias="range", include_in_schema=False)] = "",
) -> Response:
    """The file itself, byte for byte, or the part that `Range` names; a download unless `inline` is set.

    A browser opens a PDF at page 9 where `#page=9` is added to its address, and a video at a second with
    `#t=151`. What a browser might run, such as
    HTML and SVG, is a download always.
    """
    if document.n_pages == 0:
        raise DocumentNotFound(f"{document.name!r} was refused, and its file was not kept")
    with _still_there(stores, document):
        path = stores.originals.local_path(document.sha256)
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
    media_type = document.media_type or "application/pdf"
    inline = inline and media_type in _SHOWN_BY_BROWSERS
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if inline:
        headers["Content-Security-Policy"] = content_policy(**_BROWSER_VIEWER)
    else:
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    return RangedFile(
        path,
        media_type=media_type,
        filename=clean_name(document.name),
        content_disposition_type="inline" if inline else "attachment",
        headers=headers,
        judge=None if is_checked else judge,
    )


@contextmanager
def _still_there(stores: Stores, document: Document) -> Iterator[None]:
    """Tell damage from a deletion that came between. Raises DocumentNotFound, DamagedBlob, Unreadable."""
    try:
        yield
    except DamagedBlob as error:
        stores.catalog.documents.get(document.id)
        stores.damage.report(error)
        raise
