"""One connection: what has come over it, for how long nothing came, and when it has lasted too long."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum, auto
from http import HTTPStatus
from typing import Protocol

import httptools
from fastapi import HTTPException

from api.base.errors import Overloaded
from api.http.failures import failure
from api.http.security_headers import SECURITY_HEADERS

MAX_HEAD_BYTES = 64 * 1024
_FRAMING_PER_BYTE = 8  # of a body in chunks of one byte, which nobody sends, six are framing
# Bytes of a response that the kernel takes and has not sent: a client that reads slowly is seen to read.
_UNSENT_BYTES = 128 * 1024
_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)


class Ending(StrEnum):
    """Why a connection was ended here, in the words of the log and the metrics."""

    IDLE = "idle"
    MADE_ROOM = "idle, to make room"
    NO_ROOM = "refused, no room"
    SLOW_HEAD = "slow headers"
    LONG_HEAD = "long headers"
    UNREAD_BODY = "a body that nobody wants"
    ODD_BODY = "more framing than body"
    STALLED = "a reader who takes nothing"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a client may take.

    idle_s   before its first request; between two the server closes sooner
    head_s   for the headers of a request
    drain_s  to end a body after the answer to it
    stall_s  in which it reads nothing of a response
    tick_s   between two looks at all connections
    """

    idle_s: float = 20.0
    head_s: float = 20.0
    drain_s: float = 5.0
    stall_s: float = 60.0

    @property
    def tick_s(self) -> float:
        return min(1.0, min(self.idle_s, self.head_s, self.drain_s, self.stall_s) / 4)


class ConnectionList(Protocol):
    """Who has let a connection in."""

    def let_in(self, newcomer: GuardedConnection) -> bool: ...

    def let_go(self, connection: GuardedConnection) -> None: ...

    def note(self, ending: Ending) -> None: ...


class _Part(StrEnum):
    """What the client is sending."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    NONSENSE = auto()  # the server says so, and closes


class GuardedConnection(asyncio.Protocol):
    """Hands everything on to `speaker`, which speaks HTTP, and keeps the bounds and the time."""

    speaker: asyncio.Protocol

    def __init__(self, connections: ConnectionList, patience: Patience) -> None:
        self._connections = connections
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._part = _Part.NOTHING
        self._since = self._loop.time()  # when this part began, or the last request ended
        self._n_requests = 0  # that the application works on
        self._n_messages = 0  # that have begun
        self._n_head_bytes = 0
        self._n_body_bytes = 0
        self._n_framing_bytes = 0
        self._unread_since: float | None = None
        self._closing_since: float | None = None

    # -- the transport ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if not self._connections.let_in(self):
            transport.write(_NO_ROOM)
            transport.close()
            return
        self._transport = transport
        if _TCP_NOTSENT_LOWAT is not None:
            with suppress(OSError):  # not a TCP connection
                transport.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES
                )
        self.speaker.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._connections.let_go(self)
            self.speaker.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self.speaker.eof_received() if self._transport is not None else None

    def pause_writing(self) -> None:
        self._unread_since = self._loop.time()
        self.speaker.pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        self.speaker.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        before, n_messages, n_body_bytes = self._part, self._n_messages, self._n_body_bytes
        if before is not _Part.NONSENSE:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade:
                pass  # the server does not take it up, and answers in HTTP/1.1
            except httptools.HttpParserError:
                self._begin(_Part.NONSENSE)
        n_new = self._n_messages - n_messages
        if self._head_is_long(data, before, n_new):
            self.end(Ending.LONG_HEAD)
        elif before is self._part is _Part.BODY and n_new == 0:
            self._n_framing_bytes += len(data) - (self._n_body_bytes - n_body_bytes)
            if self._n_framing_bytes > MAX_HEAD_BYTES + _FRAMING_PER_BYTE * self._n_body_bytes:
                self.end(Ending.ODD_BODY)
        if self._transport is not None:
            self.speaker.data_received(data)

    def _head_is_long(self, data: bytes, before: _Part, n_new: int) -> bool:
        if before in (_Part.BODY, _Part.NONSENSE):
            return False
        n_before = self._n_head_bytes if n_new == 0 else 0
        if self._part is not _Part.HEAD:  # it has ended in this piece
            is_one = n_before + len(data) > MAX_HEAD_BYTES
            return is_one and n_before + data.find(b"\r\n\r\n") > MAX_HEAD_BYTES
        if n_new > 1 or (n_new == 1 and before is _Part.HEAD):
            self._n_head_bytes = (
                0  # it begins somewhere in this piece: counted from the next one on
            )
        else:
            self._n_head_bytes = n_before + len(data)
        return self._n_head_bytes > MAX_HEAD_BYTES

    # -- the parser ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._n_messages += 1
        self._begin(_Part.HEAD)

    def on_headers_complete(self) -> None:
        self._n_body_bytes = self._n_framing_bytes = 0
        self._begin(_Part.BODY)

    def on_body(self, body: bytes) -> None:
        self._n_body_bytes += len(body)

    def on_message_complete(self) -> None:
        self._begin(_Part.NOTHING)

    def _begin(self, part: _Part) -> None:
        self._part = part
        self._since = self._loop.time()

    # -- the application -------------------------------------------------------------------------------

    def request_began(self) -> None:
        self._n_requests += 1

    def request_ended(self) -> None:
        self._n_requests -= 1
        self._since = self._loop.time()

    # -- the end ---------------------------------------------------------------------------------------

    def idles_for(self, now: float) -> float:
        """Return for how many seconds it has been waiting for a request; 0 while one is answered."""
        waits = self._n_requests == 0 and self._part is not _Part.BODY
        return now - self._since if waits else 0.0

    def look(self, now: float) -> None:
        """End the connection if it has overstayed at `now`, by the clock of the loop."""
        patience, took_s = self._patience, now - self._since
        if self._transport is None:
            return
        if self._transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > patience.stall_s:
                self.end(Ending.STALLED)
        elif self._unread_since is not None:
            if now - self._unread_since > patience.stall_s:
                self.end(Ending.STALLED)
        elif self._n_requests:
            return
        elif self._part is _Part.NOTHING and took_s > patience.idle_s:
            self.end(Ending.IDLE)
        elif self._part is _Part.HEAD and took_s > patience.head_s:
            self.end(Ending.SLOW_HEAD)
        elif self._part in (_Part.BODY, _Part.NONSENSE) and took_s > patience.drain_s:
            self.end(Ending.UNREAD_BODY)

    def end(self, ending: Ending) -> None:
        """End the connection, with an answer where the client may still wait for its first."""
        if self._transport is None:
            return
        self._connections.note(ending)
        answer = _ANSWERS.get(ending)
        if answer is not None and self._n_requests == 0:
            self._transport.write(answer)
            self._transport.close()
        else:
            self._transport.abort()


def _response(error: Exception) -> bytes:
    refusal = failure(error)
    body = json.dumps(refusal.body.model_dump()).encode()
    headers = {
        **refusal.headers,
        **SECURITY_HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\n"
    return f"{status}{lines}\r\n".encode() + body


_NO_ROOM = _response(Overloaded("pagesight has as many connections as it can hold", 1))
_ANSWERS = {
    Ending.SLOW_HEAD: _response(HTTPException(408, "the headers did not come in time")),
    Ending.LONG_HEAD: _response(
        HTTPException(431, f"the headers have more than {MAX_HEAD_BYTES:,} bytes")
    ),
}
