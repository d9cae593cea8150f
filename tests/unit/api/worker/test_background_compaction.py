"""Compaction that nobody asks for: beside a server, and beside a worker."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from api.worker.background_compaction import background_compaction
from api.worker.worker import Worker
from indexer.maintenance.merge_plan import MANY_FRESH
from tests.builders import fake_services, pdf_bytes

WORDS = [f"keyword{chr(97 + i)}" for i in range(MANY_FRESH)]


def upload_each(client: TestClient) -> None:
    client.post("/v1/collections", json={"name": "a"})
    for word in WORDS:
        file = (f"{word}.pdf", pdf_bytes(word))
        assert client.post("/v1/collections/a/documents", files={"files": file}).status_code == 202


def found(client: TestClient, word: str) -> list[str]:
    asked = {"query": word, "collections": ["a"], "k": 1}
    answer = client.post("/v1/search", json=asked)
    assert answer.status_code == 200, answer.text
    return [hit["document"] for hit in answer.json()["hits"]]


def wait_for_one_segment(services: Services) -> None:
    while services.queue.waiting_originals() or len(services.stores.catalog.segments.all()) != 1:
        time.sleep(0.05)


def compaction_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "compaction"]


@pytest.mark.timeout(120)
def test_uploads_become_one_segment_without_a_command_while_searches_go_on(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", upkeep_interval_s=0.05)
    with TestClient(create_app(services)) as client:
        upload_each(client)
        while (
            services.queue.waiting_originals() or len(services.stores.catalog.segments.all()) != 1
        ):
            found(client, WORDS[0])
        assert [found(client, word) for word in WORDS] == [[f"{word}.pdf"] for word in WORDS]
        assert len(compaction_threads()) == 1
    assert not compaction_threads()


@pytest.mark.timeout(120)
def test_a_worker_beside_a_server_that_runs_no_jobs_compacts(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", upkeep_interval_s=0.05, embedded_worker=False)
    with TestClient(create_app(services)) as client:
        upload_each(client)
        assert not compaction_threads()
    with background_compaction(services):
        Worker(services).run(drain=True)
        wait_for_one_segment(services)
    assert not compaction_threads()


def test_an_interval_of_zero_means_never(tmp_path: Path) -> None:
    with TestClient(create_app(fake_services(tmp_path / "data", upkeep_interval_s=0))):
        assert not compaction_threads()
