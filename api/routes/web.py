"""The web page and what it loads, served by name: no path of a request reaches the disk."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent.parent / "web"
_STYLES = ("library.css", "page.css", "style.css", "viewer.css")
_SCRIPTS = (
    "answer.js",
    "app.js",
    "dom.js",
    "http.js",
    "key.js",
    "library.js",
    "thumbs.js",
    "uploads.js",
    "viewer.js",
)
_KINDS = {
    "index.html": "text/html",
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(_STYLES, "text/css"),
    **dict.fromkeys(_SCRIPTS, "text/javascript"),
}


@router.get("/")
def get_web_page() -> FileResponse:
    return get_web_file("index.html")


@router.get("/web/{name}")
def get_web_file(name: str) -> FileResponse:
    if name not in _KINDS:
        raise HTTPException(404)
    return FileResponse(
        _FOLDER / name, media_type=_KINDS[name], headers={"Cache-Control": "no-cache"}
    )
