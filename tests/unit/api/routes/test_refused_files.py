"""Files that are refused: at the door, without a place in the line; and what can be done about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.inputs.sources import Source
from tests.builders import pdf_bytes

UPLOAD = "/v1/collections/a/documents"
BROKEN = b"%PDF-1.7 and no more"


def upload(client: TestClient, name: str, data: bytes, **headers: str) -> dict[str, Any]:
    answer = client.post(UPLOAD, files={"files": (name, data)}, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json()["jobs"][0])


def documents(client: TestClient) -> list[dict[str, Any]]:
    return list(client.get(UPLOAD).json()["documents"])


@pytest.mark.parametrize(
    ("data", "verdict"), [(b"", "empty"), (b"hello", "unsupported"), (b" " * 1024, "unsupported")]
)
def test_what_is_no_pdf_is_refused_before_any_worker_looks(
    client: TestClient, services: Services, data: bytes, verdict: str
) -> None:
    waiting = upload(client, "good.pdf", pdf_bytes("one"))
    refused = upload(client, "bad.pdf", data)
    assert (waiting["state"], refused["state"]) == ("queued", "failed")
    assert (refused["verdict"], refused["error"]["code"]) == (verdict, verdict)
    assert refused["ended_at"] is not None
    (shown,) = documents(client)
    assert (shown["id"], shown["name"], shown["verdict"]) == (
        refused["document_id"], "bad.pdf", verdict,
    )  # fmt: skip
    assert shown["error"] == refused["error"]
    kept = {sha256 for sha256, _ in services.queue.waiting_originals()}
    assert len(kept) == 1 and len(list(services.stores.originals.entries())) == 1


def test_the_same_refused_file_again_is_no_second_document(client: TestClient) -> None:
    first = upload(client, "bad.pdf", b"no PDF", **{"Idempotency-Key": "k"})
    again = upload(client, "bad.pdf", b"no PDF", **{"Idempotency-Key": "k"})
    assert again["id"] == first["id"]
    other = upload(client, "bad.pdf", b"no PDF")
    assert other["id"] != first["id"] and other["document_id"] == first["document_id"]
    assert [row["id"] for row in documents(client)] == [first["document_id"]]


def test_what_is_refused_at_the_door_is_counted(client: TestClient) -> None:
    upload(client, "bad.pdf", b"no PDF")
    line = 'pagesight_documents_ingested_total{verdict="unsupported"} 1.0'
    assert line in client.get("/metrics").text


def test_a_refused_document_is_tried_again_by_its_own_route(
    client: TestClient, services: Services
) -> None:
    upload(client, "broken.pdf", BROKEN)
    assert Worker(services).work_once()
    (refused,) = documents(client)
    assert refused["verdict"] == "corrupt"
    answer = client.post(f"/v1/documents/{refused['id']}/retry")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert client.post(f"/v1/documents/{refused['id']}/retry").status_code == 409  # it waits
    assert Worker(services).work_once()
    assert [row["verdict"] for row in documents(client)] == ["corrupt"]


def test_what_nobody_kept_cannot_be_tried_again(client: TestClient) -> None:
    refused = upload(client, "bad.pdf", b"no PDF")
    answer = client.post(f"/v1/documents/{refused['document_id']}/retry")
    assert (
        answer.status_code == 409 and "upload the file again" in answer.json()["error"]["message"]
    )


def test_only_a_refused_document_that_came_by_a_job_is_tried_again(
    client: TestClient, services: Services, tmp_path: Path
) -> None:
    collection = services.stores.catalog.collections.get("a")
    for name, data in (("good.pdf", pdf_bytes("x")), ("broken.pdf", BROKEN)):
        path = tmp_path / name
        path.write_bytes(data)
        services.pipeline.ingest(collection, Source(path, name))
    broken, good = documents(client)
    for document, reason in ((good, "was not refused"), (broken, "came without a job")):
        answer = client.post(f"/v1/documents/{document['id']}/retry")
        assert answer.status_code == 409 and reason in answer.json()["error"]["message"]


def test_a_list_holds_only_what_was_refused_or_only_the_rest(
    client: TestClient, services: Services
) -> None:
    upload(client, "bad.pdf", b"no PDF")
    upload(client, "good.pdf", pdf_bytes("one"))
    assert Worker(services).work_once()
    for query, names in (
        ("?refused=true", ["bad.pdf"]),
        ("?refused=false", ["good.pdf"]),
        ("?refused=true&search=good", []),
        ("", ["bad.pdf", "good.pdf"]),
    ):
        listed = client.get(f"{UPLOAD}{query}").json()["documents"]
        assert [row["name"] for row in listed] == names, query
