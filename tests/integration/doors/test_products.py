"""Dify's external knowledge and Open WebUI's document loader, asked as those programs ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from tests.builders import fake_services, pdf_bytes

FILES = {
    "pump.pdf": ("Tighten the housing bolts to 45 Nm", {"year": "2024", "client": "Orvane"}),
    "lease.pdf": ("The lease of the house ends in June", {"year": "2026"}),
    "plain.pdf": ("A document of which nothing is said", {}),
}


NO_NUMBER = {
    "metadata_condition": {
        "conditions": [{"name": "year", "comparison_operator": ">", "value": "x"}]
    }
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return fake_services(tmp_path_factory.mktemp("products") / "data", max_file_bytes=100_000)


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        client.post("/v1/collections", json={"name": "a"})
        for name, (text, metadata) in FILES.items():
            file = {"files": (name, pdf_bytes("A first page", text))}
            client.post("/v1/collections/a/documents?wait=true", files=file)
            listing = client.get("/v1/collections/a/documents", params={"search": name}).json()
            path = f"/v1/documents/{listing['documents'][0]['id']}"
            tags = {"tags": ["legal"]} if name == "lease.pdf" else {}
            client.patch(path, json={"metadata": metadata} | tags)
        yield client


def retrieve(client: TestClient, query: str = "the housing bolts", **fields: Any) -> Any:
    """Ask as Dify does."""
    setting = {"top_k": fields.pop("top_k", 10), "score_threshold": fields.pop("threshold", 0.0)}
    body = {"retrieval_setting": setting, "query": query, "knowledge_id": "a"} | fields
    return client.post("/retrieval", json=body, headers={"Authorization": "Bearer key-of-dify"})


def documents(
    client: TestClient, *conditions: tuple[str, str, Any], operator: str = "and"
) -> set[str]:
    listed = [
        {"name": name, "comparison_operator": comparison, "value": value}
        for name, comparison, value in conditions
    ]
    condition = {"logical_operator": operator, "conditions": listed}
    answer = retrieve(client, metadata_condition=condition)
    assert answer.status_code == 200, answer.text
    return {record["metadata"]["document"] for record in answer.json()["records"]}


def test_dify_gets_pages_with_text_title_score_and_where_they_stand(client: TestClient) -> None:
    answer = retrieve(client, top_k=3)
    assert answer.status_code == 200
    records = answer.json()["records"]
    assert len(records) == 3 and records[0]["score"] == 1.0
    assert [row["score"] for row in records] == sorted(
        (row["score"] for row in records), reverse=True
    )
    best = records[0]
    assert "housing bolts to 45 Nm" in best["content"]
    assert best["title"] == "pump.pdf, page 2"
    assert best["metadata"] | {"page_number": 2, "client": "Orvane"} == best["metadata"]
    shown = client.get(best["metadata"]["url"])
    assert shown.status_code == 200 and "pump.pdf" in shown.text


def test_dify_gets_no_page_below_its_threshold_and_an_empty_list_where_there_is_none(
    client: TestClient,
) -> None:
    assert all(row["score"] == 1.0 for row in retrieve(client, threshold=1.0).json()["records"])
    condition = {"conditions": [{"name": "year", "comparison_operator": "is", "value": "1900"}]}
    assert retrieve(client, metadata_condition=condition).json() == {"records": []}


def test_every_comparison_of_dify_holds_for_the_right_documents(client: TestClient) -> None:
    pump, lease, plain = FILES
    both = {pump, lease}
    expected: list[tuple[tuple[str, str, Any], set[str]]] = [
        (("client", "contains", "van"), {pump}),
        (("client", "not contains", "van"), {lease, plain}),
        (("client", "start with", "Or"), {pump}),
        (("client", "end with", "ne"), {pump}),
        (("client", "is", "Orvane"), {pump}),
        (("client", "is not", "Orvane"), {lease, plain}),
        (("year", "in", ["2024", "2026"]), both),
        (("year", "not in", ["2024"]), {lease, plain}),
        (("year", "empty", None), {plain}),
        (("year", "not empty", None), both),
        (("year", "=", 2024), {pump}),
        (("year", "≠", 2024), {lease, plain}),
        (("year", ">", 2024), {lease}),
        (("year", "<", 2026), {pump}),
        (("year", "≥", 2024), both),
        (("year", "≤", 2024), {pump}),
        (("year", "before", "2025-01-01"), {pump}),
        (("year", "after", "2025-01-01"), {lease}),
        (("tags", "contains", "legal"), {lease}),
        (("document", "end with", "p.pdf"), {pump}),
    ]
    for condition, names in expected:
        assert documents(client, condition) == names, condition
    two = ("year", "is", "2024"), ("tags", "is", "legal")
    assert documents(client, *two) == set() and documents(client, *two, operator="or") == both


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"knowledge_id": "nowhere"}, 404),
        ({"query": ""}, 422),
        ({"top_k": 0}, 422),
        ({"threshold": 2}, 422),
        (
            {"metadata_condition": {"conditions": [{"name": "a", "comparison_operator": "near"}]}},
            422,
        ),
        (
            {
                "metadata_condition": {
                    "conditions": [{"name": "year", "comparison_operator": ">", "value": "x"}]
                }
            },
            422,
        ),
    ],
)
def test_what_dify_asks_wrongly_is_refused_with_the_reason(
    client: TestClient, fields: dict[str, Any], status: int
) -> None:
    answer = retrieve(client, **fields)
    assert answer.status_code == status and answer.json()["error"]["message"]


def test_dify_can_try_the_address_with_no_body_at_all(client: TestClient) -> None:
    answer = client.post("/retrieval", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 422  # neither 404, 403 nor 502, which it takes for a wrong address


def process(client: TestClient, data: bytes, name: str, kind: str = "application/pdf") -> Any:
    """Send a file as Open WebUI does."""
    headers = {
        "Content-Type": kind, "Authorization": "Bearer key", "X-Filename": quote(name),
        "X-OpenWebUI-User-Name": "Ada",
    }  # fmt: skip
    return client.put("/process", content=data, headers=headers)


def test_open_webui_gets_each_page_as_markdown_and_nothing_is_stored(
    client: TestClient, services: Services
) -> None:
    def stored() -> list[Path]:
        return sorted(path for path in services.stores.folder.root.rglob("*.pdf") if path.is_file())

    before = stored()
    answer = process(client, pdf_bytes("The first page", "The second page"), "Über uns.pdf")
    assert answer.status_code == 200, answer.text
    first, second = answer.json()
    assert "The first page" in first["page_content"] and "The second page" in second["page_content"]
    assert second["metadata"] | {"source": "Über uns.pdf", "page": 2} == second["metadata"]
    assert stored() == before


def test_open_webui_gets_a_text_file_as_it_is(client: TestClient) -> None:
    (page,) = process(client, "Grüße".encode(), "notes.txt", "text/plain; charset=utf-8").json()
    assert page == {"page_content": "Grüße", "metadata": {"source": "notes.txt"}}


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"no PDF at all", 422, "PDF"),
        (b"", 422, "empty"),
        (b"%PDF-1.7 broken", 422, ""),
        (b"x" * 100_001, 413, "100,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    client: TestClient, data: bytes, status: int, reason: str
) -> None:
    answer = process(client, data, "x.pdf")
    assert answer.status_code == status and reason in answer.json()["error"]["message"]
