"""Webhooks against a real HTTP server that takes, refuses, or says nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import api.worker.webhooks
from api.worker.webhooks import SIGNATURE
from api.worker.worker import Worker
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf

SECRET = "a shared secret"


class Receiver(HTTPServer):
    """Answers with the next of `statuses`, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int] = []
        self.received: list[tuple[Any, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def worker(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker with one job waiting: a good file."""
    monkeypatch.setattr(api.worker.webhooks, "DELAYS_S", (0.01, 0.01))
    services = fake_services(
        tmp_path / "data",
        webhook_url=f"http://127.0.0.1:{receiver.server_port}/hook",
        webhook_secret=SECRET,
    )
    path = write_pdf(tmp_path / "a.pdf", "alpha")
    services.intake.copy_in(services.create_collection("c"), [Source(path, "a.pdf")])
    return Worker(services)


def test_the_end_of_a_job_is_told_and_signed(worker: Worker, receiver: Receiver) -> None:
    worker.run(drain=True)
    ((headers, body),) = receiver.received
    told = json.loads(body)
    assert told["event"] == "job.ended"
    assert (told["job"]["name"], told["job"]["state"]) == ("a.pdf", "done")
    moment, signed = (part.split("=")[1] for part in headers[SIGNATURE].split(","))
    expected = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(signed, expected.hexdigest())
    assert abs(time.time() - int(moment)) < 60


def test_a_refusal_is_tried_again_and_the_worker_does_not_wait(
    worker: Worker, receiver: Receiver
) -> None:
    receiver.statuses = [500, 503]
    assert worker.work_once() and not worker.work_once()
    deadline = time.monotonic() + 30
    while len(receiver.received) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    worker.run(drain=True)
    assert len({body for _, body in receiver.received}) == 1 and len(receiver.received) == 3


def test_nobody_at_the_address_costs_the_queue_nothing(
    worker: Worker, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [500] * 9
    worker.run(drain=True)
    assert 1 <= len(receiver.received) <= 3
    assert "could not be told" in caplog.text and SECRET not in caplog.text
