"""/v1/documents/ID/export: what was read of a document, as Markdown, HTML or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.http.deps import Documents, NamedDocument
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.uploads import clean_name
from api.services.authorization import SQL_INTEGER_MAX
from api.services.document_export import export
from api.services.keys import Scope
from indexer.inputs.kind import ending_of
from indexer.inputs.registry import ENDINGS
from indexer.layout.export.documents import ExportFormat

router = APIRouter(tags=["documents"], route_class=PolicyRoute)

_TEXT = {"schema": {"type": "string"}}


@router.get(
    "/documents/{document_id}/export",
    response_class=Response,
    responses={200: {"content": {format_.media_type: _TEXT for format_ in ExportFormat}}},
)
@policy(Scope.READ)
def export_document(
    document: NamedDocument,
    stores: Documents,
    format_: Annotated[
        ExportFormat, Query(alias="format", description="What to send.")
    ] = ExportFormat.MARKDOWN,
    page: Annotated[
        int | None,
        Query(ge=1, le=SQL_INTEGER_MAX, description="Only this page, by its number in the file."),
    ] = None,
) -> StreamingResponse:
    """The document as it was read, page by page: headings, paragraphs, tables, fields, notes, pictures.

    Running heads and feet are left out of Markdown. HTML always comes as a download.
    """
    pieces = export(stores.catalog, document, format_, page)
    own_name = clean_name(document.name)
    stem = own_name[: -len(ending_of(own_name))] if ending_of(own_name) in ENDINGS else own_name
    name = quote(stem + format_.suffix, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=utf-8''{name}",
        "Cache-Control": "private, no-cache",
    }
    return StreamingResponse(_utf8(pieces), media_type=format_.media_type, headers=headers)


def _utf8(pieces: Iterator[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode("utf-8", "replace")
