"""A full service on raw sockets: whatever form a refused request has, the connection stays in step."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from api.serve.app import create_app
from generator.backends.fake import FakeAnswerModel
from indexer.base.pages import QueryEmbedding
from tests.support.real_server import port_of, serving
from tests.support.small_library import QUESTION, library, written_by
from tests.support.streams import request
from tests.support.waiting import PATIENCE_S, wait_until

ASK = request("/v1/answers", {"question": QUESTION, "collections": ["manuals"], "stream": True})
HEAD, BODY = ASK.replace(b"connection: close\r\n", b"").split(b"\r\n\r\n")
HEAD += b"\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"


class Line:
    """One connection, and what has come over it."""

    def __init__(self, address: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port_of(address)), timeout=PATIENCE_S)
        self._came = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def response(self) -> tuple[int, dict[str, str]]:
        """Status and headers of the next one; its body is read."""
        while b"\r\n\r\n" not in self._came:
            self._more()
        head, _, self._came = self._came.partition(b"\r\n\r\n")
        status, *lines = head.decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        while len(self._came) < int(headers["content-length"]):
            self._more()
        self._came = self._came[int(headers["content-length"]) :]
        return int(status.split()[1]), headers

    def ends(self) -> bool:
        return not self._came and self.socket.recv(1) == b""

    def _more(self) -> None:
        data = self.socket.recv(1 << 16)
        assert data, "the server closed the connection"
        self._came += data


@pytest.fixture
def full(tmp_path: Path) -> Iterator[str]:
    """The address of a service whose one place is taken."""
    model = FakeAnswerModel(["word "] * 100_000, pause_s=0.02)
    wired = library(tmp_path, embedded_worker=False, max_answers=1, max_waiting=0)
    app = create_app(written_by(wired, model))
    with serving(app, idle_s=1) as address, socket.socket() as reader:
        reader.connect(("127.0.0.1", port_of(address)))
        reader.sendall(ASK)
        wait_until(lambda: model.n_streamed > 0)
        yield address


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD + BODY, b""],
        [HEAD, BODY],
        [HEAD[:30], HEAD[30:] + BODY[:7], BODY[7:]],
        [
            HEAD.replace(b"content-length: %d" % len(BODY), b"transfer-encoding: chunked")
            + b"%x\r\n%b\r\n" % (len(BODY), BODY),
            b"0\r\n\r\n",
        ],
    ],
    ids=["whole", "body later", "in three", "chunked"],
)
def test_it_is_refused_at_its_headers_and_the_connection_serves_on(
    full: str, parts: list[bytes]
) -> None:
    line = Line(full)
    *first, last = parts
    for _ in range(2):
        for part in first:
            line.send(part)
        status, headers = line.response()  # before the rest of the body is sent
        assert status == 503 and int(headers["retry-after"]) >= 1
        line.send(last)
        line.send(HEALTH)
        assert line.response()[0] == 200


def test_one_behind_the_other_without_waiting_is_answered_in_order(full: str) -> None:
    line = Line(full)
    line.send(HEAD + BODY + HEALTH + HEAD + BODY + HEAD + BODY + HEALTH)
    assert [line.response()[0] for _ in range(5)] == [503, 200, 503, 503, 200]


@pytest.mark.parametrize(
    "head",
    [HEAD.replace(b"host:", b"connection: close\r\nhost:"), HEAD.replace(b"HTTP/1.1", b"HTTP/1.0")],
    ids=["close", "HTTP/1.0"],
)
def test_a_connection_that_ends_with_its_request_ends(full: str, head: bytes) -> None:
    line = Line(full)
    line.send(head + BODY)
    assert line.response()[0] == 503
    assert line.ends()


def test_who_leaves_after_a_refusal_leaves_no_trace(
    full: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        line = Line(full)
        line.send(HEAD + BODY)
        assert line.response()[0] == 503
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.socket.close()  # with a reset
    line = Line(full)
    for _ in range(5):
        line.send(HEAD + BODY + HEALTH)
        assert [line.response()[0] for _ in range(2)] == [503, 200]
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_the_body_of_an_accepted_question_is_read_behind_a_refusal(tmp_path: Path) -> None:
    model = FakeAnswerModel(["word "] * 3)
    wired = library(tmp_path, embedded_worker=False, max_answers=1, max_waiting=0)
    app = create_app(written_by(wired, model))
    search = request("/v1/search", {"query": QUESTION, "collections": ["manuals"]}, keep=True)
    with serving(app) as address:
        line = Line(address)
        places = app.state.running.admission.answers
        places.n_taken += 1
        line.send(HEAD + BODY + search[:-20])  # one moment: the refused one, and most of the next
        assert line.response()[0] == 503
        line.send(search[-20:])
        assert line.response()[0] == 200


def test_the_question_behind_a_refusal_may_take_longer_than_an_idle_connection_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired = library(tmp_path, embedded_worker=False, max_answers=1, max_waiting=0)
    app = create_app(wired)
    encoder = wired.encoder.get()
    encode = encoder.encode_queries

    def slow(texts: Sequence[str]) -> list[QueryEmbedding]:
        time.sleep(2.5)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode_queries", slow)
    search = request("/v1/search", {"query": QUESTION, "collections": ["manuals"]}, keep=True)
    with serving(app, idle_s=1) as address:
        app.state.running.admission.answers.n_taken += 1
        line = Line(address)
        line.send(HEAD + BODY + search)
        assert [line.response()[0] for _ in range(2)] == [503, 200]


def test_an_idle_connection_is_closed_after_a_refusal_too(full: str) -> None:
    line = Line(full)
    line.send(HEAD + BODY)
    assert line.response()[0] == 503
    assert line.ends()


def test_who_sends_and_reads_nothing_is_answered_when_it_reads(full: str) -> None:
    n = 5_000
    line = Line(full)
    sending = threading.Thread(target=line.send, args=((HEAD + BODY) * n,))
    sending.start()
    time.sleep(0.5)  # by now nothing more can be written
    assert [line.response()[0] for _ in range(n)] == [503] * n
    sending.join(PATIENCE_S)


def test_behind_an_answer_that_is_being_written_nothing_is_refused(tmp_path: Path) -> None:
    model = FakeAnswerModel(["word "] * 20, pause_s=0.01)
    wired = library(tmp_path, embedded_worker=False, max_answers=1, max_waiting=0)
    whole = request("/v1/answers", {"question": QUESTION, "collections": ["manuals"]}, keep=True)
    with serving(create_app(written_by(wired, model))) as address:
        line = Line(address)
        line.send(whole * 3)
        assert [line.response()[0] for _ in range(3)] == [200] * 3
