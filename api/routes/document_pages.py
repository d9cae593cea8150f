"""/v1/documents/{id}/pages: the pages of a document by number."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.cursors import key_of, next_cursor, number_of
from api.http.deps import Cursor, Documents, NamedDocument
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.schemas.pages import DocumentPagesResponse, page_body
from api.services.keys import Scope

router = APIRouter(tags=["documents"], route_class=PolicyRoute)


@router.get("/documents/{document_id}/pages")
@policy(Scope.READ)
def list_pages(
    document: NamedDocument,
    stores: Documents,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentPagesResponse:
    """Pages of a document by number, with their ids, labels and sizes."""
    after = 0 if cursor is None else number_of(key_of(cursor, 1)[0])
    pages = stores.catalog.pages.of_document(document.id, after=after, limit=limit)
    if not pages:
        stores.catalog.documents.get(
            document.id
        )  # raises DocumentNotFound where it was deleted now
    return DocumentPagesResponse(
        document_id=document.id,
        document=document.name,
        collection=stores.catalog.collections.by_id(document.collection_id).name,
        pages=[page_body(page, document) for page in pages],
        next_cursor=next_cursor(pages, limit, lambda page: (str(page.page_number),)),
    )
