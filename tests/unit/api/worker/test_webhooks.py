"""Webhooks against a real HTTP server that takes, refuses, or says nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import api.worker.webhooks
from api.cli.main import app as cli
from api.serve.app import create_app
from api.services.wiring import Services
from api.worker.webhooks import SIGNATURE, Webhooks
from api.worker.worker import Worker
from indexer.catalog.jobs.records import Job
from indexer.inputs.sources import Source
from tests.builders import fake_services, pdf_bytes, write_pdf
from tests.support.served_process import free_port
from tests.support.waiting import wait_until

SECRET = "a shared secret"


class Receiver(HTTPServer):
    """Answers with the next of `statuses`, then 200."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
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
    deadline = time.monotonic() + 600
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


def job_named(services: Services, tmp_path: Path, name: str) -> Job:
    path = write_pdf(tmp_path / name, name)
    collection = services.stores.catalog.collections.get("c")
    return services.intake.copy_in(collection, [Source(path, name)])[0]


def names_told(receiver: Receiver) -> list[str]:
    return [json.loads(body)["job"]["name"] for _, body in receiver.received]


@pytest.fixture
def webhooks(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Webhooks, list[Job]]]:
    services = fake_services(tmp_path / "jobs")
    services.create_collection("c")
    jobs = [job_named(services, tmp_path, f"{n}.pdf") for n in range(3)]

    def make(delays_s: tuple[float, ...], port: int) -> tuple[Webhooks, list[Job]]:
        monkeypatch.setattr(api.worker.webhooks, "DELAYS_S", delays_s)
        monkeypatch.setattr(api.worker.webhooks, "_LOOK_S", 0.02)
        return Webhooks([f"http://127.0.0.1:{port}/hook"], None), jobs

    return make


def test_a_delivery_that_is_refused_holds_up_no_other(
    webhooks: Callable[..., tuple[Webhooks, list[Job]]], receiver: Receiver
) -> None:
    sender, jobs = webhooks((0.2, 0.2), receiver.server_port)
    receiver.statuses = [500]
    for job in jobs:
        sender.tell(job)
    wait_until(lambda: sender.n_ended["told"] == 3)
    assert names_told(receiver) == ["0.pdf", "1.pdf", "2.pdf", "0.pdf"]
    sender.close()


def test_a_receiver_that_is_away_gets_all_when_it_is_back(
    webhooks: Callable[..., tuple[Webhooks, list[Job]]], receiver: Receiver
) -> None:
    port = free_port()
    sender, jobs = webhooks((0.05, 0.05), port)
    for job in jobs:
        sender.tell(job)
    wait_until(lambda: sender._targets[0]._n_silences > 4)  # more than one delivery has tries
    assert sender.n_waiting == 3
    back = Receiver(port)
    thread = threading.Thread(target=back.serve_forever)
    thread.start()
    wait_until(lambda: sender.n_ended["told"] == 3)
    assert names_told(back) == ["0.pdf", "1.pdf", "2.pdf"]
    back.shutdown()
    thread.join()
    back.server_close()
    sender.close()


def test_nothing_is_dropped_without_a_line_in_the_log(
    webhooks: Callable[..., tuple[Webhooks, list[Job]]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(api.worker.webhooks, "MAX_WAITING", 2)
    sender, jobs = webhooks((60.0,), free_port())
    for job in jobs:
        sender.tell(job)
    sender.close()
    assert sender.n_ended == {"dropped": 1, "given_up": 2}
    assert all(job.id in caplog.text for job in jobs)


def test_every_receiver_is_told_under_one_id_and_none_waits_for_another(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.worker.webhooks, "DELAYS_S", (0.01, 0.01))
    with Receiver() as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        other.statuses = [500]
        nobody = f"http://127.0.0.1:{free_port()}/hook"
        ports = receiver.server_port, other.server_port
        hooks = [f"http://127.0.0.1:{port}/hook" for port in ports]
        services = fake_services(tmp_path / "data", webhook_url=" ".join([nobody, *hooks]))
        path = write_pdf(tmp_path / "a.pdf", "alpha")
        services.intake.copy_in(services.create_collection("c"), [Source(path, "a.pdf")])
        worker = Worker(services)
        assert worker.webhooks is not None
        while worker.work_once():
            pass
        wait_until(lambda: worker.webhooks.n_ended["told"] == 2)
        worker.stop()
        worker.run()  # which closes it
        other.shutdown()
        thread.join()
    deliveries = [*receiver.received, *other.received]
    assert len(deliveries) == 3  # the second receiver refused once
    ids = {headers["Pagesight-Delivery"] for headers, _ in deliveries}
    assert ids == {json.loads(body)["id"] for _, body in deliveries} and len(ids) == 1
    assert worker.webhooks.n_ended == {"told": 2, "given_up": 1}


def test_a_job_is_told_again_under_the_same_id(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"http://127.0.0.1:{receiver.server_port}/hook"
    services = fake_services(tmp_path / "data", webhook_url=address)
    with TestClient(create_app(services)) as client:
        client.post("/v1/collections", json={"name": "c"})
        file = {"files": ("a.pdf", pdf_bytes("alpha"))}
        client.post("/v1/collections/c/documents?wait=true", files=file)
        wait_until(lambda: len(receiver.received) == 1)
        job = client.get("/v1/jobs").json()["jobs"][0]
        assert client.post(f"/v1/jobs/{job['id']}/replay").status_code == 202
        wait_until(lambda: len(receiver.received) == 2)
    for name, value in {"DATA_DIR": str(tmp_path / "data"), "ENCODER": "fake"}.items():
        monkeypatch.setenv(f"PAGESIGHT_{name}", value)
    monkeypatch.setenv("PAGESIGHT_WEBHOOK_URL", address)
    words = ["jobs", "replay", "--hours", "1", "--json"]
    result = CliRunner().invoke(cli, words, env=dict(os.environ))
    assert json.loads(result.stdout) == {"told": 1, "failed": 0}
    assert len({headers["Pagesight-Delivery"] for headers, _ in receiver.received}) == 1
    assert len(receiver.received) == 3
    assert len({body for _, body in receiver.received}) == 1


def test_a_job_that_nobody_is_told_of_cannot_be_told_again(tmp_path: Path) -> None:
    with TestClient(create_app(fake_services(tmp_path / "data"))) as client:
        client.post("/v1/collections", json={"name": "c"})
        file = {"files": ("a.pdf", pdf_bytes("alpha"))}
        client.post("/v1/collections/c/documents?wait=true", files=file)
        job = client.get("/v1/jobs").json()["jobs"][0]["id"]
        answer = client.post(f"/v1/jobs/{job}/replay")
    assert answer.status_code == 409 and "PAGESIGHT_WEBHOOK_URL" in answer.text


def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="webhook_url"):
        fake_services(tmp_path / "data", webhook_url="http://a.example/hook nowhere")
