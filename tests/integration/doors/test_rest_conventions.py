"""What programs expect of any REST service: HEAD, Location, and a description without surprises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from tests.builders import fake_services, pdf_bytes

HEADERS_OF_EACH = ("content-type", "content-length", "etag", "cache-control", "content-disposition")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with one document in the collection `a` and an empty collection `b`."""
    with TestClient(create_app(fake_services(tmp_path_factory.mktemp("rest") / "data"))) as client:
        for name in ("a", "b"):
            client.post("/v1/collections", json={"name": name})
        file = {"files": ("bolts.pdf", pdf_bytes("Tighten the bolts to 45 Nm", "twice"))}
        client.post("/v1/collections/a/documents?wait=true", files=file)
        yield client


def paths(client: TestClient) -> list[str]:
    """One address for each route that can be read, of things that are there."""
    document = client.get("/v1/collections/a/documents").json()["documents"][0]["id"]
    job = client.get("/v1/jobs").json()["jobs"][0]["id"]
    talk = client.post("/v1/conversations", json={"collections": ["a"]}).json()["id"]
    values = {
        "name": "a", "document_id": document, "page_id": "1", "job_id": job,
        "conversation_id": talk, "model_id": "pagesight",
    }  # fmt: skip
    routes = client.get("/openapi.json").json()["paths"]
    addresses = [
        path.format(**values) + ("?query=bolts&format=json" if path.endswith("heatmap") else "")
        for path, operations in routes.items()
        if "get" in operations
        and not path.endswith(("/diff", "/video"))  # one version, no video: 404
    ]
    return [*addresses, "/", "/docs", "/pages/1", "/openapi.json"]


def test_every_route_that_can_be_read_answers_head_with_the_headers_alone(
    client: TestClient,
) -> None:
    for path in paths(client):
        head, whole = client.head(path), client.get(path)
        assert head.status_code == whole.status_code == 200, path
        assert head.content == b"", path
        for name in HEADERS_OF_EACH if path not in ("/metrics", "/readyz", "/v1/status") else ():
            assert head.headers.get(name) == whole.headers.get(name), (path, name)


def test_head_is_refused_as_get_is(client: TestClient) -> None:
    assert client.head("/v1/documents/none").status_code == 404
    assert client.head("/v1/search").status_code == 405
    ranged = client.head("/v1/pages/1/image", headers={"If-None-Match": "*"})
    assert ranged.status_code == 304


def test_head_of_a_stream_that_goes_on_ends(client: TestClient) -> None:
    services = client.app.state.running.services  # type: ignore[attr-defined]
    client.app.state.running.worker.stop()  # type: ignore[attr-defined]
    file = {"files": ("late.pdf", pdf_bytes("late"))}
    answer = client.post("/v1/collections/b/documents", files=file)
    job = answer.json()["jobs"][0]["id"]
    assert services.queue.job(job).state == "queued"
    head = client.head(f"/v1/jobs/{job}/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


def test_what_is_accepted_says_where_it_goes_on(client: TestClient) -> None:
    def upload(*names: str) -> Any:
        files = [("files", (name, pdf_bytes(name))) for name in names]
        return client.post("/v1/collections/b/documents", files=files)

    alone = upload("x.pdf")
    assert alone.status_code == 202
    assert client.get(alone.headers["location"]).json()["name"] == "x.pdf"
    several = upload("y.pdf", "z.pdf")
    listing = client.get(several.headers["location"]).json()
    assert {"y.pdf", "z.pdf"} <= {job["name"] for job in listing["jobs"]}
    samples = client.post("/v1/samples")
    assert samples.status_code == 202 and client.get(samples.headers["location"]).status_code == 200


def test_no_collections_are_all_that_may_be_read(client: TestClient) -> None:
    hits = client.post("/v1/search", json={"query": "bolts"}).json()["hits"]
    assert {hit["collection"] for hit in hits} == {"a"}
    answer = client.post("/v1/answers", json={"question": "How tight are the bolts?"}).json()
    assert answer["pages"]
    talk = client.post("/v1/conversations", json={}).json()
    assert {"a", "b"} <= set(talk["collections"])


def test_no_answer_is_one_of_several_types_and_bytes_are_described_as_bytes(
    client: TestClient,
) -> None:
    description = client.get("/openapi.json").json()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for kind, content in response.get("content", {}).items():
                    where = (path, method, status, kind)
                    if kind == "text/event-stream":  # events of several types, one after another
                        continue
                    assert not {"anyOf", "oneOf"} & content.get("schema", {}).keys(), where
                    if kind.startswith(("image/", "application/pdf")):
                        assert content["schema"] == {"type": "string", "format": "binary"}, where


def test_request_fields_with_a_default_may_be_left_out(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for name in ("SearchRequest", "AnswerRequest", "FilterBody", "ConversationRequest"):
        for field, schema in schemas[name]["properties"].items():
            assert "default" not in schema, (name, field)
    assert schemas["AnswerRequest"]["required"] == ["question"]
    assert "Default: `5`" in schemas["AnswerRequest"]["properties"]["k"]["description"]
    assert (
        not {"lease_owner", "lease_until", "heartbeat_at"}
        & schemas["JobResponse"]["properties"].keys()
    )
