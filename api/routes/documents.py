"""/v1/documents, and those of a collection: list, change, delete."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from api.http.cursors import next_cursor
from api.http.deps import Cursor, Documents, NamedCollection, NamedDocument, Runs
from api.http.document_lists import DocumentSort, listing_of, place_in, place_of
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.schemas.documents import DocumentResponse, DocumentsResponse, document_body
from api.schemas.jobs import JobResponse, job_body, jobs_address
from api.services.keys import Scope
from indexer.base.errors import JobConflict

router = APIRouter(tags=["documents"], route_class=PolicyRoute)


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
