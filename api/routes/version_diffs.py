"""/v1/documents/ID/diff: what another version of a document has changed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.http.deps import Documents, NamedDocument
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.security_headers import content_policy
from api.schemas.version_diffs import VersionDiffResponse, diff_body
from api.services.keys import Scope
from api.services.version_comparison import VersionComparison

router = APIRouter(tags=["documents"], route_class=PolicyRoute)

_HTML = {"text/html": {"schema": {"type": "string"}}}
# The page of a browser that has no rights of the service: pictures and styles stand in the file itself.
_ALONE = content_policy(img_src="data:", style_src="'unsafe-inline'") + "; sandbox"


@router.get(
    "/documents/{document_id}/diff",
    response_model=VersionDiffResponse,
    responses={200: {"content": _HTML}},
)
@policy(Scope.READ)
def compare_versions(
    document: NamedDocument,
    stores: Documents,
    older_version: Annotated[
        str | None,
        Query(
            alias="with",
            max_length=64,
            description="The older version: its number, its id, or a date; left out: the one before.",
        ),
    ] = None,
    format_: Annotated[
        Literal["json", "html"], Query(alias="format", description="What to send.")
    ] = "json",
) -> Response | VersionDiffResponse:
    """The pages that this version has changed, added, removed or moved, and the words on them.

    HTML is one file that shows both side by side, with pictures of the first 200 pages that differ.
    """
    comparison = VersionComparison(stores)
    collection = stores.catalog.collections.by_id(document.collection_id).name
    terms = [] if older_version is None else [older_version, document.id]
    version_diff = comparison.of_terms(document.id, collection, terms)
    if format_ == "json":
        return diff_body(comparison, version_diff)
    headers = {"Content-Security-Policy": _ALONE, "Cache-Control": "private, no-cache"}
    pieces = (piece.encode("utf-8", "replace") for piece in comparison.html(version_diff))
    return StreamingResponse(pieces, media_type="text/html; charset=utf-8", headers=headers)
