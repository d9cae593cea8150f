"""Over HTTP: bytes that are not the ones that were stored never come with status 200."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import api.routes.document_files
from api.serve.app import create_app
from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.storage.files import SyncFailed
from tests.builders import fake_services, pdf_bytes

Client = TestClient


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data", embedded_worker=False)


@pytest.fixture
def client(services: Services) -> Iterator[Client]:
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        client.post("/v1/collections", json={"name": "c"})
        for name in ("a.pdf", "b.pdf"):
            files = {"files": (name, pdf_bytes(f"alpha of {name}"), "application/pdf")}
            assert client.post("/v1/collections/c/documents", files=files).status_code == 202
        while Worker(services).work_once():
            pass
        yield client


def document_id(client: Client) -> str:
    return str(client.get("/v1/collections/c/documents").json()["documents"][0]["id"])


def only_file(services: Services, family: str) -> list[Path]:
    return sorted((services.stores.folder.root / family).rglob("*.*"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def harm_all(paths: list[Path], harm: str) -> None:
    """Flip a bit, empty the files, swap them, or take them away."""
    if harm == "swap":
        contents = [path.read_bytes() for path in paths]
        for path, content in zip(paths, reversed(contents), strict=True):
            path.write_bytes(content)
        return
    for path in paths:
        match harm:
            case "flip":
                flip(path)
            case "empty":
                path.write_bytes(b"")
            case "gone":
                path.unlink()


HARMS = pytest.mark.parametrize("harm", ["flip", "empty", "swap", "gone"])


@HARMS
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}])
def test_a_damaged_original_is_refused_before_its_first_byte(
    services: Services, client: Client, harm: str, headers: dict[str, str]
) -> None:
    address = f"/v1/documents/{document_id(client)}/file"
    assert client.get(address, headers=headers).status_code in (200, 206)
    harm_all(only_file(services, "originals"), harm)
    response = client.get(address, headers=headers)
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "damaged_blob"
    assert "ETag" not in response.headers
    files = next(c for c in client.get("/readyz").json()["checks"] if c["name"] == "files")
    assert files["state"] == "degraded" and "1 damaged" in files["detail"]
    assert 'pagesight_damaged_files{kind="originals"} 1.0' in client.get("/metrics").text


@HARMS
@pytest.mark.parametrize("query", ["", "?width=800"])
def test_a_damaged_page_image_is_refused(
    services: Services, client: Client, harm: str, query: str
) -> None:
    body = {"query": "alpha", "collections": ["c"]}
    page_id = client.post("/v1/search", json=body).json()["hits"][0]["page_id"]
    address = f"/v1/pages/{page_id}/image{query}"
    assert client.get(address).status_code == 200
    harm_all(only_file(services, "images"), harm)
    response = client.get(address)
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "damaged_blob"
    assert "immutable" not in response.headers.get("Cache-Control", "")


@HARMS
def test_a_thumbnail_is_the_picture_that_was_stored_or_refused(
    services: Services, client: Client, harm: str
) -> None:
    body = {"query": "alpha", "collections": ["c"]}
    first, second = (hit["page_id"] for hit in client.post("/v1/search", json=body).json()["hits"])
    before = client.get(f"/v1/pages/{first}/image?width=64")
    harm_all(only_file(services, "images"), harm)
    assert client.get(f"/v1/pages/{first}/image?width=64").content == before.content
    assert client.get(f"/v1/pages/{second}/image?width=64").status_code == 500


def test_a_large_original_is_compared_while_it_is_sent_and_cut_where_it_is_another(
    services: Services, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.routes.document_files, "CHECKED_FIRST_BYTES", 0)
    address = f"/v1/documents/{document_id(client)}/file"
    whole = client.get(address)
    assert whole.status_code == 200 and whole.content.startswith(b"%PDF")
    harm_all(only_file(services, "originals"), "flip")
    broken = client.get(address)
    assert len(broken.content) < len(whole.content)
    assert [entry.kind for entry in services.stores.damage.entries()] == ["originals"]


def test_a_search_and_an_answer_say_what_they_could_not_look_at(
    services: Services, client: Client
) -> None:
    search = {"query": "alpha", "collections": ["c"]}
    whole = client.post("/v1/search", json=search).json()
    assert whole["degraded"] is False and whole["missing_pages"] is None
    path = sorted((services.stores.folder.root / "collections").rglob("vectors.npy"))[0]
    flip(path)
    rest = client.post("/v1/search", json=search).json()
    assert len(rest["hits"]) == 1 and rest["degraded"] is True
    gone = {hit["document"] for hit in whole["hits"]} - {hit["document"] for hit in rest["hits"]}
    assert rest["missing_pages"] == {"documents": [*gone], "n_pages": 1}
    question = {"question": "alpha", "collections": ["c"]}
    answer = client.post("/v1/answers", json=question).json()
    assert answer["degraded"] is True and answer["missing_pages"] == rest["missing_pages"]
    chat = {"model": "c", "messages": [{"role": "user", "content": "alpha"}]}
    completion = client.post("/v1/chat/completions", json=chat).json()
    assert completion["pagesight"]["missing_pages"] == rest["missing_pages"]


def test_a_failed_sync_is_told_by_readyz_and_refuses_the_next_upload(
    services: Services, client: Client
) -> None:
    services.stores.folder.space.write_error(Path("x"), SyncFailed(errno.EIO, "Input/output error"))
    files = {"files": ("c.pdf", pdf_bytes("gamma"), "application/pdf")}
    response = client.post("/v1/collections/c/documents", files=files)
    assert response.status_code == 507 and response.json()["error"]["code"] == "read_only"
    disk = next(c for c in client.get("/readyz").json()["checks"] if c["name"] == "disk")
    assert disk["detail"].startswith("read-only: the disk failed to keep")
    assert client.post("/v1/search", json={"query": "alpha", "collections": ["c"]}).is_success
