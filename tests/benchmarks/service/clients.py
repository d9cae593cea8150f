"""Clients that cost the machine as little as they can: what they take, the server beside them lacks."""

from __future__ import annotations

import asyncio
import re
import time
from typing import cast

from tests.support.streams import HOST, Seen

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"


class Clients:
    """As many clients as it takes; each keeps its connection for its next request, as HTTP clients do."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[_Line] = []

    def ask(self, message: bytes) -> asyncio.Future[Seen]:
        """One request that was made with `keep`; done when its answer was read to its end."""
        answered: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        if self._idle:
            self._idle.pop().send(message, began, answered)
            return answered
        return asyncio.ensure_future(self._ask_anew(message, began, answered))

    async def _ask_anew(self, message: bytes, began: float, answered: asyncio.Future[Seen]) -> Seen:
        loop = asyncio.get_running_loop()
        try:
            _, line = await loop.create_connection(lambda: _Line(self._idle), HOST, self.port)
        except OSError as error:
            return Seen(error=type(error).__name__)
        line.send(message, began, answered)
        return await answered

    def close(self) -> None:
        for line in [*self._idle]:
            line.transport.close()


class _Line(asyncio.Protocol):
    """One connection, with one request at a time; it is among the idle ones between them."""

    transport: asyncio.Transport

    def __init__(self, idle: list[_Line]) -> None:
        self._idle = idle
        self._answered: asyncio.Future[Seen] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's has no such ancestor

    def send(self, message: bytes, began: float, answered: asyncio.Future[Seen]) -> None:
        self._seen, self._began, self._answered = Seen(), began, answered
        self._data = b""
        self._n_bytes: int | None = None  # of the whole response; None: it comes in chunks
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._seen.status and not self._read_head():
            return
        if self._n_bytes is None:
            whole = self._data.endswith(_LAST_CHUNK)
        else:
            whole = len(self._data) >= self._n_bytes
        if whole:
            self._idle.append(self)
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._idle:
            self._idle.remove(self)
        if self._answered is not None:
            self._seen.error = type(error or EOFError()).__name__
            self._end()

    def _read_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        self._seen.head_s = time.perf_counter() - self._began
        self._seen.status = int(self._data[9:12])
        if length := _LENGTH.search(self._data, 0, end):
            self._n_bytes = end + int(length[1])
        return True

    def _end(self) -> None:
        answered, self._answered = self._answered, None
        self._seen.total_s = time.perf_counter() - self._began
        if answered is not None and not answered.done():
            answered.set_result(self._seen)
