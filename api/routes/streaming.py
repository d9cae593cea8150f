"""Answer events as server-sent events, while they come and as long as somebody listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import suppress
from threading import Event
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from generator.answers import AnswerEvent
from indexer.errors import PagesightError

KEEP_ALIVE_S = 10.0
_KEEP_ALIVE = b": the answer is being written\n\n"  # a comment: clients read over it
_POLL_S = 0.25
_log = logging.getLogger("pagesight.api")

T = TypeVar("T")
Events = Generator[AnswerEvent]


def event_stream(frames: AsyncIterator[bytes]) -> StreamingResponse:
    """A response that no proxy holds back."""
    return StreamingResponse(
        frames,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def relay(
    first: T,
    events: Generator[T],
    gone: Event,
    frame: Callable[[T], bytes],
    failed: Callable[[Exception], bytes],
) -> AsyncIterator[bytes]:
    """`frame` of each event as it comes; a comment where the answer is slow; `failed` of an error.

    When the client goes away, the server ends this generator: then `gone` is set and the events closed.
    """
    step: asyncio.Task[T | None] | None = None
    event: T | None = first
    try:
        while event is not None:
            if data := frame(event):
                yield data
            step = asyncio.ensure_future(run_in_threadpool(next, events, None))
            while not (await asyncio.wait({step}, timeout=KEEP_ALIVE_S))[0]:
                yield _KEEP_ALIVE
            event = step.result()
    except Exception as error:  # noqa: BLE001 - the status is sent: only an event can tell it
        if not isinstance(error, PagesightError):
            _log.exception("an answer broke off")
        yield failed(error)
    finally:
        gone.set()
        _close(events, step)


async def all_events(request: Request, events: Generator[T], gone: Event) -> list[T] | None:
    """Every event; None, and the answer is given up, when the client goes away before the last."""
    answering = asyncio.ensure_future(run_in_threadpool(list, events))
    try:
        while not (await asyncio.wait({answering}, timeout=_POLL_S))[0]:
            if await request.is_disconnected():
                return None
        return answering.result()
    finally:
        gone.set()
        _close(events, answering)


def _close(events: Generator[Any], step: asyncio.Task[Any] | None) -> None:
    """Closed now, or as soon as the thread inside has seen that nobody waits any more."""

    def close(ended: asyncio.Task[Any]) -> None:
        if not ended.cancelled():
            ended.exception()  # asked for, so that it is not reported as never retrieved
        with suppress(ValueError):
            events.close()

    if step is None:
        events.close()
    elif step.done():
        close(step)
    else:
        step.add_done_callback(close)
