"""An encoder that is loaded, as a service for workers and API processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api.base.settings import Settings
from api.encoding.encoding_metrics import EncodingMetrics
from api.encoding.routes import Encoding, router
from api.encoding.shared_batches import SharedBatches
from api.encoding.shared_key import AskForKey
from api.http.error_responses import add_error_handlers
from api.http.limits.receiving import BodyMemory, ReceiveInTime
from api.serve.connections import Connections, NoteRequests, limits_of
from indexer.encoders.base import PageEncoder

_WINDOWS_WAITING = (
    2  # of pages, whose images are in memory: the device has its next batches at hand
)
_QUERIES_AT_ONCE = 64


def create_encoder_app(encoder: PageEncoder, settings: Settings) -> FastAPI:
    """The service around an encoder. Pages and queries have a thread each: no question waits for a book."""
    metrics = EncodingMetrics()
    pages = SharedBatches(
        encoder.encode_pages,
        metrics.of("pages"),
        max_batch=encoder.window,
        max_waiting=_WINDOWS_WAITING * encoder.window,
    )
    queries = SharedBatches(
        encoder.encode_queries,
        metrics.of("queries"),
        max_batch=_QUERIES_AT_ONCE,
        max_waiting=settings.max_waiting + _QUERIES_AT_ONCE,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for batches in (pages, queries):
            await run_in_threadpool(batches.close)

    app = FastAPI(title="pagesight encoder", openapi_url=None, lifespan=lifespan)
    app.include_router(router)
    add_error_handlers(app, data_dir="")
    app.state.encoding = Encoding(encoder, pages, queries, metrics)
    app.state.connections = Connections(limits_of(settings))
    memory = BodyMemory(settings.max_body_memory_bytes)
    app.add_middleware(ReceiveInTime, memory=memory, silence_s=settings.client_timeout_s)
    key = settings.encoder_key.get_secret_value() if settings.encoder_key else ""
    app.add_middleware(AskForKey, key=key)  # before any body is received
    app.add_middleware(NoteRequests)
    return app
