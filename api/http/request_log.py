"""Every request: its id, one line in the log, and its part of the metrics."""

from __future__ import annotations

import logging
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from api.base.logs import request_id, request_id_of
from api.telemetry.metrics import Metrics
from api.telemetry.traces import Traces

_log = logging.getLogger("pagesight.http")

HEADER = "X-Request-ID"
_MAX_PATH = 200
_QUIET = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds by machines
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class RequestLog:
    """Takes or makes the request's id, tells it to the client, and tells log and metrics the end.

    The log has the path, never what follows the question mark: a heat map's query stands there.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, traces: Traces | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        current = request_id_of(Headers(scope=scope).get(HEADER))
        request_id.set(current)  # this task is the request's own
        scope["request_id"] = current  # for the answer to an error that nothing expected
        status, n_bytes, began, head_s = 500, 0, time.perf_counter(), None

        async def send_seen(message: MutableMapping[str, Any]) -> None:
            nonlocal status, n_bytes, head_s
            if message["type"] == "http.response.start":
                status, head_s = message["status"], time.perf_counter() - began
                MutableHeaders(scope=message)[HEADER] = current
            n_bytes += len(message.get("body", b""))
            await send(message)

        self._metrics.requests_running.inc()
        try:
            await self._run_traced(scope, receive, send_seen)
        finally:
            self._metrics.requests_running.dec()
            self._tell(scope, status, n_bytes, began, head_s)

    async def _run_traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._traces is None:
            await self._app(scope, receive, send)
            return
        status = 500

        async def send_noted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        with self._traces.request(_method(scope), Headers(scope=scope)) as span:
            try:
                await self._app(scope, receive, send_noted)
            finally:
                span.update_name(f"{_method(scope)} {_route(scope)}")
                span.set_attribute("http.route", _route(scope))
                span.set_attribute("http.response.status_code", status)

    def _tell(
        self, scope: Scope, status: int, n_bytes: int, began: float, head_s: float | None
    ) -> None:
        took_s = time.perf_counter() - began
        route, method = _route(scope), _method(scope)
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.response_s.labels(method, route).observe(took_s if head_s is None else head_s)
        _log.log(
            logging.DEBUG if route in _QUIET else logging.INFO,
            "request",
            extra={
                "method": method,
                "path": scope["path"][:_MAX_PATH],
                "route": route,
                "status": status,
                "bytes": n_bytes,
                "ms": round(took_s * 1e3, 1),
            },
        )


def _route(scope: Scope) -> str:
    """The route as it is written in the code; what no route took is one for all."""
    route = scope.get("route")
    if route is None:
        return "none"
    inside = scope["path"].startswith("/v1/") and not route.path.startswith("/v1/")
    return f"/v1{route.path}" if inside else str(route.path)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"
