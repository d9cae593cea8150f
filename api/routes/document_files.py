"""/v1/documents/ID/file: the file as it came, checked before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import FileResponse

from api.http.caching import BINARY, RangedFile, is_known
from api.http.deps import Documents, NamedDocument
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.security_headers import content_policy
from api.http.uploads import clean_name
from api.services.keys import Scope
from indexer.base.errors import DamagedBlob, DocumentNotFound
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
    `#t=151`. What a browser might run, such as HTML and SVG, is a download always.
    """
    return file_response(
        document, stores, inline=inline, if_none_match=if_none_match, byte_range=byte_range
    )


def file_response(
    document: Document, stores: Stores, *, inline: bool, if_none_match: str, byte_range: str
) -> Response:
    """Send a file that is checked; `inline`: for a browser to show, where it shows files of the kind.

    Raises DocumentNotFound for one that was refused, DamagedBlob, Unreadable.
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
