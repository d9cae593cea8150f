"""The web page and what it loads, served by name, and the description of the service for programs.

No path of a request reaches the disk.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse

from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy

router = APIRouter(include_in_schema=False, route_class=PolicyRoute)

_FOLDER = Path(__file__).parents[2] / "web"
_STYLES = ("docs.css", "library.css", "page.css", "style.css", "viewer.css")
_SCRIPTS = (
    "answer.js",
    "app.js",
    "docs.js",
    "dom.js",
    "http.js",
    "key.js",
    "library.js",
    "thumbs.js",
    "uploads.js",
    "viewer.js",
)
_KINDS = {
    **dict.fromkeys(("docs.html", "index.html"), "text/html"),
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(_STYLES, "text/css"),
    **dict.fromkeys(_SCRIPTS, "text/javascript"),
}


@router.get("/")
@policy(scope=None)
def get_web_page() -> FileResponse:
    return get_web_file("index.html")


@router.get("/docs")
@policy(scope=None)
def get_docs_page() -> FileResponse:
    """The routes, for people. It loads nothing from elsewhere, as the pages of FastAPI would."""
    return get_web_file("docs.html")


@router.get("/openapi.json")
@policy(scope=None)
def get_openapi(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


@router.get("/web/{name}")
@policy(scope=None)
def get_web_file(name: str) -> FileResponse:
    if name not in _KINDS:
        raise HTTPException(404)
    return FileResponse(
        _FOLDER / name, media_type=_KINDS[name], headers={"Cache-Control": "no-cache"}
    )
