"""Collections over HTTP: titles for people, names for programs, and how much room they take."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from indexer.catalog.collection_names import name_stem
from tests.builders import pdf_bytes
from tests.support.small_library import library


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return library(tmp_path, embedded_worker=False)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


def made(client: TestClient, **body: str) -> dict[str, object]:
    answer = client.post("/v1/collections", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_any_title_makes_a_collection_whose_name_the_service_finds(client: TestClient) -> None:
    first = made(client, title="Verträge / 2026")
    assert (first["name"], first["title"]) == ("vertrage-2026", "Verträge / 2026")
    second = made(client, title="Verträge / 2026")
    assert (second["name"], second["title"]) == ("vertrage-2026-2", "Verträge / 2026")
    assert made(client, title="契約書")["name"] == "collection"
    assert made(client, title="…")["name"] == "collection-2"
    both = made(client, name="Bills", title="All bills")
    assert (both["name"], both["title"]) == ("Bills", "All bills")
    assert made(client, name="plain")["title"] == "plain"


def test_chat_programs_list_a_collection_by_its_title(client: TestClient) -> None:
    made(client, title="契約書")
    names = {row["id"]: row["name"] for row in client.get("/v1/models").json()["data"]}
    assert names["pagesight/collection"] == "pagesight: 契約書"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My docs / 2026", "my-docs-2026"),
        ("../../etc/passwd", "etc-passwd"),
        ("-- --", "collection"),
        ("a" * 100, "a" * 90),
        ("x" * 89 + " y", "x" * 89),
    ],
)
def test_a_name_that_is_made_of_a_title_is_one_that_programs_may_use(title: str, name: str) -> None:
    assert name_stem(title) == name


@pytest.mark.parametrize("title", ["", "   ", "a" * 101, "\u202e\u0000"])
def test_a_title_without_a_letter_or_too_long_is_refused(client: TestClient, title: str) -> None:
    answer = client.post("/v1/collections", json={"title": title})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_name")
    answer = client.patch("/v1/collections/manuals", json={"title": title})
    assert answer.status_code == 422
    assert client.get("/v1/collections/manuals").json()["title"] == "manuals"


def test_a_collection_needs_a_title_or_a_name(client: TestClient) -> None:
    assert client.post("/v1/collections", json={}).status_code == 422


def test_titles_are_kept_in_one_spelling_on_one_line(client: TestClient) -> None:
    assert made(client, title=unicodedata.normalize("NFD", " Ä\n b "))["title"] == "Ä b"


def test_a_new_title_leaves_the_name_as_it_is(client: TestClient) -> None:
    changed = client.patch("/v1/collections/manuals", json={"title": "Handbücher"}).json()
    assert (changed["name"], changed["title"]) == ("manuals", "Handbücher")
    listed = client.get("/v1/collections").json()["collections"]
    assert [row["title"] for row in listed] == ["garden", "Handbücher"]


def test_a_collection_tells_its_size_and_its_jobs(client: TestClient, services: Services) -> None:
    before = client.get("/v1/collections/manuals").json()
    document = client.get("/v1/collections/manuals/documents").json()["documents"][0]
    assert before["original_bytes"] == document["bytes"]
    collection = services.stores.catalog.collections.get("manuals")
    stored = services.stores.catalog.segments.of_collection(collection.id)
    assert before["vector_bytes"] == sum(segment.n_bytes for segment in stored) > 0
    assert before["jobs"] == {"queued": 0, "running": 0, "failed": 0}
    files = [("files", ("new.pdf", pdf_bytes("new"))), ("files", ("bad.pdf", b"no PDF"))]
    client.post("/v1/collections/manuals/documents", files=files)
    after = client.get("/v1/collections/manuals").json()
    assert after["jobs"] == {"queued": 1, "running": 0, "failed": 1}
    assert client.get("/v1/collections/garden").json()["jobs"]["queued"] == 0
