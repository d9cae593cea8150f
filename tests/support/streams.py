"""A client of server-sent answers on a bare socket: little work, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass(slots=True)
class Seen:
    """What one request came to; times in seconds since it was sent."""

    status: int = 0
    head_s: float = 0.0
    first_event_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0
    n_tokens: int = 0
    done: bool = False
    error: str = ""
    tail: bytes = field(default=b"", repr=False)

    def read(self, data: bytes, now_s: float) -> None:
        if not self.first_event_s and b"event: " in data:
            self.first_event_s = now_s
        if not self.first_token_s and b"event: token" in data:
            self.first_token_s = now_s
        whole = self.tail + data
        cut = whole.rfind(b"\n\n") + 2
        if cut > 1:
            self.n_tokens += whole[:cut].count(b"event: token\n")
            self.done |= b"event: done\n" in whole[:cut]
            self.tail = whole[cut:]
        else:
            self.tail = whole


def request(path: str, body: object, *, keep: bool = False) -> bytes:
    """keep  the connection is used again: for `clients`"""
    data = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: {'keep-alive' if keep else 'close'}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    ).encode() + data


async def ask(port: int, message: bytes, leave_after: int | None = None) -> Seen:
    """One request on a connection of its own. It leaves after so many tokens, or stays to the end."""
    seen = Seen()
    began = time.perf_counter()
    writer = None
    try:
        reader, writer = await asyncio.open_connection(HOST, port, limit=1 << 20)
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        seen.head_s = time.perf_counter() - began
        seen.status = int(head[9:12])
        while data := await reader.read(1 << 16):
            seen.read(data, time.perf_counter() - began)
            if leave_after is not None and seen.n_tokens >= leave_after:
                writer.transport.abort()
                break
    except (OSError, asyncio.IncompleteReadError) as error:
        seen.error = type(error).__name__
    finally:
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
    seen.total_s = time.perf_counter() - began
    return seen


async def figures(port: int) -> dict[str, float]:
    """The server's metrics."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"GET /metrics HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n".encode())
    text = (await reader.read()).decode().partition("\r\n\r\n")[2]
    writer.close()
    lines = (line.rpartition(" ") for line in text.splitlines() if line[:1] not in ("#", ""))
    return {name: float(value) for name, _, value in lines if name}
