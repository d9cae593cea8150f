"""Refuse a question that would find no slot, before anything of it is read or looked up.

A full service must refuse at next to no cost, or it does nothing but refuse. Hence one prepared response,
and one line in the log for all refusals of a second.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import cache, cached_property

from prometheus_client import Counter
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.base.logs import request_id_of
from api.http.failures import failure
from api.http.limits.concurrency import Admission, ConcurrencyLimiter, busy
from api.http.policy import RoutePolicies
from api.http.request_log import HEADER
from api.http.security_headers import SECURITY_HEADERS

_log = logging.getLogger("pagesight.http")
_LINE_EVERY_S = 1.0
_ID_NAME = HEADER.lower().encode()


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """A whole response, but for the id of its request. Made once for all requests that it answers."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class LoadShedder:
    """Tells the client, the metrics and the log what one service refuses.

    admission  the limiters of searches and answers
    policies   of the routes: which of the limiters a request will ask for
    requests   counts them by method, route and status
    """

    def __init__(self, admission: Admission, policies: RoutePolicies, requests: Counter) -> None:
        self._admission = admission
        self._policies = policies
        self._requests = requests
        self._n_untold = 0

    @cached_property
    def _counter(self) -> Counter:
        """Is made at the first refusal: a service that never refused has no such figure."""
        return self._requests.labels("POST", "none", "503")

    def limiter_of(self, method: str, path: str) -> ConcurrencyLimiter | None:
        """The limiter that a request will ask for a slot; None where it never waits.

        None for `/mcp`, too: only its tool says what it asks for, and the tool's result says a refusal.
        """
        limit = self._policies.limit_of(method, path)
        return None if limit is None else self._admission.of(limit)

    def refuse(self, limiter: ConcurrencyLimiter) -> Refusal:
        """Return the answer to one more request to `limiter`, which is full."""
        self._counter.inc()
        if not self._n_untold:
            asyncio.get_running_loop().call_later(_LINE_EVERY_S, self._tell)
        self._n_untold += 1
        return _refusal(limiter.turn_away())

    def _tell(self) -> None:
        _log.warning("busy: refused %d questions", self._n_untold, extra={"status": 503})
        self._n_untold = 0


class ShedLoad:
    """Stands before all else that a request passes in the application."""

    def __init__(self, app: ASGIApp, refusals: LoadShedder) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limiter = None
        if scope["type"] == "http":
            limiter = self._refusals.limiter_of(scope["method"], scope["path"])
        if limiter is None or not limiter.full:
            await self._app(scope, receive, send)  # it counts when its body has come: `PolicyRoute`
        else:
            refusal = self._refusals.refuse(limiter)
            own_id = request_id_of(Headers(scope=scope).get(HEADER))
            headers = [*refusal.headers, (_ID_NAME, own_id.encode())]
            start = {"type": "http.response.start", "status": refusal.status, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": refusal.body})


@cache
def _refusal(retry_after_s: int) -> Refusal:
    overload = failure(busy(retry_after_s))
    headers = overload.headers | SECURITY_HEADERS
    response = JSONResponse(overload.body.model_dump(), overload.status, headers)
    return Refusal(response.status_code, tuple(response.raw_headers), bytes(response.body))
