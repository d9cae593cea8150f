"""A chat endpoint on a real socket that behaves as it is told to, request by request."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

PATIENCE_S = 20.0  # how long a test waits for what has to come; nothing is asserted of it

Behaviour = Callable[["Exchange"], None]


def chunk(text: str | None = None, **fields: Any) -> bytes:
    """One event of a stream; `finish` ends the answer, `usage` counts it."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": fields.pop("finish", None)}
    return event({"choices": [choice], **fields})


def event(body: object) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


USAGE = {"prompt_tokens": 7, "completion_tokens": 3}
END = chunk(finish="stop") + event({"choices": [], "usage": USAGE}) + b"data: [DONE]\n\n"


class Exchange(BaseHTTPRequestHandler):
    """One request, and what is sent back; every connection serves one."""

    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def do_POST(self) -> None:
        self.close_connection = True
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, headers, body))
        behaviours = self.server.behaviours
        behave = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        behave(self)

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, *events: bytes) -> None:
        for one in events:
            self.wfile.write(one)
            self.wfile.flush()

    def wait_until_client_leaves(self) -> None:
        """Says so to the test; without a client that leaves, the test fails on its own wait."""
        self.connection.settimeout(PATIENCE_S)
        if self.connection.recv(1) == b"":
            self.server.client_left.set()

    def log_message(self, *_: object) -> None:
        """Nothing: the tests' output is for the tests."""


class ScriptedServer(ThreadingHTTPServer):
    """`behaviours` are used up one for a request; the last stays."""

    daemon_threads = True

    def __init__(self, *behaviours: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.behaviours = list(behaviours)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.client_left = Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: object) -> None:
        """Nothing: clients that break off are what is tested."""


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[ScriptedServer]:
    with ScriptedServer(*behaviours) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


def nobody_listens() -> str:
    """The address of a port that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def answers(*pieces: str) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(*map(chunk, pieces), END)

    return behave


def sends(*events: bytes) -> Behaviour:
    """These bytes as an event stream, then the end of the connection."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(*events)

    return behave


def refuses(status: int, body: str = "{}", **headers: str) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.begin(status, "application/json", **headers)
        exchange.send(body.encode())

    return behave


def falls_silent(*events: bytes) -> Behaviour:
    """Sends these, then nothing, and notices when the client leaves."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(*events)
        exchange.wait_until_client_leaves()

    return behave
