"""The HTTP service: routes, errors and headers put together around services that are given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.concurrency import contextmanager_in_threadpool
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from api.base.version import version_of_this
from api.http.authentication import Authentication
from api.http.cors import CrossOrigin
from api.http.deps import KEY_HEADER, authorize, refuse_cross_site
from api.http.error_responses import add_error_handlers
from api.http.failures import ErrorResponse
from api.http.head_requests import HeadAsGet
from api.http.hosts import HostNames
from api.http.limits.concurrency import Admission
from api.http.limits.receiving import BodyMemory, ReceiveInTime
from api.http.openapi import without_request_defaults
from api.http.policy import RoutePolicies
from api.http.request_log import RequestLog
from api.http.running import Running
from api.http.security_headers import SecurityHeaders
from api.routes import (
    chat,
    collections,
    conversations,
    document_files,
    document_pages,
    documents,
    exports,
    extraction,
    health,
    heatmaps,
    jobs,
    keys,
    kinds,
    mcp,
    pages,
    questions,
    responses,
    samples,
    status,
    uploads,
    version_diffs,
    web_files,
)
from api.routes import metrics as metrics_route
from api.routes.browser import session, viewer, web
from api.routes.products import dify, open_webui
from api.serve.connections import Connections, NoteRequests, limits_of
from api.serve.load_shedding import LoadShedder, ShedLoad
from api.serve.service_state import ServiceState
from api.services.wiring import Services
from api.telemetry.metrics import Metrics
from api.telemetry.traces import Traces
from api.worker.background_compaction import background_compaction
from api.worker.background_mending import background_mending
from api.worker.background_reclaiming import background_reclaiming
from api.worker.webhooks import webhooks_of
from api.worker.worker import Worker

_STOP_S = 60.0  # a worker that is inside one page for longer is left to its lease

_ERROR = {"model": ErrorResponse, "description": "What is wrong, and what to do."}
_ERRORS: dict[int | str, dict[str, Any]] = {422: _ERROR, "4XX": _ERROR, "5XX": _ERROR}

_GUARDS = [Depends(refuse_cross_site), Depends(authorize)]

_DESCRIPTION = """\
Answers questions over pages of documents by looking at them, and shows the page that proves it.

Boxes are `[x0, y0, x1, y1]` in page fractions 0..1, origin top left. Page numbers count from 1.
Every error has the body `{"error": {"message", "type", "code", "param"}}`.
"""


class _Service(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Return the description of the service, made once."""
        if not self.openapi_schema:
            self.openapi_schema = without_request_defaults(super().openapi())
        return self.openapi_schema


def create_app(
    services: Services, *, listens_on: str | None = None, traces: Traces | None = None
) -> FastAPI:
    """The service over `services`. Loads no model; the first request that needs one does.

    listens_on  the address at which it listens; None: it is called directly, by whatever name
    """
    app = _Service(
        title="pagesight",
        version=version_of_this(),
        description=_DESCRIPTION,
        routes=_routes(),
        dependencies=_GUARDS,  # also of a route that somebody adds
        openapi_url=None,  # a route of our own, as it needs a policy
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        # Its own spans would tell the query of a heat map; ours are in `traces`.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.running = Running(services, Admission(services.settings))
    app.state.metrics = metrics = Metrics()
    app.state.connections = Connections(limits_of(services.settings))
    body_memory = BodyMemory(services.settings.max_body_memory_bytes)
    metrics.registry.register(ServiceState(app.state.running, app.state.connections, body_memory))
    services.observers.all += [metrics] if traces is None else [metrics, traces]
    add_error_handlers(app, app.state.running.data_dir, services.settings.frame_origins)
    policies = RoutePolicies(app.routes)
    app.state.refusals = LoadShedder(app.state.running.admission, policies, metrics.requests)
    hosts = None if listens_on is None else HostNames(services.settings, listens_on=listens_on)
    app.add_middleware(Authentication, services=services, is_open=policies.is_open, hosts=hosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog, metrics=metrics, traces=traces)
    app.add_middleware(
        ReceiveInTime, memory=body_memory, silence_s=services.settings.client_timeout_s
    )
    app.add_middleware(ShedLoad, refusals=app.state.refusals)
    app.add_middleware(HeadAsGet)
    app.add_middleware(CrossOrigin, settings=services.settings)
    app.add_middleware(NoteRequests)  # around all others
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes, which hold nothing of a service: put together once for all of a process."""
    root = APIRouter(
        dependencies=_GUARDS,
        generate_unique_id_function=lambda route: route.name,
    )
    own = (health, metrics_route, mcp)
    for router in (_v1(), *(part.router for part in own), _products(), viewer.router, web.router):
        root.include_router(router)
    return root.routes


def _v1() -> APIRouter:
    v1 = APIRouter(prefix="/v1", responses=_ERRORS)
    # Every request walks down this list: the one that most of them want comes first.
    of_documents = (
        documents,
        document_files,
        uploads,
        web_files,
        document_pages,
        exports,
        version_diffs,
        extraction,
    )
    parts = (questions, chat, responses, pages, heatmaps, collections, *of_documents)
    for part in (*parts, jobs, conversations, keys, kinds, samples, status):
        v1.include_router(part.router, dependencies=[Depends(KEY_HEADER)])
    v1.include_router(session.router)
    return v1


def _products() -> APIRouter:
    """Routes at the addresses that other products ask for."""
    products = APIRouter(responses=_ERRORS)
    for product in (dify, open_webui):
        products.include_router(product.router)
    return products


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    running: Running = app.state.running
    if running.services.bundle is not None:  # nothing comes in, nothing is to be mended or removed
        yield
        return
    await run_in_threadpool(running.services.stores.folder.space.make_reserve)
    # What an upload or an ingest left behind when the process was killed.
    await run_in_threadpool(running.services.repairer.sweep)
    async with contextmanager_in_threadpool(background_reclaiming(running.services)):
        if not running.services.settings.embedded_worker:
            running.webhooks = webhooks_of(running.services.settings)
            yield
            if running.webhooks is not None:
                await run_in_threadpool(running.webhooks.close)
            return
        running.worker = Worker(running.services)
        running.webhooks = running.worker.webhooks
        running.worker.start()
        async with (
            contextmanager_in_threadpool(background_compaction(running.services)),
            contextmanager_in_threadpool(background_mending(running.services)),
        ):
            yield
            running.worker.stop()
            await run_in_threadpool(running.worker.join, _STOP_S)
