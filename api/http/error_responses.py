"""Errors as responses: JSON for programs, the same words as a page for a person who followed a link."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.http.failures import (
    EXPECTED,
    Failure,
    error_body,
    failure,
    is_exhausted,
    openai_error,
)
from api.http.request_log import HEADER
from api.http.security_headers import SECURITY_HEADERS, content_policy
from api.services.signed_links import is_signed

PAGE_OF_DOCUMENT = "/pages/"
_TITLES = {"link_ended": "This link has ended"}


def add_error_handlers(app: FastAPI, data_dir: str, frame_origins: str = "") -> None:
    """Answer every error in the one shape.

    data_dir       is told to nobody
    frame_origins  sites that may show a page of a document in a frame, and what became of it
    """

    async def answer_expected(request: Request, error: Exception) -> Response:
        return error_response(request, failure(error, data_dir), frame_origins)

    async def answer_exhausted(request: Request, error: Exception) -> Response:
        if not is_exhausted(error):
            raise error
        return await answer_expected(request, error)

    async def answer_unexpected(request: Request, error: Exception) -> Response:
        # This response passes no middleware, and the server logs the error itself.
        id_of = {HEADER: request.scope["request_id"]} if "request_id" in request.scope else {}
        fault = Failure(500, error_body(error), SECURITY_HEADERS | id_of)
        return error_response(request, fault)

    for kind in EXPECTED:
        app.add_exception_handler(kind, answer_expected)
    for system_error in (OSError, MemoryError):
        app.add_exception_handler(system_error, answer_exhausted)
    app.add_exception_handler(Exception, answer_unexpected)


# Where OpenAI's clients ask, also for what is not here: they know OpenAI's errors.
_OPENAI = (
    "/v1/chat/", "/v1/models", "/v1/responses", "/v1/completions", "/v1/embeddings", "/v1/audio/",
    "/v1/images/", "/v1/moderations", "/v1/files", "/v1/threads", "/v1/assistants",
)  # fmt: skip
_OPENAI_HERE = (
    "nothing is at this address: of OpenAI's protocol there are /v1/models, /v1/chat/completions and "
    "/v1/responses"
)


def for_people(request: Request) -> bool:
    """Whether a browser goes to this address: what scripts and programs ask for is no HTML."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def error_response(request: Request, refusal: Failure, frame_origins: str = "") -> Response:
    """The error as HTML for people, as JSON for programs."""
    headers = refusal.headers | {"Vary": "Accept"}
    if for_people(request):
        if frame_origins and request.url.path.startswith(PAGE_OF_DOCUMENT):
            policy = content_policy(frame_ancestors=frame_origins)
            headers |= {"Content-Security-Policy": policy}
        return HTMLResponse(_page(request, refusal), refusal.status, headers)
    error = refusal.body.error.model_dump()
    if request.url.path.startswith(_OPENAI):
        error = openai_error(error, refusal.status)
        if refusal.body.error.code == "not_found":
            error["message"] = _OPENAI_HERE
    return JSONResponse({"error": error}, refusal.status, headers)


def in_frame(request: Request) -> bool:
    """Whether a page asks for this address as a part of itself."""
    return request.headers.get("sec-fetch-dest", "") in ("iframe", "frame")


def _page(request: Request, refusal: Failure) -> str:
    error = refusal.body.error
    title = _TITLES.get(error.code) or HTTPStatus(refusal.status).phrase
    sentence = error.message[:1].upper() + error.message[1:]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}: pagesight</title>
<link rel="icon" href="/web/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/web/style.css">
<link rel="stylesheet" href="/web/page.css">
</head>
<body class="page error">
<main>
<h1>{escape(title)}</h1>
<p dir="auto">{escape(sentence)}</p>
<p class="muted">{refusal.status}, {escape(error.code)}</p>
{_ways(request)}
</main>
</body>
</html>
"""


def _ways(request: Request) -> str:
    """Where to go from here. Who holds a signed link has no key; a frame shows nothing but pages."""
    if is_signed(request.url.query):
        return ""
    if in_frame(request):
        return '<p><a href="" target="_blank" rel="noopener">Open in a tab of its own</a></p>'
    return '<p><a href="/">Ask a question</a> <a href="/library">See the documents</a></p>'
