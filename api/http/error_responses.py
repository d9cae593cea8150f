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
from api.http.security_headers import SECURITY_HEADERS


def add_error_handlers(app: FastAPI, data_dir: str) -> None:
    """Answer every error in the one shape. `data_dir` is told to nobody."""

    async def answer_expected(request: Request, error: Exception) -> Response:
        return error_response(request, failure(error, data_dir))

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


_OPENAI = ("/v1/chat/", "/v1/models", "/v1/responses")  # their clients know OpenAI's errors


def for_people(request: Request) -> bool:
    """Whether a browser goes to this address: what scripts and programs ask for is no HTML."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def error_response(request: Request, refusal: Failure) -> Response:
    """The error as HTML for people, as JSON for programs."""
    headers = refusal.headers | {"Vary": "Accept"}
    if for_people(request):
        return HTMLResponse(_page(refusal), refusal.status, headers)
    error = refusal.body.error.model_dump()
    if request.url.path.startswith(_OPENAI):
        error = openai_error(error, refusal.status)
    return JSONResponse({"error": error}, refusal.status, headers)


def _page(refusal: Failure) -> str:
    error = refusal.body.error
    title = HTTPStatus(refusal.status).phrase
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
<p><a href="/">Ask a question</a> <a href="/library">See the documents</a></p>
</main>
</body>
</html>
"""
