"""A hub on a real socket that sends one file: in parts, cut off, wrong, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from generator.backends.gguf.catalogue import HubFile

CONTENT = bytes(range(256)) * 12_000  # 3 MB
FILE = HubFile("owner/model", "a" * 40, "m.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@dataclass
class Hub:
    """What it was asked for, and how it answers: the last behaviour stays."""

    behaviours: list[Callable[[Exchange], None]]
    ranges: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    address: str = ""


class Exchange(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        self.close_connection = True
        self.hub.paths.append(self.path)
        self.hub.ranges.append(self.headers["range"])
        behaviours = self.hub.behaviours
        (behaviours.pop(0) if len(behaviours) > 1 else behaviours[0])(self)

    @property
    def begin(self) -> int:
        return int(self.headers["range"].removeprefix("bytes=").removesuffix("-"))

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def part(content: bytes = CONTENT, n_bytes: int | None = None) -> Callable[[Exchange], None]:
    """Send the part that is asked for; `n_bytes` of it, then the connection ends."""

    def behave(exchange: Exchange) -> None:
        body = content[exchange.begin :]
        headers = {
            "content-range": f"bytes {exchange.begin}-{len(content) - 1}/{len(content)}",
            "content-length": str(len(body)),
        }
        exchange.answer(206, headers, body if n_bytes is None else body[:n_bytes])

    return behave


def whole(content: bytes = CONTENT) -> Callable[[Exchange], None]:
    """Send everything, whatever part is asked for."""
    return lambda exchange: exchange.answer(200, {"content-length": str(len(content))}, content)


def status(code: int, **headers: str) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.answer(code, {"content-length": "0"} | headers)


def hangs_up(exchange: Exchange) -> None:
    exchange.connection.close()


@contextmanager
def serving(*behaviours: Callable[[Exchange], None]) -> Iterator[Hub]:
    hub = Hub(list(behaviours))
    handler = type("Handler", (Exchange,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
