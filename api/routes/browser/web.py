"""The web application and what it loads, and the description of the service for programs.

One HTML file stands at every address of the application: its router shows the view. Files are served by
a list of their names; no path of a request reaches the disk.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from api.http.caching import is_known
from api.http.deps import Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy

router = APIRouter(include_in_schema=False, route_class=PolicyRoute)

_FOLDER = Path(__file__).parents[2] / "web"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# What a page that is shown in the frame of another site loads; it says nothing of the documents.
_FRAMED = frozenset({"style.css", "page.css", "icon.svg"})
_FILES = {
    path.relative_to(_FOLDER).as_posix(): path
    for path in sorted(_FOLDER.rglob("*"))
    if path.suffix in _MEDIA_TYPES
}
# A language is a file of texts, and nothing else: the page reads from here which there are.
_LANGUAGES = " ".join(path.stem for path in _FILES.values() if path.parent.name == "texts")


@dataclass(frozen=True, slots=True)
class _Content:
    """The bytes of a file, plain and compressed, under a tag that changes with them."""

    plain_bytes: bytes
    gzip_bytes: bytes
    etag: str


@router.get("/")
@router.get("/ask")
@router.get("/ask/{conversation_id}")
@router.get("/search")
@router.get("/doc/{document_id}")
@router.get("/library")
@router.get("/library/{name}")
@router.get("/status")
@policy(scope=None)
def get_web_page(request: Request) -> Response:
    return _answer("index.html", request)


@router.get("/docs")
@policy(scope=None)
def get_docs_page(request: Request) -> Response:
    """The routes, for people. It loads nothing from elsewhere, as the pages of FastAPI would."""
    return _answer("docs/docs.html", request)


@router.get("/openapi.json")
@policy(scope=None)
def get_openapi(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


@router.get("/web/{name:path}")
@policy(scope=None)
def get_web_file(name: str, request: Request, running: Runs) -> Response:
    if name not in _FILES:
        raise HTTPException(404)
    response = _answer(name, request)
    if name in _FRAMED and running.services.settings.frame_origins:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _answer(name: str, request: Request) -> Response:
    path = _FILES[name]
    content = _content_of(name, path.stat().st_mtime_ns)
    headers = {"Cache-Control": "no-cache", "ETag": content.etag, "Vary": "Accept-Encoding"}
    if is_known(content.etag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    body = content.plain_bytes
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = content.gzip_bytes
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=_MEDIA_TYPES[path.suffix], headers=headers)


@lru_cache(maxsize=256)
def _content_of(name: str, modified_ns: int) -> _Content:
    """Read a file once for each time that it changes: whoever works on the page need not start anew."""
    plain_bytes = _FILES[name].read_bytes()
    if name.endswith(".html"):  # in a text {languages} is a value that the page itself fills in
        plain_bytes = plain_bytes.replace(b"{languages}", _LANGUAGES.encode())
    digest = hashlib.sha256(plain_bytes).hexdigest()[:32]
    return _Content(plain_bytes, gzip.compress(plain_bytes, mtime=0), f'"{digest}"')
