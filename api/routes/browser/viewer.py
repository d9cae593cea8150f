"""/pages/ID: one page for people, with regions marked. Links and frames of chat programs show it.

Plain HTML and SVG: it needs no script, so it works wherever it is shown.
"""

from __future__ import annotations

import re
from html import escape
from typing import Annotated, NamedTuple

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse

from api.http.deps import Calls, NamedPage
from api.http.limits.bodies import PolicyRoute
from api.http.links import signing_for
from api.http.policy import policy
from api.http.security_headers import content_policy
from api.services.keys import Scope
from indexer.base.page_names import page_name, place_name
from indexer.base.pages import FractionBox
from indexer.catalog.document_records import Document, Page

router = APIRouter(include_in_schema=False, route_class=PolicyRoute)

MAX_BOXES = 50
_WIDTH_PX = 1600
_CLOSE_UP_WIDTH = 0.5  # least of a close-up, of the page's width
_CLOSE_UP_HEIGHTS = (0.1, 0.35)  # least and most, of the page's height
_CLOSE_UP_MARGIN = 0.02
_FRACTION = r"\d(?:\.\d{1,8})?"
_BOX = re.compile(rf"{_FRACTION}(?:,{_FRACTION}){{3}}")


@router.get("/pages/{page_id}")
@policy(Scope.READ)
def show_page(
    page_and_document: NamedPage,
    caller: Calls,
    box: Annotated[list[str] | None, Query(max_length=MAX_BOXES)] = None,
    light: Annotated[list[str] | None, Query(max_length=MAX_BOXES)] = None,
) -> HTMLResponse:
    """The page image with the boxes drawn on it, and the way to its neighbours and its file."""
    page, document = page_and_document
    origins = caller.services.settings.frame_origins
    # In the frame of another site the browser sends no cookie, and to it the site is a foreign one.
    sign = signing_for(caller) if caller.by_link or origins else str
    view = View(
        image_path=sign(f"/v1/pages/{page.id}/image?width={_WIDTH_PX}"),
        video_path="" if page.time_s is None else sign(f"/v1/pages/{page.id}/video"),
        boxes=[_box(text) for text in box or ()],
        light_boxes=[_box(text) for text in light or ()],
        has_ways=not caller.by_link,
    )
    html = _html(page, document, view)
    # Where both are sent, browsers follow the policy and not X-Frame-Options.
    headers = (
        {"Content-Security-Policy": content_policy(frame_ancestors=origins)} if origins else {}
    )
    return HTMLResponse(html, headers=headers | {"Cache-Control": "private, no-cache"})


def _box(text: str) -> FractionBox:
    if not _BOX.fullmatch(text):
        raise HTTPException(422, "a box is four page fractions: box=0.1,0.2,0.5,0.3")
    x0, y0, x1, y1 = (min(float(value), 1.0) for value in text.split(","))
    return (x0, y0, x1, y1)


class View(NamedTuple):
    """How a page is shown. `has_ways`: to its neighbours and its file, which a signed link does not open.

    video_path  of the video that the page is a picture of; "" where there is none
    """

    image_path: str
    video_path: str
    boxes: list[FractionBox]
    light_boxes: list[FractionBox]
    has_ways: bool


def _html(page: Page, document: Document, view: View) -> str:
    title = escape(page.place_in(document.name))
    name = page_name(page.page_number, page.label, document.n_pages, time_s=page.time_s)
    heading = escape(place_name(document.name, name, time_s=page.time_s))
    width, height = page.image_width_px, page.image_height_px
    marks = "".join(
        f'<rect{style} x="{x0 * width:.1f}" y="{y0 * height:.1f}" '
        f'width="{max(x1 - x0, 0) * width:.1f}" height="{max(y1 - y0, 0) * height:.1f}"/>'
        for style, own in ((' class="light"', view.light_boxes), ("", view.boxes))
        for x0, y0, x1, y1 in own
    )
    close_up = _close_up(page, view.boxes[0]) if view.boxes else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/web/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/web/style.css">
<link rel="stylesheet" href="/web/page.css">
</head>
<body class="page">
<header><h1>{heading}</h1>
{_ways(page, document) if view.has_ways else ""}</header>
{_player(view.video_path, page.time_s)}{close_up}<main>
<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
<g id="sheet"><image href="{escape(view.image_path)}" width="{width}" height="{height}"/>
{marks}</g></svg></main>
</body>
</html>
"""


def _player(video_path: str, time_s: float | None) -> str:
    if not video_path:
        return ""
    source = escape(f"{video_path}#t={time_s:g}")
    return f'<video controls preload="metadata" src="{source}"></video>\n'


def _close_up(page: Page, box: FractionBox) -> str:
    """The marked region once more, large: shown where the whole page is too small to be read."""
    width, height = page.image_width_px, page.image_height_px
    x0, y0, x1, y1 = close_up_of(box)
    view_box = (
        f"{x0 * width:.1f} {y0 * height:.1f} {(x1 - x0) * width:.1f} {(y1 - y0) * height:.1f}"
    )
    return f"""<figure class="close-up" aria-hidden="true"><svg viewBox="{view_box}">
<use href="#sheet"/></svg></figure>
"""


def close_up_of(box: FractionBox) -> FractionBox:
    """Return the part of the page around a box, wide and high enough to see what stands beside it."""
    x0, y0, x1, y1 = box
    min_height, max_height = _CLOSE_UP_HEIGHTS
    width = min(max(x1 - x0 + 2 * _CLOSE_UP_MARGIN, _CLOSE_UP_WIDTH), 1.0)
    height = min(max(y1 - y0 + 2 * _CLOSE_UP_MARGIN, min_height), max_height)
    left = min(max((x0 + x1 - width) / 2, 0.0), 1.0 - width)
    # Of a box that is higher than all that is shown, the beginning.
    top = (y0 + y1 - height) / 2 if y1 - y0 < height else y0 - _CLOSE_UP_MARGIN
    top = min(max(top, 0.0), 1.0 - height)
    return left, top, left + width, top + height


def _ways(page: Page, document: Document) -> str:
    links = ""
    if page.page_number > 1:
        links += f'<a rel="prev" href="/pages/{page.id - 1}">Previous</a>'
    if page.page_number < document.n_pages:
        links += f'<a rel="next" href="/pages/{page.id + 1}">Next</a>'
    file = "PDF" if document.media_type in (None, "application/pdf") else "File"
    return f'<nav>{links}<a href="/v1/documents/{document.id}/file">{file}</a></nav>'
