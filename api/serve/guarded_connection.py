"""One connection: what has come over it, for how long nothing came, and when it has lasted too long."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from enum import StrEnum, auto
from typing import Any, Protocol, cast

import httptools

from api.serve.connection_endings import ANSWERS, MAX_HEAD_BYTES, NO_ROOM, Ending, Patience

# uvicorn takes every request of a piece in hand, and one more piece for each that it has answered: six
# thousand requests in 250 KB were 15 MB of its objects, of every connection and before any key.
_OPEN_REQUESTS = 8
_PART_BYTES = 1024
_BODY_PART_BYTES = 8 * 1024
_FRAMING_PER_BYTE = 8  # of a body in chunks of one byte, which nobody sends, six are framing
# Bytes of a response that the kernel takes and has not sent: a client that reads slowly is seen to read.
_UNSENT_BYTES = 128 * 1024
_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)


class ConnectionList(Protocol):
    """Who has let a connection in."""

    def let_in(self, newcomer: GuardedConnection) -> bool: ...

    def let_go(self, connection: GuardedConnection) -> None: ...

    def note(self, ending: Ending) -> None: ...


class PacedTransport:
    """The transport as the server sees it: its connection hears when the server stops reading."""

    def __init__(self, transport: asyncio.Transport, connection: GuardedConnection) -> None:
        self._transport = transport
        self.write = (
            transport.write
        )  # by the shortest way: it is called for every piece of an answer
        self.is_closing = transport.is_closing
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def pause_reading(self) -> None:
        self._connection.server_pauses()
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._connection.server_resumes()


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
        self._inbox = b""  # what has come and waits for the server, but for
        self._n_handed_on = 0  # bytes at its beginning
        self._server_reads = True
        self._part = _Part.NOTHING
        self._since = self._loop.time()  # when this part began, or the last request ended
        self._n_requests = 0  # that the application works on
        self._n_messages = 0  # requests that have begun to come, and
        self._n_ended = 0  # those that the application is done with
        self._n_head_bytes = 0
        self._n_body_bytes = 0
        self._n_framing_bytes = 0
        self._unread_since: float | None = None
        self._closing_since: float | None = None

    # -- the transport ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if not self._connections.let_in(self):
            transport.write(NO_ROOM)
            transport.close()
            return
        self._transport = transport
        if _TCP_NOTSENT_LOWAT is not None:
            with suppress(OSError):  # not a TCP connection
                transport.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES
                )
        self.speaker.connection_made(cast(asyncio.Transport, PacedTransport(transport, self)))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport, self._inbox = None, b""
            self._connections.let_go(self)
            self.speaker.connection_lost(exc)
        self._take_apart()

    def _take_apart(self) -> None:
        """Let go of what refers to this: thousands of connections must not wait for the cycle collector."""
        vars(self.speaker).pop("parser", None)  # it refers to the speaker, and is not fed any more
        del self.speaker, self._parser

    def eof_received(self) -> bool | None:
        return self.speaker.eof_received() if self._transport is not None else None

    def pause_writing(self) -> None:
        self._unread_since = self._loop.time()
        self.speaker.pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        self.speaker.resume_writing()

    def data_received(self, data: bytes) -> None:
        self._inbox = self._inbox[self._n_handed_on :] + data
        self._n_handed_on = 0
        self._hand_on()

    def _hand_on(self) -> None:
        """Give the server what has come, as far as it reads and does not have enough requests already."""
        transport = self._transport
        while transport is not None and self._inbox and self._may_hand_on(transport):
            begin = self._n_handed_on
            self._n_handed_on += _BODY_PART_BYTES if self._part is _Part.BODY else _PART_BYTES
            part = self._inbox[begin : self._n_handed_on]
            if self._n_handed_on >= len(self._inbox):
                self._inbox, self._n_handed_on = b"", 0
            self._inspect(part)
            if not transport.is_closing():
                self.speaker.data_received(part)
            transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._inbox and transport.is_reading():
            transport.pause_reading()
        elif not self._inbox and self._server_reads and not transport.is_reading():
            transport.resume_reading()

    def _may_hand_on(self, transport: asyncio.Transport) -> bool:
        n_open = self._n_messages - self._n_ended
        return self._server_reads and n_open < _OPEN_REQUESTS and not transport.is_closing()

    def _inspect(self, part: bytes) -> None:
        """Look at what has come before the server does; what is out of bounds ends the connection."""
        before, n_messages, n_body_bytes = self._part, self._n_messages, self._n_body_bytes
        if before is _Part.NONSENSE:
            return
        try:
            self._parser.feed_data(part)
        except httptools.HttpParserUpgrade:
            pass  # the server does not take it up, and answers in HTTP/1.1
        except httptools.HttpParserError:
            self._begin(_Part.NONSENSE)
        if self._n_messages > n_messages or self._part is not before:
            return
        if self._part is _Part.HEAD:
            self._n_head_bytes += len(part)
            if self._n_head_bytes > MAX_HEAD_BYTES:
                self.end(Ending.LONG_HEAD)
        elif self._part is _Part.BODY:
            self._n_framing_bytes += len(part) - (self._n_body_bytes - n_body_bytes)
            if self._n_framing_bytes > MAX_HEAD_BYTES + _FRAMING_PER_BYTE * self._n_body_bytes:
                self.end(Ending.ODD_BODY)

    # -- the server ------------------------------------------------------------------------------------

    def server_pauses(self) -> None:
        self._server_reads = False

    def server_resumes(self) -> None:
        """It may be in the middle of something: what waits for it comes at the next turn."""
        self._server_reads = True
        self._loop.call_soon(self._hand_on)

    # -- the parser ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._n_messages += 1
        self._n_head_bytes = 0
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

    @property
    def request_is_whole(self) -> bool:
        """Whether the only request under way has come to its last byte."""
        return self._part is _Part.NOTHING and self._n_messages - self._n_ended == 1

    def request_ended(self) -> None:
        self._n_requests -= 1
        self._n_ended += 1
        if self._inbox:
            self._loop.call_soon(self._hand_on)
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
        answer = ANSWERS.get(ending)
        if answer is not None and self._n_requests == 0:
            self._transport.write(answer)
            self._transport.close()
        else:
            self._transport.abort()
