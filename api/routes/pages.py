"""/v1/pages: one page, its image, its words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel

from api.http.bodies import PolicyRoute
from api.http.caching import is_known
from api.http.deps import PageId, Runs
from api.http.policy import policy
from api.services.keys import Scope
from indexer.base.page_images import encode_page_image, open_page_image
from indexer.base.pages import FractionBox, fraction_box

router = APIRouter(prefix="/pages", tags=["pages"], route_class=PolicyRoute)

MAX_WIDTH_PX = 4096
_FOR_EVER = "private, max-age=31536000, immutable"  # a page id is never given to another page


class PageResponse(BaseModel):
    id: int
    document_id: str
    document: str
    page_number: int
    page_label: str
    width_pt: float
    height_pt: float
    image_width_px: int
    image_height_px: int
    vectors: int
    text_source: str


class WordBody(BaseModel):
    """A word; words with the same `line` stand on one line."""

    text: str
    box: FractionBox
    line: int


class PageTextResponse(BaseModel):
    """`source` is `text` (the PDF's text layer), `ocr` (read from the image) or `none`."""

    page_id: int
    page_number: int
    source: str
    text: str
    words: list[WordBody]


@router.get("/{page_id}")
@policy(Scope.READ)
def get_page(page_id: PageId, running: Runs) -> PageResponse:
    """One page: where it stands, how large it is."""
    page, document = running.services.stores.catalog.pages.with_document(page_id)
    return PageResponse(
        id=page.id,
        document_id=document.id,
        document=document.name,
        page_number=page.page_number,
        page_label=page.label,
        width_pt=page.width_pt,
        height_pt=page.height_pt,
        image_width_px=page.image_width_px,
        image_height_px=page.image_height_px,
        vectors=page.n_vectors,
        text_source=page.text_source,
    )


@router.get(
    "/{page_id}/image",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}}, 304: {"description": "Not modified."}},
)
@policy(Scope.READ)
def get_image(
    page_id: PageId,
    running: Runs,
    width: Annotated[
        int | None, Query(ge=16, le=MAX_WIDTH_PX, description="Pixels; never larger than stored.")
    ] = None,
    if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The page image as WebP, as stored or smaller."""
    stores = running.services.stores
    page, _ = stores.catalog.pages.with_document(page_id)
    smaller = width is not None and width < page.image_width_px
    etag = f'"{page.image_sha256}-{width}"' if smaller else f'"{page.image_sha256}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER}
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    data = stores.images.read(page.image_sha256)
    if smaller and width is not None:
        data = _resized(data, width)
    return Response(data, media_type="image/webp", headers=headers)


@router.get("/{page_id}/text")
@policy(Scope.READ)
def get_text(page_id: PageId, running: Runs) -> PageTextResponse:
    """The page's words in reading order, each with its box."""
    catalog = running.services.stores.catalog
    page, _ = catalog.pages.with_document(page_id)
    words = catalog.pages.words([page_id])[page_id]
    return PageTextResponse(
        page_id=page.id,
        page_number=page.page_number,
        source=words.source,
        text=words.text(),
        words=[
            WordBody(text=text, box=fraction_box(box), line=int(line))
            for text, box, line in zip(words.texts, words.boxes, words.lines, strict=True)
        ],
    )


def _resized(data: bytes, width: int) -> bytes:
    """A WebP image, narrower. Raises DamagedFile."""
    return encode_page_image(open_page_image(data, width))
