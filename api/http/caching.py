"""Answers that a client has already, and parts of files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.http.failures import failure

# How an answer of bytes is described, so that generated clients hand them on.
BINARY = {"schema": {"type": "string", "format": "binary"}}

_REFUSED = {
    400: "the Range header cannot be read: send bytes=FIRST-LAST",
    416: "the file has no such bytes: Content-Range says how many it has",
}


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether the client has the content of `etag` already."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match.split(","))


class RangedFile(FileResponse):
    """A file, or the bytes of it that `Range` names (206); what it refuses has the one error shape."""

    def __init__(
        self, path: Path, *, judge: Callable[[str], None] | None = None, **options: Any
    ) -> None:
        """`judge` is called with the SHA-256 of all that was sent, before the last piece of a whole file.

        When it raises, the connection is cut, and the client knows that it has not got the file.
        """
        super().__init__(path, **options)
        self._judge = judge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Its own opening comes when the status is sent: without a descriptor the answer would break off.
        await run_in_threadpool(lambda: Path(self.path).open("rb").close())
        refusal: Response | None = None
        digest = hashlib.sha256()

        async def send_translated(message: MutableMapping[str, Any]) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and message["status"] in _REFUSED:
                refusal = _refusal(message)
            elif refusal is None:
                if self._judge is not None and message["type"] == "http.response.body":
                    digest.update(message.get("body", b""))
                    if not message.get("more_body", False):
                        self._judge(digest.hexdigest())
                await send(message)
            elif not message.get("more_body", False):
                await refusal(scope, receive, send)

        await super().__call__(scope, receive, send_translated)


def _refusal(message: MutableMapping[str, Any]) -> Response:
    status = message["status"]
    refusal = failure(HTTPException(status, _REFUSED[status]))
    forwarded_names = {b"content-range", b"accept-ranges"}
    headers = {
        k.decode(): v.decode() for k, v in message["headers"] if k.lower() in forwarded_names
    }
    return JSONResponse(refusal.body.model_dump(), status, headers)
