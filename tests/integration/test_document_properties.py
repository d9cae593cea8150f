"""Tags and metadata from the upload to the search, and lists of documents in every order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.cursors import cursor_of
from api.http.document_lists import DocumentSort, listing_of, place_in, place_of
from api.serve.app import create_app
from api.services.wiring import Services
from indexer.catalog.database import Database
from indexer.encoders.fake import FakeEncoder
from tests.builders import fake_services, open_stores, pdf_bytes
from tests.support.factories import draft, embedding
from tests.support.postgres import new_database

SORTS: tuple[DocumentSort, ...] = (
    "name", "-name", "pages", "-pages", "bytes", "-bytes", "created_at", "-created_at",
)  # fmt: skip
FILES = {
    "pump.pdf": ["Pump manual", "Tighten the housing bolts to 45 Nm", "End"],
    "lease.pdf": ["The lease of the house ends in June"],
    "Übersicht.pdf": ["An overview of pumps", "and of leases"],
}


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data")


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """A service with three documents; the first two were uploaded with tags and metadata."""
    with TestClient(create_app(services)) as client:
        client.post("/v1/collections", json={"name": "a"})
        upload(client, "pump.pdf", tags="Manual, pumps", metadata='{"year": "2026"}')
        upload(client, "lease.pdf", tags=["legal", "house"], metadata='{"year": "2025"}')
        upload(client, "Übersicht.pdf")
        yield client


def upload(client: TestClient, name: str, data: bytes | None = None, **fields: Any) -> Any:
    file = {"files": (name, data or pdf_bytes(*FILES[name]))}
    return client.post("/v1/collections/a/documents?wait=true", files=file, data=fields)


def document(client: TestClient, name: str) -> Any:
    documents = client.get("/v1/collections/a/documents", params={"search": name}).json()
    (body,) = documents["documents"]
    return body


def names_of(client: TestClient, **params: Any) -> list[str]:
    """The whole list in parts of one."""
    names, cursor = [], None
    while True:
        query = params | {"limit": 1} | ({"cursor": cursor} if cursor else {})
        body = client.get("/v1/collections/a/documents", params=query).json()
        names += [row["name"] for row in body["documents"]]
        if (cursor := body["next_cursor"]) is None:
            return names


def hits(client: TestClient, **filters: Any) -> set[str]:
    body = {"query": "the housing bolts", "collections": ["a"], "k": 20, "filters": filters}
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    return {hit["document"] for hit in answer.json()["hits"]}


def test_an_upload_gives_its_files_tags_and_metadata(client: TestClient) -> None:
    pump, lease, overview = (document(client, name) for name in FILES)
    assert (pump["tags"], pump["metadata"]) == (["manual", "pumps"], {"year": "2026"})
    assert (lease["tags"], lease["metadata"]) == (["house", "legal"], {"year": "2025"})
    assert (overview["tags"], overview["metadata"]) == ([], {})
    body = {"query": "bolts", "collections": ["a"], "k": 1, "filters": {"tags": ["pumps"]}}
    (hit,) = client.post("/v1/search", json=body).json()["hits"]
    assert (hit["tags"], hit["metadata"]) == (["manual", "pumps"], {"year": "2026"})


def test_the_same_file_again_is_given_what_is_new(client: TestClient) -> None:
    upload(client, "pump.pdf", tags="urgent", metadata='{"year": "2027", "site": "Bremen"}')
    assert document(client, "pump.pdf")["tags"] == ["manual", "pumps", "urgent"]
    assert document(client, "pump.pdf")["metadata"] == {"site": "Bremen", "year": "2027"}
    upload(client, "pump.pdf")
    assert document(client, "pump.pdf")["tags"] == ["manual", "pumps", "urgent"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"metadata": "no json"}, 400, "invalid_upload"),
        ({"metadata": '{"year": 2026}'}, 400, "invalid_upload"),
        ({"metadata": '["a"]'}, 400, "invalid_upload"),
        ({"metadata": '{"a=b": "c"}'}, 422, "invalid_properties"),
        ({"tags": "x" * 65}, 422, "invalid_properties"),
        ({"tags": ",".join(map(str, range(33)))}, 422, "invalid_properties"),
    ],
)
def test_an_upload_with_wrong_fields_is_refused_and_nothing_is_kept(
    client: TestClient, fields: dict[str, str], status: int, code: str
) -> None:
    answer = upload(client, "new.pdf", pdf_bytes("new"), **fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "new.pdf" not in names_of(client)


def test_what_a_patch_gives_takes_the_place_of_what_was_there(client: TestClient) -> None:
    path = f"/v1/documents/{document(client, 'pump.pdf')['id']}"
    body = client.patch(path, json={"tags": ["New"]}).json()
    assert (body["tags"], body["metadata"]) == (["new"], {"year": "2026"})
    body = client.patch(path, json={"metadata": {}}).json()
    assert (body["tags"], body["metadata"]) == (["new"], {})
    assert client.patch(path, json={}).json() == body == client.get(path).json()
    for wrong_body in ({"name": "x"}, {"tags": "x"}, {"metadata": {"a": 1}}, {"tags": [""]}):
        assert client.patch(path, json=wrong_body).status_code == 422
    assert client.get(path).json() == body
    assert client.patch("/v1/documents/none", json={"tags": []}).status_code == 404


def test_a_search_sees_documents_with_all_of_the_tags_and_values(client: TestClient) -> None:
    assert hits(client) == set(FILES)
    assert hits(client, tags=["Pumps"]) == {"pump.pdf"}
    assert hits(client, tags=["pumps", "legal"]) == set()
    assert hits(client, metadata={"year": "2025"}) == {"lease.pdf"}
    assert hits(client, tags=["manual"], metadata={"year": "2025"}) == set()
    assert hits(client, documents=["pump.pdf"], tags=["legal"]) == set()
    for filters in ({"tags": [""]}, {"tags": ["a,b"]}, {"metadata": {"year": 1}}):
        body = {"query": "x", "collections": ["a"], "filters": filters}
        assert client.post("/v1/search", json=body).status_code == 422


def test_a_search_sees_at_once_that_tags_have_changed(client: TestClient) -> None:
    assert hits(client, tags=["later"]) == set()
    path = f"/v1/documents/{document(client, 'lease.pdf')['id']}"
    client.patch(path, json={"tags": ["later"]})
    assert hits(client, tags=["later"]) == {"lease.pdf"}


def test_an_answer_is_read_from_documents_with_the_tag(client: TestClient) -> None:
    question = {"question": "When does the lease end?", "collections": ["a"]}
    for tag, names in (("legal", {"lease.pdf"}), ("pumps", {"pump.pdf"})):
        answer = client.post("/v1/answers", json=question | {"filters": {"tags": [tag]}})
        assert {page["document"] for page in answer.json()["pages"]} == names


def test_chat_completions_take_the_same_filters(client: TestClient) -> None:
    body = {"model": "pagesight/a", "messages": [{"role": "user", "content": "the bolts?"}]}
    options = {"filters": {"tags": ["legal"], "metadata": {"year": "2025"}}}
    answer = client.post("/v1/chat/completions", json=body | {"pagesight": options})
    pages = answer.json()["pagesight"]["pages"]
    assert {page["document"] for page in pages} == {"lease.pdf"}


def test_properties_go_with_the_document_and_its_collection(
    client: TestClient, services: Services
) -> None:
    client.delete(f"/v1/documents/{document(client, 'pump.pdf')['id']}")
    upload(client, "pump.pdf")
    assert document(client, "pump.pdf")["tags"] == []
    client.delete("/v1/collections/a")
    client.post("/v1/collections", json={"name": "a"})
    upload(client, "lease.pdf")
    assert document(client, "lease.pdf")["tags"] == []


def test_a_document_that_is_read_anew_keeps_its_tags(
    client: TestClient, services: Services
) -> None:
    catalog = services.stores.catalog
    before = document(client, "pump.pdf")
    services.pipeline.read_anew(
        catalog.collections.get("a"), catalog.documents.get(before["id"]), lambda done, pages: None
    )
    after = document(client, "pump.pdf")
    assert (after["tags"], after["metadata"]) == (before["tags"], before["metadata"])
    assert hits(client, tags=["manual"]) == {"pump.pdf"}


def test_a_list_holds_names_and_tags_that_are_asked_for(client: TestClient) -> None:
    assert names_of(client) == ["lease.pdf", "pump.pdf", "Übersicht.pdf"]
    assert names_of(client, search="P.PDF") == ["pump.pdf"]
    assert names_of(client, search="über") == ["Übersicht.pdf"]
    assert names_of(client, tag="LEGAL") == ["lease.pdf"]
    assert names_of(client, tag="legal", search="pump") == []
    upload(client, "pump.pdf", None)
    upload(client, "also.pdf", pdf_bytes(*FILES["pump.pdf"]))  # a second name of the same bytes
    assert names_of(client, search="also") == ["pump.pdf"]


@pytest.mark.parametrize("sort", SORTS)
def test_a_list_in_parts_is_the_whole_list_in_every_order(
    client: TestClient, sort: DocumentSort
) -> None:
    keys = {"pages": "pages", "bytes": "bytes", "name": "name", "created_at": "created_at"}
    whole = client.get("/v1/collections/a/documents", params={"sort": sort}).json()["documents"]
    field = keys[sort.removeprefix("-")]
    values = [(row[field], row["id"]) for row in whole]
    assert values == sorted(values, reverse=sort.startswith("-"))
    assert names_of(client, sort=sort) == [row["name"] for row in whole]
    assert names_of(client, sort=sort, search="e") == [
        row["name"] for row in whole if "e" in row["name"]
    ]


def test_a_cursor_of_another_order_is_refused(client: TestClient) -> None:
    path = "/v1/collections/a/documents"
    cursor = client.get(path, params={"limit": 1, "sort": "pages"}).json()["next_cursor"]
    assert client.get(path, params={"cursor": cursor, "sort": "pages"}).status_code == 200
    for sort in ("name", "-pages", "bytes"):
        answer = client.get(path, params={"cursor": cursor, "sort": sort})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_cursor")
    assert client.get(path, params={"sort": "size"}).status_code == 422


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_both_databases_list_and_filter_alike(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    address = f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    if kind == "postgresql":
        address = new_database(request.getfixturevalue("postgres_server"))
    database = Database(address)
    stores = open_stores(tmp_path / "data", database)
    catalog = stores.catalog
    collection = catalog.collections.create("a", FakeEncoder().fingerprint)
    for i, name in enumerate(("x.pdf", "Äther.pdf", "y.pdf", "z.pdf")):
        pages = [embedding(2)] * (1 + i % 2)
        document_draft = draft(
            catalog, stores.vectors, collection, pages, name=name, sha256=str(i) * 64
        )
        assert catalog.documents.commit(document_draft) is not None
        tags = ["odd"] if i % 2 else ["even"]
        catalog.documents.set_properties(document_draft.document.id, tags, {"n": str(i)})
    for sort in SORTS:
        listing = listing_of("", None, sort)
        whole = catalog.documents.of_collection(collection.id, listing)
        assert len(whole) == 4
        names, after = [], None
        while batch := catalog.documents.of_collection(
            collection.id, listing, after=after, limit=1
        ):
            names += [row.name for row in batch]
            cursor_parts = place_of(listing, batch[-1])
            after = place_in(listing, cursor_of(*cursor_parts))
        assert names == [row.name for row in whole]
    tagged = catalog.documents.of_collection(collection.id, listing_of("", "odd"))
    assert {row.name for row in tagged} == {"Äther.pdf", "z.pdf"}
    searched = catalog.documents.of_collection(collection.id, listing_of("äTHER", None))
    assert [(row.name, row.properties.metadata) for row in searched] == [
        ("Äther.pdf", (("n", "1"),))
    ]
    snapshot = catalog.snapshot("a")
    assert {row.properties.tags for row in snapshot.documents} == {("odd",), ("even",)}
    database.engine.dispose()
