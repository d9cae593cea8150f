"""/v1/pages: one page, its image, its words, the video that it is a picture of."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.http.caching import BINARY, is_known
from api.http.cors import embeds_for
from api.http.deps import Calls, Documents, NamedPage, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.routes.document_files import file_response
from api.schemas.pages import PageResponse, PageTextResponse, page_body, page_text_body
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.page_regions import MAX_EDGE_PX, read_region
from api.services.stored_pages import page_image, page_words
from indexer.base.page_images import encode_page_image

router = APIRouter(prefix="/pages", tags=["pages"], route_class=PolicyRoute)

_FOR_A_WHILE = "private, max-age=3600"  # of a signed link, which ends
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
    responses={200: {"content": {"image/webp": BINARY}}, 304: {"description": "Not modified."}},
)
@policy(Scope.READ)
async def get_image(
    page_and_document: NamedPage,
    stores: Documents,
    running: Runs,
    caller: Calls,
    request: Request,
    width: Annotated[
        int | None,
        Query(ge=16, le=MAX_EDGE_PX, description="Pixels; of a whole page never more than stored."),
    ] = None,
    region: Annotated[
        str | None,
        Query(
            description="Only this part, drawn anew from the PDF: x0,y0,x1,y1 in page fractions.",
            examples=["0.1,0.2,0.5,0.3"],
        ),
    ] = None,
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The page image as WebP, as stored or smaller; or a region of it, as large as is asked for.

    Without `width` a region has as many pixels as it has on the stored image.
    """
    page, document = page_and_document
    part = None
    if region is not None:
        part = running.services.regions.part_in_width(page, read_region(region), width)
    smaller = width is not None and width < page.image_width_px
    etag = f'"{page.image_sha256}"'
    if part is not None:
        etag = f'"{page.image_sha256}-{"_".join(map(str, part.box))}-{part.size_px[0]}"'
    elif smaller:
        etag = f'"{page.image_sha256}-{width}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_A_WHILE if caller.by_link else _FOR_EVER}
    if _names_sites(caller) and await run_in_threadpool(_may_be_embedded, caller, request):
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    if part is not None:
        with await running.admission.renders.take():
            drawing = await run_in_threadpool(running.services.regions.image, page, document, part)
        data = await run_in_threadpool(encode_page_image, drawing.image)
        if not drawing.is_drawn:
            headers = {"Cache-Control": "private, no-cache"}
    elif smaller and width is not None:
        thumbnails = running.services.thumbnails
        source = partial(page_image, stores, page)
        data = await run_in_threadpool(thumbnails.get, page.image_sha256, width, source)
    else:
        data = await run_in_threadpool(page_image, stores, page)
    return Response(data, media_type="image/webp", headers=headers)


@router.get(
    "/{page_id}/video",
    response_class=FileResponse,
    responses={
        200: {"content": {"video/*": BINARY}},
        206: {"content": {"video/*": BINARY}, "description": "The bytes that Range names."},
        304: {"description": "Not modified."},
    },
)
@policy(Scope.READ)
def get_video(
    page_and_document: NamedPage,
    stores: Documents,
    caller: Calls,
    request: Request,
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
    byte_range: Annotated[str, Header(alias="range", include_in_schema=False)] = "",
) -> Response:
    """The video that the page is a picture of, or the part that `Range` names; 404 for other pages.

    Browsers play it from a second, such as `time_s` of the page, where `#t=20` stands behind its address.
    """
    page, document = page_and_document
    if page.time_s is None:
        raise HTTPException(404, "the page is no picture of a video: see /v1/documents/ID/file")
    response = file_response(
        document, stores, inline=True, if_none_match=if_none_match, byte_range=byte_range
    )
    if _names_sites(caller) and _may_be_embedded(caller, request):
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@router.get("/{page_id}/text")
@policy(Scope.READ)
def get_text(page_and_document: NamedPage, stores: Documents) -> PageTextResponse:
    """The page's words in reading order, each with its box, and the blocks and tables they belong to."""
    page, document = page_and_document
    return page_text_body(page, document, page_words(stores, page))


def _names_sites(caller: Caller) -> bool:
    settings = caller.services.settings
    return bool(settings.frame_origins or settings.cors_origins)


def _may_be_embedded(caller: Caller, request: Request) -> bool:
    """Say whether a page of another site may show what is sent: it is named, or holds a signed link."""
    services = caller.services
    return (
        embeds_for(request, services.settings)
        or services.links.holder_of(request.url.path, request.url.query) is not None
    )
