"""The sample documents over HTTP: in one call, and no more than once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from tests.builders import fake_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data", embedded_worker=False)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


def test_an_empty_service_offers_six_documents_and_questions_that_they_answer(
    client: TestClient,
) -> None:
    body = client.get("/v1/samples").json()
    assert (body["collection"], body["is_added"], len(body["documents"])) == ("samples", False, 6)
    assert len(body["questions"]) == 6
    assert {row["document"] for row in body["questions"]} <= {*body["documents"]}
    assert all(row["question"].endswith("?") for row in body["questions"])


def test_the_samples_are_queued_by_one_call_and_not_again_by_the_next(
    client: TestClient, services: Services
) -> None:
    answer = client.post("/v1/samples")
    assert answer.status_code == 202
    names = [job["name"] for job in answer.json()["jobs"]]
    assert names == client.get("/v1/samples").json()["documents"]
    assert client.get("/v1/samples").json()["is_added"] is True
    assert client.get("/v1/collections/samples").json()["title"] == "Sample documents"
    assert client.post("/v1/samples").json()["jobs"] == []
    cancelled = answer.json()["jobs"][2]
    client.post(f"/v1/jobs/{cancelled['id']}/cancel")
    again = client.post("/v1/samples").json()["jobs"]
    assert [job["name"] for job in again] == [cancelled["name"]]
