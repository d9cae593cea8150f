"""Refuses a question that would find no place, before anything of it is read or looked up.

It stands before all else that a request passes: what can do no more must say so at next to no cost, or
saying so is all it does. Hence one prepared response, and one line in the log for all refusals of a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
from functools import cache

from prometheus_client import Counter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.admission import BUSY, Admission
from api.errors import Overloaded
from api.logs import request_id_of
from api.routes.failures import failure
from api.routes.headers import SECURITY_HEADERS
from api.routes.requests_seen import HEADER

_log = logging.getLogger("pagesight.http")
_LINE_EVERY_S = 1.0


class RefuseEarly:
    """requests  counts them by method, route and status"""

    def __init__(self, app: ASGIApp, admission: Admission, requests: Counter) -> None:
        self._app = app
        self._admission = admission
        self._requests = requests
        self._n_untold = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        places = None
        if scope["type"] == "http":
            places = self._admission.of(scope["method"], scope["path"])
        if places is None:
            await self._app(scope, receive, send)
        elif not places.full:
            with places.expecting():
                await self._app(scope, receive, send)
        else:
            self._note()
            start, body = _response(places.refused().retry_after_s)
            its_id = request_id_of(Headers(scope=scope).get(HEADER)).encode()
            await send({**start, "headers": [*start["headers"], (HEADER.lower().encode(), its_id)]})
            await send(body)

    def _note(self) -> None:
        self._requests.labels("POST", "none", "503").inc()
        if not self._n_untold:
            asyncio.get_running_loop().call_later(_LINE_EVERY_S, self._tell)
        self._n_untold += 1

    def _tell(self) -> None:
        _log.warning("busy: refused %d questions", self._n_untold, extra={"status": 503})
        self._n_untold = 0


@cache
def _response(retry_after_s: int) -> tuple[Message, Message]:
    told = failure(Overloaded(BUSY, retry_after_s))
    body = json.dumps(told.body.model_dump()).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        **told.headers,
        **SECURITY_HEADERS,
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return (
        {"type": "http.response.start", "status": told.status, "headers": raw},
        {"type": "http.response.body", "body": body},
    )
