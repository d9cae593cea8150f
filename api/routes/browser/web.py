"""The web page and what it loads, served by name, and the description of the service for programs.

No path of a request reaches the disk.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse

from api.http.deps import Runs
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
# What a page that is shown in the frame of another site loads; it says nothing of the documents.
_FRAMED = frozenset({"style.css", "page.css", "icon.svg"})
_KINDS = {
    **dict.fromkeys(("docs.html", "index.html"), "text/html"),
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(_STYLES, "text/css"),
    **dict.fromkeys(_SCRIPTS, "text/javascript"),
}


@router.get("/")
@policy(scope=None)
def get_web_page() -> FileResponse:
    return _file("index.html")


@router.get("/docs")
@policy(scope=None)
def get_docs_page() -> FileResponse:
    """The routes, for people. It loads nothing from elsewhere, as the pages of FastAPI would."""
    return _file("docs.html")


@router.get("/openapi.json")
@policy(scope=None)
def get_openapi(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


@router.get("/web/{name}")
@policy(scope=None)
def get_web_file(name: str, running: Runs) -> FileResponse:
    if name not in _KINDS:
        raise HTTPException(404)
    file = _file(name)
    if name in _FRAMED and running.services.settings.frame_origins:
        file.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return file


def _file(name: str) -> FileResponse:
    return FileResponse(
        _FOLDER / name, media_type=_KINDS[name], headers={"Cache-Control": "no-cache"}
    )
