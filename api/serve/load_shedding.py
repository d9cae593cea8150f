"""Refuse a question that would find no place, before anything of it is read or looked up.

A full service must refuse at next to no cost, or it does nothing but refuse. Hence one prepared response,
and one line in the log for all refusals of a second. `refusing_protocol` refuses even earlier, where it can.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
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
_TICK_S = 0.02  # a refused client waits half of it in the mean; a refusal may take 50 ms
ID_NAME = HEADER.lower().encode()


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
        self._at_tick: list[Callable[[], None]] = []

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

    def refuse(self, places: ConcurrencyLimiter) -> Refusal:
        """Return the answer to one more request for `places`, which are full."""
        self._counter.inc()
        if not self._n_untold:
            asyncio.get_running_loop().call_later(_LINE_EVERY_S, self._tell)
        self._n_untold += 1
        return _refusal(places.turn_away())

    def at_next_tick(self, call: Callable[[], None]) -> None:
        """Call it together with all others that are given until then."""
        if not self._at_tick:
            asyncio.get_running_loop().call_later(_TICK_S, self._tick)
        self._at_tick.append(call)

    def _tick(self) -> None:
        calls, self._at_tick = self._at_tick, []
        for call in calls:
            call()

    def _tell(self) -> None:
        _log.warning("busy: refused %d questions", self._n_untold, extra={"status": 503})
        self._n_untold = 0


def id_header(own_id: str | None) -> tuple[bytes, bytes]:
    """Return the header with the client's own id of its request, or with a new one."""
    return ID_NAME, request_id_of(own_id).encode()


class ShedLoad:
    """Stands before all else that a request passes in the application."""

    def __init__(self, app: ASGIApp, refusals: LoadShedder) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        places = None
        if scope["type"] == "http":
            places = self._refusals.limiter_of(scope["method"], scope["path"])
        if places is None:
            await self._app(scope, receive, send)
        elif not places.full:
            with places.expecting():
                await self._app(scope, receive, send)
        else:
            refusal = self._refusals.refuse(places)
            headers = [*refusal.headers, id_header(Headers(scope=scope).get(HEADER))]
            start = {"type": "http.response.start", "status": refusal.status, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": refusal.body})


@cache
def _refusal(retry_after_s: int) -> Refusal:
    overload = failure(busy(retry_after_s))
    headers = overload.headers | SECURITY_HEADERS
    response = JSONResponse(overload.body.model_dump(), overload.status, headers)
    return Refusal(response.status_code, tuple(response.raw_headers), bytes(response.body))
