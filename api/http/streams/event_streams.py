"""Server-sent events of answers and jobs: written while they come and as long as somebody listens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Generator
from threading import Event
from typing import TypeVar

import anyio
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Send

from api.http.failures import error_body
from api.http.running import Running
from api.http.streams.threaded_stream import ThreadedStream
from generator.answering.answers import AnswerEvent
from generator.errors import BackendOverloaded
from indexer.base.errors import PagesightError

KEEP_ALIVE_S = 10.0
STALL_S = 60.0  # a client that takes nothing for this long has left
_KEEP_ALIVE = b": the answer is being written\n\n"  # a comment: clients read over it
_POLL_S = 0.25
_BEGIN_S = (
    3.0  # for how long a stream is held back in case that the model refuses: then it has a status
)
_log = logging.getLogger("pagesight.api")

T = TypeVar("T")
Events = Generator[AnswerEvent]


def sse(event: str, data: bytes) -> bytes:
    """Return the frame of one event; `data` is JSON in one line."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), data)


def failed_frame(data_dir: str) -> Callable[[Exception], bytes]:
    """Return what makes the event that ends a stream which failed. Its text does not name `data_dir`."""
    return lambda error: sse("error", error_body(error, data_dir).model_dump_json().encode())


async def answering(running: Running, start: Callable[[Event], Generator[T]]) -> ThreadedStream[T]:
    """Return the events of an answer that has begun, once there is a place for it.

    `start` searches, and returns the events; the Event that it is handed is set when nobody waits any
    more. The first event says which pages were found; the second shows whether the model answers at all.
    Raises Overloaded, BackendOverloaded, and what `start` or the first event raises.
    """
    reader_left = Event()
    place = await running.admission.answers.take()
    try:
        with await running.admission.searches.take():
            events = await run_in_threadpool(start, reader_left)
        stream = ThreadedStream(events, reader_left, place.release)
    except BaseException:
        place.release()
        raise
    try:
        error = await stream.wait_for_second(_BEGIN_S)
    except BaseException:
        stream.leave()
        raise
    if isinstance(error, BackendOverloaded):  # any other is told behind the pages, which stay valid
        stream.leave()
        raise error
    return stream


class EventStream(StreamingResponse):
    """A response of frames that no proxy holds back.

    A client that takes nothing for STALL_S is let go: its connection ends, and `frames` with it.
    """

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        super().__init__(frames, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def stream_response(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        sending_since: float | None = None

        async def send_noted(message: Message) -> None:
            nonlocal sending_since
            sending_since = loop.time()
            await send(message)
            sending_since = None

        timer: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal timer
            if sending_since is not None and loop.time() - sending_since >= STALL_S:
                patience.cancel()
            timer = loop.call_later(STALL_S, look)

        # One timer for the stream: a deadline around each write costs more than the write.
        timer = loop.call_later(STALL_S, look)
        try:
            with anyio.CancelScope() as patience:
                await super().stream_response(send_noted)
        finally:
            timer.cancel()
        if patience.cancelled_caught:  # the server ends the connection
            _log.warning("a client took nothing of its events for %.0f s", STALL_S)


async def relay(
    stream: ThreadedStream[T],
    frame: Callable[[T], bytes],
    error_frame: Callable[[Exception], bytes],
) -> AsyncIterator[bytes]:
    """Yield `frame` of each event as it comes, a comment where the answer is slow, `error_frame` of an error.

    When the client goes away, the server ends this generator, and the work ends with it.
    """
    try:
        while (batch := await stream.batch(KEEP_ALIVE_S)) is not None:
            data = b"".join(map(frame, batch)) if batch else _KEEP_ALIVE
            if data:
                yield data
            await stream.gather()
    except Exception as error:  # noqa: BLE001 - the status is sent: only an event can tell it
        if not isinstance(error, PagesightError):
            _log.exception("an answer broke off")
        yield error_frame(error)
    finally:
        stream.leave()


async def all_events(request: Request, stream: ThreadedStream[T]) -> list[T] | None:
    """Return every event; None when the client goes away before the last: the answer is given up."""
    events: list[T] = []
    asked_at = time.monotonic()
    try:
        while (batch := await stream.batch(_POLL_S)) is not None:
            events += batch
            if time.monotonic() - asked_at >= _POLL_S:
                asked_at = time.monotonic()
                if await request.is_disconnected():
                    return None
    finally:
        stream.leave()
    return events
