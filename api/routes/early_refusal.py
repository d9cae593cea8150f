"""Refuses a question that would find no place, before anything of it is read or looked up.

It stands before all else that a request passes: what can do no more must say so at next to no cost, or
saying so is all it does. Hence one prepared response, and one line in the log for all refusals of a second.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache

from prometheus_client import Counter
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.admission import Admission
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
            error = places.refused()
            prepared = _response(str(error), error.retry_after_s)
            its_id = request_id_of(Headers(scope=scope).get(HEADER)).encode()
            headers = [*prepared.raw_headers, (HEADER.lower().encode(), its_id)]
            status = prepared.status_code
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": prepared.body})

    def _note(self) -> None:
        self._requests.labels("POST", "none", "503").inc()
        if not self._n_untold:
            asyncio.get_running_loop().call_later(_LINE_EVERY_S, self._tell)
        self._n_untold += 1

    def _tell(self) -> None:
        _log.warning("busy: refused %d questions", self._n_untold, extra={"status": 503})
        self._n_untold = 0


@cache
def _response(message: str, retry_after_s: int) -> JSONResponse:
    told = failure(Overloaded(message, retry_after_s))
    return JSONResponse(told.body.model_dump(), told.status, told.headers | SECURITY_HEADERS)
