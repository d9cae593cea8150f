"""The routes of an encoder apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.concurrency import run_in_threadpool

from api.base.errors import InvalidMessage
from api.encoding.encoding_metrics import EncodingMetrics
from api.encoding.shared_batches import SharedBatches
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.services.keys import Scope
from indexer.base.errors import EncoderMismatch
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import PageEncoder
from indexer.encoders.remote.wire import (
    FINGERPRINT_HEADER,
    MEDIA_TYPE,
    PATH_OF_ENCODER,
    PATH_OF_PAGES,
    PATH_OF_QUERIES,
    EncoderDescription,
    GarbledMessage,
    digest_of,
    pack_page_embeddings,
    pack_query_embeddings,
    unpack_pages,
    unpack_queries,
)

T = TypeVar("T")
U = TypeVar("U")

_MAX_MESSAGE_BYTES = 64 * 1024**2  # twice what one of several pages has: one page may be larger

router = APIRouter(route_class=PolicyRoute)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoder of this process, and what gathers work for it."""

    encoder: PageEncoder
    pages: SharedBatches[RenderedPage, PageEmbedding]
    queries: SharedBatches[str, QueryEmbedding]
    metrics: EncodingMetrics


@router.get("/healthz")
@policy(scope=None)
def is_alive() -> dict[str, str]:
    """The process listens once its model is loaded: one that answers is ready."""
    return {"status": "ok"}


@router.get("/metrics", response_class=PlainTextResponse)
@policy(Scope.METRICS)
def get_metrics(request: Request) -> Response:
    """What was encoded, what waits, and how long batches take, in Prometheus' text format."""
    registry = _encoding(request).metrics.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get(PATH_OF_ENCODER)
@policy(Scope.READ)
def describe(request: Request) -> dict[str, Any]:
    """What the encoder is."""
    return asdict(EncoderDescription.of(_encoding(request).encoder))


@router.post(PATH_OF_PAGES)
@policy(Scope.READ, max_body_bytes=_MAX_MESSAGE_BYTES)
async def encode_pages(request: Request) -> Response:
    """Encode pages, together with those of other callers."""
    batches = _encoding(request).pages
    return await _answer_to(request, unpack_pages, batches, pack_page_embeddings)


@router.post(PATH_OF_QUERIES)
@policy(Scope.READ)
async def encode_queries(request: Request) -> Response:
    """Encode queries, together with those of other callers."""
    batches = _encoding(request).queries
    return await _answer_to(request, unpack_queries, batches, pack_query_embeddings)


async def _answer_to(
    request: Request,
    unpack: Callable[[bytes], list[T]],
    batches: SharedBatches[T, U],
    pack: Callable[[list[U]], bytes],
) -> Response:
    """Raises EncoderMismatch, InvalidMessage, Overloaded, and what the encoder raises."""
    _require_meant(request)
    message = await request.body()
    try:
        items = await run_in_threadpool(unpack, message)
    except GarbledMessage as error:
        raise InvalidMessage(f"the message is not of this pagesight: {error}") from error
    if len(items) > batches.max_batch:
        raise InvalidMessage(f"a message holds at most {batches.max_batch}, this one {len(items)}")
    results = await asyncio.wrap_future(batches.submit(items))
    return Response(await run_in_threadpool(pack, results), media_type=MEDIA_TYPE)


def _require_meant(request: Request) -> None:
    """Raise EncoderMismatch where a request is meant for another encoder."""
    fingerprint = _encoding(request).encoder.fingerprint
    if request.headers.get(FINGERPRINT_HEADER) != digest_of(fingerprint):
        raise EncoderMismatch(
            f"it is {fingerprint} with {dict(fingerprint.options)}; start it with the settings of before, or "
            "start the processes that it computes for anew"
        )


def _encoding(request: Request) -> Encoding:
    encoding: Encoding = request.app.state.encoding
    return encoding
