"""Jobs over HTTP: upload, follow, cancel, retry."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient

import api.routes.jobs
from api.http.streams import event_streams
from api.serve.app import create_app
from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.errors import StorageError
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from tests.builders import fake_services, pdf_bytes

UPLOAD = "/v1/collections/a/documents"


@pytest.fixture
def working(tmp_path: Path) -> Iterator[TestClient]:
    """A service that runs its jobs itself."""
    with TestClient(create_app(fake_services(tmp_path / "working"))) as client:
        client.post("/v1/collections", json={"name": "a"})
        yield client


def upload(client: TestClient, *files: tuple[str, bytes], **named: Any) -> Any:
    return client.post(UPLOAD, files=[("files", file) for file in files], **named)


def events(client: TestClient, job_id: str) -> list[tuple[str, Any]]:
    """(event, data) until the stream ends."""
    found = []
    with client.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for frame in "".join(answer.iter_text()).split("\n\n"):
            if frame.startswith("event: "):
                event, data = frame.split("\n")
                found.append((event.removeprefix("event: "), json.loads(data[6:])))
    return found


def test_an_upload_is_answered_with_a_job_for_each_file(
    client: TestClient, services: Services
) -> None:
    answer = upload(client, ("a.pdf", pdf_bytes("one")), ("notes.pdf", b"no PDF"))
    assert answer.status_code == 202
    body = answer.json()
    assert body["collection"] == "a"
    assert [(job["name"], job["state"]) for job in body["jobs"]] == [
        ("a.pdf", "queued"),
        ("notes.pdf", "failed"),
    ]
    for job in body["jobs"]:
        assert client.get(f"/v1/jobs/{job['id']}").json() == job
    kept, refused = (job["sha256"] for job in body["jobs"])
    assert services.stores.originals.intact(kept, deep=True)
    assert not services.stores.originals.intact(refused, deep=False)
    assert [row["name"] for row in client.get(UPLOAD).json()["documents"]] == ["notes.pdf"]


def test_jobs_end_with_the_verdict_of_their_file(working: TestClient) -> None:
    queued = upload(working, ("a.pdf", pdf_bytes("one", "two")), ("notes.pdf", b"no PDF")).json()[
        "jobs"
    ]
    good, bad = (events(working, job["id"])[-1][1] for job in queued)
    assert (good["state"], good["verdict"], good["pages_done"]) == ("done", "indexed", 2)
    assert working.get(f"/v1/documents/{good['document_id']}").json()["name"] == "a.pdf"
    assert (bad["state"], bad["verdict"], bad["error"]["code"]) == (
        "failed",
        "unsupported",
        "unsupported",
    )
    again = upload(working, ("b.pdf", pdf_bytes("one", "two"))).json()["jobs"][0]
    end = events(working, again["id"])[-1][1]
    assert (end["verdict"], end["document_id"]) == ("unchanged", good["document_id"])


def test_an_upload_with_higher_priority_runs_first(client: TestClient, services: Services) -> None:
    upload(client, ("slow.pdf", pdf_bytes("one")))
    upload(client, ("urgent.pdf", pdf_bytes("two")), params={"priority": 9})
    collection = services.stores.catalog.collections.get("a")
    claimed = services.leases.claim("w", [collection.id])
    assert claimed is not None and claimed[0].name == "urgent.pdf"
    assert upload(client, ("x.pdf", b"x"), params={"priority": 101}).status_code == 422


def test_jobs_are_listed_by_collection_and_state_and_in_pages(client: TestClient) -> None:
    client.post("/v1/collections", json={"name": "empty"})
    for name in ("1", "2", "3"):
        upload(client, (name, pdf_bytes(name)))

    def names(**params: Any) -> list[str]:
        return [job["name"] for job in client.get("/v1/jobs", params=params).json()["jobs"]]

    assert names() == names(collection="a") == names(state="queued") == ["3", "2", "1"]
    assert names(collection="empty") == names(state="done") == []
    first = client.get("/v1/jobs", params={"limit": 2}).json()
    assert [job["name"] for job in first["jobs"]] == ["3", "2"]
    assert names(limit=2, cursor=first["next_cursor"]) == ["1"]
    assert client.get("/v1/jobs").json()["next_cursor"] is None
    assert client.get("/v1/jobs?collection=nothing").status_code == 404
    assert client.get("/v1/jobs?state=strange").status_code == 422


def test_a_job_is_cancelled_and_tried_again(client: TestClient) -> None:
    job_id = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]["id"]
    assert client.post(f"/v1/jobs/{job_id}/retry").status_code == 409
    assert client.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/v1/jobs/{job_id}/retry").json()["state"] == "queued"
    for path in ("", "/events"):
        assert client.get(f"/v1/jobs/nothing{path}").status_code == 404
    for path in ("cancel", "retry"):
        answer = client.post(f"/v1/jobs/nothing/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "job_not_found")


def test_a_retry_needs_the_bytes(client: TestClient, services: Services) -> None:
    job = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]
    client.post(f"/v1/jobs/{job['id']}/cancel")
    services.stores.originals.path(job["sha256"]).unlink()
    answer = client.post(f"/v1/jobs/{job['id']}/retry")
    assert answer.status_code == 409
    assert "upload the file again" in answer.json()["error"]["message"]


def test_the_same_key_and_files_give_the_same_jobs(client: TestClient) -> None:
    files = ("a.pdf", pdf_bytes("one")), ("b.pdf", pdf_bytes("two"))
    key = {"Idempotency-Key": "upload-1"}
    first = upload(client, *files, headers=key)
    again = upload(client, *files, headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert len(client.get("/v1/jobs").json()["jobs"]) == 2
    other = upload(client, ("a.pdf", pdf_bytes("three")), headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert upload(client, *files).json() != first.json()
    assert upload(client, *files, headers={"Idempotency-Key": "k" * 256}).status_code == 422


def test_a_repair_keeps_what_waits(client: TestClient, services: Services) -> None:
    job = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]
    services.repairer.repair(services.repairer.verify(deep=True))
    assert services.stores.originals.intact(job["sha256"], deep=True)


def test_verify_misses_the_bytes_of_a_waiting_job(client: TestClient, services: Services) -> None:
    job = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]
    assert services.repairer.verify().clean
    services.stores.originals.path(job["sha256"]).unlink()
    (fault,) = services.repairer.verify().faults
    assert "a.pdf" in fault.message and "upload" in fault.message
    client.post(f"/v1/jobs/{job['id']}/cancel")
    assert services.repairer.verify().clean


def test_the_jobs_of_a_deleted_collection_are_gone(client: TestClient) -> None:
    job_id = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]["id"]
    assert client.delete("/v1/collections/a").status_code == 204
    assert client.get(f"/v1/jobs/{job_id}").status_code == 404
    assert client.get("/v1/jobs").json()["jobs"] == []


@pytest.fixture
def live(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx2.Client]:
    """A client of a real server, for the test client hands out a stream only when it has ended."""
    monkeypatch.setattr(api.routes.jobs, "LOOK_S", 0.01)
    monkeypatch.setattr(api.routes.jobs, "ALIVE_S", 0.05)
    server = uvicorn.Server(uvicorn.Config(create_app(services), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    with httpx2.Client(base_url=address, timeout=600) as client:
        client.post("/v1/collections", json={"name": "a"})
        yield client
    server.should_exit = True
    thread.join(600)
    assert not thread.is_alive()


def queue_one(live: httpx2.Client) -> str:
    files = {"files": ("a.pdf", pdf_bytes("one"))}
    return str(live.post(UPLOAD, files=files).json()["jobs"][0]["id"])


def test_events_tell_each_change_and_end_with_the_job(
    live: httpx2.Client, services: Services
) -> None:
    job_id = queue_one(live)
    with live.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
        lines = answer.iter_lines()

        def following() -> tuple[str, Any]:
            event = next(line for line in lines if line.startswith("event: "))
            return event[7:], json.loads(next(lines)[6:])

        assert following() == ("progress", live.get(f"/v1/jobs/{job_id}").json())
        collection = services.stores.catalog.collections.get("a")
        claimed = services.leases.claim("w", [collection.id])
        assert claimed is not None
        assert following()[1]["state"] == "running"
        for done in (1, 2):
            services.leases.renew(claimed[1], done, 2)
            event, told = following()
            assert (event, told["pages_done"], told["pages_total"]) == ("progress", done, 2)
        assert next(line for line in lines if line.startswith(":")) == ": alive"
        services.queue.cancel(job_id)
        assert following()[1]["cancel_requested"]
        services.leases.give_back(claimed[1])
        event, told = following()
        assert (event, told["state"]) == ("end", "cancelled")
        assert list(lines) == [""]


def test_events_of_a_job_that_has_ended_are_the_end(client: TestClient) -> None:
    job_id = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]["id"]
    client.post(f"/v1/jobs/{job_id}/cancel")
    assert events(client, job_id) == [("end", client.get(f"/v1/jobs/{job_id}").json())]


def test_events_of_a_job_that_vanishes_end_with_an_error(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.routes.jobs, "LOOK_S", 0.01)
    job_id = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]["id"]
    threading.Timer(0.3, lambda: client.delete("/v1/collections/a")).start()
    event, data = events(client, job_id)[-1]
    assert (event, data["error"]["code"]) == ("error", "job_not_found")


def test_a_reader_of_events_that_goes_away_leaves_nothing_behind(
    live: httpx2.Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    job_of = services.queue.job

    def watched(job_id: str) -> Any:
        looks.append(time.monotonic())
        return job_of(job_id)

    monkeypatch.setattr(services.queue, "job", watched)
    with live.stream("GET", f"/v1/jobs/{queue_one(live)}/events") as answer:
        next(answer.iter_lines())
    deadline = time.monotonic() + 600
    while looks and time.monotonic() - looks[-1] < 0.5:
        assert time.monotonic() < deadline, "the job is still being looked at"
        time.sleep(0.05)


def test_a_reader_of_events_that_takes_nothing_is_let_go(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a reader of an answer is: the server ends the connection."""
    monkeypatch.setattr(event_streams, "STALL_S", 0.1)
    job_id = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]["id"]
    scope = {
        "type": "http", "method": "GET", "path": f"/v1/jobs/{job_id}/events", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1", "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip
    bodies: list[bytes] = []

    async def receive() -> Any:
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            bodies.append(message["body"])
            await anyio.sleep_forever()  # the connection's buffers are full

    async def follow() -> None:
        with anyio.fail_after(30):
            await client.app(scope, receive, send)

    anyio.run(follow)
    assert len(bodies) == 1 and bodies[0].startswith(b"event: progress\n")


def test_a_full_disk_makes_a_job_wait_and_say_why(
    services: Services, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("no space left on the disk")

    job_id = upload(client, ("a.pdf", pdf_bytes("one"))).json()["jobs"][0]["id"]
    with monkeypatch.context() as patch:
        patch.setattr(services.stores.folder, "add_bytes", full)
        assert Worker(services).work_once()
    waiting = client.get(f"/v1/jobs/{job_id}").json()
    assert (waiting["state"], waiting["attempts"]) == ("queued", 0)
    assert "no space left" in waiting["error"]["message"] and waiting["not_before"]
    assert not Worker(services).work_once()
    monkeypatch.setattr(
        services.leases, "_clock", lambda _: datetime.now(UTC) + timedelta(minutes=5)
    )
    assert Worker(services).work_once()
    assert client.get(f"/v1/jobs/{job_id}").json()["state"] == "done"


def test_damaged_bytes_fail_the_job_and_the_queue_goes_on(
    services: Services, client: TestClient
) -> None:
    jobs = upload(client, ("bad.pdf", pdf_bytes("one")), ("good.pdf", pdf_bytes("two"))).json()[
        "jobs"
    ]
    services.stores.originals.path(jobs[0]["sha256"]).write_bytes(b"%PDF-rotten")
    worker = Worker(services)
    assert worker.work_once() and worker.work_once() and not worker.work_once()
    bad, good = (client.get(f"/v1/jobs/{job['id']}").json() for job in jobs)
    assert (bad["state"], bad["error"]["code"]) == ("failed", "damaged_file")
    assert good["state"] == "done"


def test_a_job_cancelled_at_the_last_moment_is_cancelled_at_once(
    services: Services, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = upload(client, ("notes.pdf", b"%PDF-1.7 no more")).json()["jobs"][0]["id"]
    ingest = services.pipeline.ingest

    def cancelled_meanwhile(collection: Any, source: Any, on_page: Any, held: Any) -> Any:
        services.queue.cancel(job_id)
        return ingest(collection, source, on_page)  # as if the look at the lease came too early

    monkeypatch.setattr(services.pipeline, "ingest", cancelled_meanwhile)
    assert Worker(services).work_once()
    assert client.get(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"


def test_a_collection_deleted_under_a_job_leaves_no_files(
    services: Services, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(client, ("a.pdf", pdf_bytes("one")))
    write = services.stores.vectors.write

    def deleted_meanwhile(*given: Any) -> Any:
        record = write(*given)
        services.stores.delete_collection("a")
        return record

    monkeypatch.setattr(services.stores.vectors, "write", deleted_meanwhile)
    assert Worker(services).work_once()
    assert list(services.stores.vectors.entries()) == []
    assert client.get("/v1/jobs").json()["jobs"] == []


def test_jobs_of_another_encoder_wait_for_a_worker_of_theirs(
    services: Services, client: TestClient
) -> None:
    upload(client, ("a.pdf", pdf_bytes("one")))
    revised = FakeEncoder(revision="2")
    encoders = KnownEncoders(LazyEncoder(lambda: revised.fingerprint, lambda: revised))
    foreign = replace(services, encoders=encoders)
    assert not Worker(foreign).work_once()
    assert Worker(services).work_once()


def test_a_stopping_service_gives_its_job_back(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with TestClient(create_app(fake_services(data_dir))) as client:
        client.post("/v1/collections", json={"name": "a"})
        data = pdf_bytes(*(f"page {n}" for n in range(300)))
        job_id = upload(client, ("long.pdf", data)).json()["jobs"][0]["id"]
        while client.get(f"/v1/jobs/{job_id}").json()["state"] == "queued":
            time.sleep(0.01)
    job = fake_services(data_dir).queue.job(job_id)
    assert (job.state, job.attempts) == ("queued", 0)
