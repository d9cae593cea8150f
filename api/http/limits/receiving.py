"""How a body comes in: in time, and within the memory that all bodies share.

A body that is held in memory counts until its request has ended, because a question that waits for its turn
holds it as well. So a handful of clients cannot fill the machine, whether they send slowly or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.base.errors import Overloaded

FREE_BYTES = 64 * 1024  # of each body: questions find room however many pictures are under way
GRACE_S = 30.0  # from here on a body has to keep to MIN_BYTES_PER_S in the mean
MIN_BYTES_PER_S = 8 * 1024
_RETRY_S = 5
BODY_IS_HERE = (
    "body_is_here"  # in the state of a request that nobody has to wait for: a clock costs time
)
_OF_BODIES = (b"content-length", b"transfer-encoding")


class BodyMemory:
    """Bytes for the bodies that are in memory at a time."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.n_bytes = 0

    @contextmanager
    def share(self) -> Iterator[BodyShare]:
        """Hand out what one request takes of it; it is given back at the end of the block."""
        share = BodyShare(self)
        try:
            yield share
        finally:
            self.n_bytes -= share.n_taken_bytes

    def take(self, n_bytes: int) -> None:
        """Raises Overloaded."""
        if self.n_bytes + n_bytes > self._max_bytes:
            message = (
                "pagesight holds as many large requests as it has memory for: try again in a moment"
            )
            raise Overloaded(message, _RETRY_S)
        self.n_bytes += n_bytes


class BodyShare:
    """What one request has taken of the memory for bodies."""

    def __init__(self, memory: BodyMemory) -> None:
        self._memory = memory
        self._n_free_bytes = FREE_BYTES
        self.n_taken_bytes = 0

    def add(self, n_bytes: int) -> None:
        """Count a piece that stays in memory. Raises Overloaded."""
        n_counted = max(0, n_bytes - self._n_free_bytes)
        self._n_free_bytes -= n_bytes - n_counted
        self._memory.take(n_counted)
        self.n_taken_bytes += n_counted


class ReceiveInTime:
    """Gives a request its share of the memory, and ends its body (408) when that comes too slowly.

    silence_s  longest wait for the next piece, counted only while the application waits for it
    """

    def __init__(self, app: ASGIApp, memory: BodyMemory, silence_s: float) -> None:
        self._app = app
        self._memory = memory
        self._silence_s = silence_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not has_body(scope):
            await self._app(scope, receive, send)
            return
        n_bytes, waited_s, is_whole = 0, 0.0, False

        async def receive_in_time() -> Message:
            nonlocal n_bytes, waited_s, is_whole
            if is_whole:
                return await receive()
            patience_s = min(self._silence_s, GRACE_S + n_bytes / MIN_BYTES_PER_S - waited_s)
            clock = asyncio.get_running_loop().time
            began = clock()
            try:
                async with asyncio.timeout(patience_s):
                    message = await receive()
            except TimeoutError:
                raise _too_slow() from None
            waited_s += clock() - began
            n_bytes += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message

        state = scope.setdefault("state", {})
        is_here = state.get(BODY_IS_HERE, False)
        with self._memory.share() as state["body_share"]:
            await self._app(scope, receive if is_here else receive_in_time, send)


def has_body(scope: Scope) -> bool:
    """Whether a request brings a body, as its headers have to say."""
    return any(name in _OF_BODIES for name, _ in scope["headers"])


def _too_slow() -> HTTPException:
    # The rest of the body may still come: the connection cannot be used again.
    return HTTPException(
        408, "the body came too slowly: send it again", headers={"Connection": "close"}
    )
