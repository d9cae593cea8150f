"""Clients who are slow, silent or endless, on raw sockets against the real server: others are served."""

from __future__ import annotations

import json
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.http.limits import receiving
from api.serve import connections
from api.serve.app import create_app
from api.serve.connection_endings import Patience
from api.services.wiring import Services
from indexer.inputs.sources import Source
from tests.builders import document_of
from tests.support.real_server import port_of, serving
from tests.support.small_library import QUESTION, library
from tests.support.streams import request
from tests.support.waiting import PATIENCE_S, wait_until

SEARCH = request("/v1/search", {"query": QUESTION, "collections": ["manuals"]})
HEAD, BODY = SEARCH.split(b"\r\n\r\n")
HEAD += b"\r\n\r\n"
QUICK = Patience(idle_s=0.3, head_s=0.3, drain_s=0.3, stall_s=0.6)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("limits"), embedded_worker=False)


@pytest.fixture
def running(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Iterator[tuple[str, FastAPI]]]:
    """Serve with other limits: a context manager."""

    @contextmanager
    def start(
        patience: Patience = QUICK, n: int = 1000, **settings: object
    ) -> Iterator[tuple[str, FastAPI]]:
        limits = connections.ConnectionLimits(n, patience)
        monkeypatch.setattr(connections, "limits_of", lambda _: limits)
        monkeypatch.setattr("api.serve.app.limits_of", lambda _: limits)
        changed = services.settings.model_copy(update=settings)
        app = create_app(replace(services, settings=changed))
        with serving(app) as address:
            yield address, app

    return start  # type: ignore[return-value]


def connect(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(address)), timeout=PATIENCE_S)


def all_of(line: socket.socket) -> bytes:
    """What comes until the connection ends."""
    came = b""
    try:
        while data := line.recv(1 << 16):
            came += data
    except ConnectionResetError:
        pass
    return came


def answer_of(line: socket.socket) -> tuple[int, str]:
    """The status and the code of the error that comes until the connection ends."""
    head, _, body = all_of(line).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


def search_status(address: str) -> int:
    body = {"query": QUESTION, "collections": ["manuals"]}
    return httpx2.post(f"{address}/v1/search", json=body, timeout=PATIENCE_S).status_code


def test_bodies_that_do_not_come_take_no_place_of_a_search(running: Callable[..., Any]) -> None:
    with running(Patience(), max_searches=2, max_waiting=2) as (address, app), ExitStack() as held:
        for _ in range(40):
            line = held.enter_context(connect(address))
            line.sendall(HEAD + BODY[:1])
        wait_until(lambda: app.state.connections.n_open == 40)
        assert [search_status(address) for _ in range(5)] == [200] * 5
        assert app.state.running.admission.searches.n_refused == 0


def test_a_body_that_comes_after_its_headers_is_answered(running: Callable[..., Any]) -> None:
    with running(Patience()) as (address, _), connect(address) as line:
        line.sendall(HEAD)
        time.sleep(0.05)
        line.sendall(BODY)
        assert all_of(line).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", ["/v1/search", "/v1/collections/manuals/documents", "/mcp"])
def test_a_body_that_falls_silent_is_ended(running: Callable[..., Any], path: str) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=b\r\n"
        "content-length: 1000\r\n\r\n"
    ).encode()
    with running(client_timeout_s=0.2) as (address, _), connect(address) as line:
        line.sendall(head + b"-")
        assert answer_of(line) == (408, "request_timeout")


def test_a_body_that_drips_is_ended(
    running: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "GRACE_S", 0.3)
    with running() as (address, _), connect(address) as line:
        line.sendall(HEAD.replace(b"content-length: ", b"content-length: 9"))
        status = b""
        line.settimeout(0.02)
        while not status:
            line.sendall(b" ")
            try:
                status = line.recv(1 << 16)
            except TimeoutError:
                continue
        assert status.startswith(b"HTTP/1.1 408") and b"request_timeout" in status


def test_large_bodies_share_a_bounded_memory_and_questions_find_room(
    running: Callable[..., Any],
) -> None:
    large = 300_000
    head = (
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: {large + 1}\r\n\r\n"
    ).encode()
    with (
        running(Patience(), max_body_memory_bytes=1_000_000) as (address, _),
        ExitStack() as held,
    ):
        lines = [held.enter_context(connect(address)) for _ in range(12)]
        for line in lines:
            line.sendall(head + b" " * large)
        answers: list[bytes] = []

        def eight_answered() -> bool:
            for line in select.select(lines, [], [], 0)[0]:
                answers.append(line.recv(1 << 16))
            return len(answers) >= 8

        wait_until(eight_answered)
        assert all(b" 503 " in answer and b"retry-after" in answer.lower() for answer in answers)
        assert search_status(address) == 200
        told = httpx2.get(f"{address}/metrics").text
        assert "pagesight_body_bytes" in told
        for line in lines:
            line.close()
        wait_until(lambda: "pagesight_body_bytes 0.0" in httpx2.get(f"{address}/metrics").text)


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: ", b"y" * 200_000], 431),
        ([b"GET /healthz HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 20_000 + b"\r\n"], 431),
        ([b"GET /" + b"y" * 200_000], 431),
        (
            [
                b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: "
                + b"y" * 60_000
                + b"\r\nconnection: close\r\n\r\n"
            ],
            200,
        ),
    ],
    ids=["endless value", "many headers", "endless address", "just fits"],
)
def test_headers_have_a_bound(
    running: Callable[..., Any], pieces: list[bytes], status: int
) -> None:
    with running(Patience()) as (address, _), connect(address) as line:
        for piece in pieces:
            with suppress(ConnectionError):
                line.sendall(piece)
            time.sleep(0.05)
        answer = all_of(line)
    # A client that goes on sending may lose the answer, as its connection is closed.
    assert answer == b"" or answer.startswith(b"HTTP/1.1 %d" % status)


def test_the_trailer_of_a_body_has_a_bound(running: Callable[..., Any]) -> None:
    head = HEAD.replace(b"content-length: %d" % len(BODY), b"transfer-encoding: chunked")
    with running(Patience()) as (address, app), connect(address) as line:
        line.sendall(head + b"2\r\n{}\r\n0\r\nx: ")
        time.sleep(0.05)
        with suppress(ConnectionError):
            for _ in range(20):
                line.sendall(b"y" * 20_000)
                time.sleep(0.005)
        all_of(line)
        wait_until(lambda: app.state.connections.n_ended == {"more framing than body": 1})


def test_a_body_in_tiny_chunks_is_read(running: Callable[..., Any]) -> None:
    head = HEAD.replace(b"content-length: %d" % len(BODY), b"transfer-encoding: chunked")
    padded = BODY + b" " * 30_000
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in padded)
    with running(Patience()) as (address, _), connect(address) as line:
        line.sendall(head + chunks + b"0\r\n\r\n")
        assert all_of(line).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("begin", "drip", "answer", "reason"),
    [
        (b"", b"", b"", "idle"),
        (b"", b"\r\n", b"", "idle"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\n", b"", b"HTTP/1.1 408", "slow headers"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: ", b"y", b"HTTP/1.1 408", "slow headers"),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n", b"G", b"HTTP/1.1 200", "idle"),
    ],
    ids=["silent", "blank lines", "half a request", "dripping headers", "between two requests"],
)
def test_who_sends_no_request_is_ended(
    running: Callable[..., Any], begin: bytes, drip: bytes, answer: bytes, reason: str
) -> None:
    came, ended = b"", False
    with running() as (address, app), connect(address) as line:
        line.sendall(begin)
        line.settimeout(0.03)
        while not ended:
            try:
                data = line.recv(1 << 16)
                came, ended = came + data, not data
            except TimeoutError:
                if drip != b"G" or b"200" in came:
                    line.sendall(drip[:1] or b"")
                    drip = drip[1:] + drip[:1] if drip != b"G" else b"G"
            except ConnectionResetError:
                ended = True
        assert came.startswith(answer)
        if drip == b"G":
            return  # either the server's own clock or ours
        assert app.state.connections.n_ended[reason] == 1


def test_who_overstays_makes_room_and_who_works_does_not(running: Callable[..., Any]) -> None:
    with running(Patience(), n=8) as (address, app), ExitStack() as held:
        working = [held.enter_context(connect(address)) for _ in range(4)]
        for line in working:
            line.sendall(HEAD + BODY[:1])
        idle = [held.enter_context(connect(address)) for _ in range(4)]
        wait_until(lambda: app.state.connections.n_open == 8)
        time.sleep(1.1)  # until then an idle one may be about to send
        assert search_status(address) == 200
        assert app.state.connections.n_open <= 8
        assert sum(readable_end(line) for line in idle) == 1
        for line in working:
            line.sendall(BODY[1:])
            assert all_of(line).startswith(b"HTTP/1.1 200")


def readable_end(line: socket.socket) -> bool:
    return bool(select.select([line], [], [], 0)[0])


def test_where_all_are_at_work_one_more_is_refused_with_a_time_to_come_back(
    running: Callable[..., Any],
) -> None:
    with running(Patience(), n=3) as (address, app), ExitStack() as held:
        for _ in range(3):
            held.enter_context(connect(address)).sendall(HEAD + BODY[:1])
        wait_until(lambda: app.state.connections.n_open == 3)
        time.sleep(0.05)
        with connect(address) as late:
            answer = all_of(late)
    assert answer.startswith(b"HTTP/1.1 503") and b"Retry-After: 1" in answer
    assert b'"overloaded"' in answer


@pytest.fixture
def large_file(services: Services, tmp_path: Path) -> Iterator[bytes]:
    """The request of an original that no buffer holds."""
    pdf = document_of("a page")
    pdf.embfile_add("attachment", random.Random(7).randbytes(30_000_000))
    path = tmp_path / "large.pdf"
    path.write_bytes(pdf.tobytes())
    collection = services.stores.catalog.collections.get("manuals")
    outcome = services.pipeline.ingest(collection, Source(path, path.name))
    assert outcome.document_id is not None
    yield f"GET /v1/documents/{outcome.document_id}/file HTTP/1.1\r\nhost: a\r\n\r\n".encode()
    services.stores.delete_document(outcome.document_id)


def lazy_line(address: str, message: bytes, n_buffer_bytes: int = 4096) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, n_buffer_bytes)
    line.settimeout(PATIENCE_S)
    line.connect(("127.0.0.1", port_of(address)))
    line.sendall(message)
    return line


def test_a_reader_of_a_file_who_takes_nothing_is_ended(
    running: Callable[..., Any], large_file: bytes
) -> None:
    with running() as (address, app), lazy_line(address, large_file):
        wait_until(lambda: app.state.connections.n_ended["a reader who takes nothing"] == 1)
        wait_until(lambda: app.state.connections.n_open == 0)


def test_a_slow_reader_who_goes_on_reading_is_kept(
    running: Callable[..., Any], large_file: bytes
) -> None:
    with running() as (address, app), lazy_line(address, large_file, 65_536) as line:
        until = time.monotonic() + 2  # for three times as long as one may read nothing
        while time.monotonic() < until:
            assert line.recv(40_000)
            time.sleep(0.01)
        assert app.state.connections.n_open == 1


def test_thousands_of_requests_in_one_piece_wait_as_bytes(
    running: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    n, n_waiting = 5000, []
    complete = HttpToolsProtocol.on_headers_complete

    def on_headers_complete(self: HttpToolsProtocol) -> None:
        complete(self)
        n_waiting.append(len(self.pipeline))

    monkeypatch.setattr(HttpToolsProtocol, "on_headers_complete", on_headers_complete)
    ask = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n"
    with running(Patience()) as (address, _), connect(address) as line:
        sending = threading.Thread(target=line.sendall, args=(ask * n,))
        sending.start()
        came = b""
        while came.count(b'{"status":"ok"}') < n:
            came += line.recv(1 << 20)
        sending.join(PATIENCE_S)
    assert len(n_waiting) == n and max(n_waiting) < 64
