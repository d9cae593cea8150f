"""`GET /v1/status`: for administrators all of it, for others what is theirs; secrets for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.base.setting_list import setting_list
from api.serve.app import create_app
from api.services.wiring import Services
from indexer.catalog.jobs.records import JobDraft
from tests.builders import settings_of
from tests.support.keyed_library import A, KeyedLibrary, keyed_library
from tests.support.small_library import QUESTION, library

SECRET = "s3cret-word"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return library(tmp_path, embedded_worker=False, openai_api_key=SECRET)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


def test_the_status_tells_the_queue_the_indexes_the_disk_and_the_settings(
    client: TestClient, services: Services
) -> None:
    collection = services.stores.catalog.collections.get("manuals")
    services.queue.submit(collection.id, [JobDraft("late.pdf", "0" * 64, 1)])
    body = client.get("/v1/status").json()
    assert (body["encoder"], body["generator"]) == ("fake", "extractive")
    assert (body["queue"]["queued"], body["queue"]["running"]) == (1, 0)
    assert body["queue"]["oldest_waiting_s"] >= 0
    garden, manuals = body["collections"]
    assert (garden["name"], garden["pages"], garden["segments"]) == ("garden", 1, 1)
    assert (manuals["documents"], manuals["pages"]) == (1, 3)
    assert manuals["recall"] == {"mean": None, "worst": None, "n_sampled": 0}
    assert body["disk"]["free_bytes"] > 0 and body["disk"]["read_only_reason"] is None
    assert {check["name"] for check in body["checks"]} >= {"catalog", "disk", "worker"}
    origins = {setting["name"]: setting["origin"] for setting in body["settings"]}
    assert origins["PAGESIGHT_EMBEDDED_WORKER"] == "environment"
    assert origins["PAGESIGHT_PORT"] == "default"


def test_the_times_of_each_stage_are_those_that_were_measured(client: TestClient) -> None:
    assert client.get("/v1/status").json()["latency"] == []
    client.post("/v1/search", json={"query": QUESTION, "collections": ["manuals"]})
    stages = {row["stage"]: row for row in client.get("/v1/status").json()["latency"]}
    assert stages.keys() >= {"encode", "candidates", "rerank", "evidence"}
    for row in stages.values():
        assert row["count"] == 1 and 0 <= row["median_s"] <= row["p95_s"]


def test_no_secret_and_no_path_of_the_data_folder_is_told(
    client: TestClient, services: Services
) -> None:
    answer = client.get("/v1/status")
    assert SECRET not in answer.text
    assert str(services.stores.folder.root) not in answer.text
    settings = {setting["name"]: setting["value"] for setting in answer.json()["settings"]}
    assert settings["PAGESIGHT_OPENAI_API_KEY"] == "set"
    assert settings["PAGESIGHT_WEBHOOK_SECRET"] is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql+psycopg://ann:pass@db/x", "postgresql+psycopg://ann:***@db/x"),
        ("postgresql://db/x?password=pass", "postgresql://db/x?***"),
        ("sqlite:///a.sqlite3", "sqlite:///a.sqlite3"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    listed = {row.name: row for row in setting_list(settings_of(database_url=address))}
    assert listed["PAGESIGHT_DATABASE_URL"].value == shown


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> KeyedLibrary:
    return keyed_library(tmp_path_factory.mktemp("status"))


def status_for(keyed: KeyedLibrary, role: str) -> dict[str, Any]:
    with TestClient(create_app(keyed.services)) as client:
        return dict(client.get("/v1/status", headers=keyed.roles[role].headers).json())


def test_a_reader_sees_the_queue_and_the_indexes_of_what_he_may_read(keyed: KeyedLibrary) -> None:
    body = status_for(keyed, f"read {A}")
    assert [row["name"] for row in body["collections"]] == [A]
    for part in ("checks", "latency", "disk", "settings"):
        assert body[part] is None
    assert body["queue"]["workers"] == []
