"""/v1/pages: one page, its image, its words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.http.caching import is_known
from api.http.deps import Documents, NamedPage, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.schemas.pages import PageResponse, PageTextResponse, page_body, page_text_body
from api.services.keys import Scope
from api.services.stored_pages import page_image, page_words

router = APIRouter(prefix="/pages", tags=["pages"], route_class=PolicyRoute)

MAX_WIDTH_PX = 4096
_FOR_EVER = "private, max-age=31536000, immutable"  # a page id is never given to another page


@router.get("/{page_id}")
@policy(Scope.READ)
def get_page(page_and_document: NamedPage) -> PageResponse:
    """One page: where it stands, how large it is."""
    page, document = page_and_document
    return page_body(page, document)


@router.get(
    "/{page_id}/image",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}}, 304: {"description": "Not modified."}},
)
@policy(Scope.READ)
def get_image(
    page_and_document: NamedPage,
    stores: Documents,
    running: Runs,
    width: Annotated[
        int | None, Query(ge=16, le=MAX_WIDTH_PX, description="Pixels; never larger than stored.")
    ] = None,
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The page image as WebP, as stored or smaller."""
    page, _ = page_and_document
    smaller = width is not None and width < page.image_width_px
    etag = f'"{page.image_sha256}-{width}"' if smaller else f'"{page.image_sha256}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER}
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    if smaller and width is not None:
        thumbnails = running.services.thumbnails
        data = thumbnails.get(page.image_sha256, width, lambda: page_image(stores, page))
    else:
        data = page_image(stores, page)
    return Response(data, media_type="image/webp", headers=headers)


@router.get("/{page_id}/text")
@policy(Scope.READ)
def get_text(page_and_document: NamedPage, stores: Documents) -> PageTextResponse:
    """The page's words in reading order, each with its box, and the blocks and tables they belong to."""
    page, document = page_and_document
    return page_text_body(page, document, page_words(stores, page))
