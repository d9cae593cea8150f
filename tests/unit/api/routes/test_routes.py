"""The routes over real services with the fake encoder: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.schemas.hits import search_body
from api.serve.app import create_app
from api.services.wiring import Services
from tests.builders import fake_services, pdf_bytes

PUMP = ["Pump manual", "Tighten the housing bolts to 45 Nm"]


def pdf(pages: list[str]) -> bytes:
    return pdf_bytes(*pages)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return fake_services(tmp_path_factory.mktemp("http") / "data")


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    """A service with the collection `manuals`, which holds one document of two pages."""
    with TestClient(create_app(services)) as client:
        assert client.post("/v1/collections", json={"name": "manuals"}).status_code == 201
        assert upload(client, "manuals", "pump.pdf", pdf(PUMP)).status_code == 201
        yield client


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[TestClient]:
    """An empty service of the test's own."""
    with TestClient(create_app(fake_services(tmp_path / "data"))) as client:
        yield client


def upload(client: TestClient, collection: str, name: str, data: bytes) -> Any:
    path = f"/v1/collections/{collection}/documents?wait=true"
    return client.post(path, files={"files": (name, data, "application/pdf")})


def first_document(client: TestClient) -> Any:
    return client.get("/v1/collections/manuals/documents").json()["documents"][0]


def test_a_collection_is_created_listed_shown_and_deleted(scratch: TestClient) -> None:
    created = scratch.post("/v1/collections", json={"name": "a"})
    assert (created.status_code, created.json()["name"]) == (201, "a")
    assert scratch.get("/v1/collections").json() == {
        "collections": [created.json()],
        "next_cursor": None,
    }
    shown = scratch.get("/v1/collections/a").json()
    assert created.json().items() <= shown.items()
    assert (shown["original_bytes"], shown["vector_bytes"]) == (0, 0)
    assert shown["jobs"] == {"queued": 0, "running": 0, "failed": 0}
    assert scratch.post("/v1/collections", json={"name": "a"}).status_code == 409
    assert scratch.delete("/v1/collections/a").status_code == 204
    assert scratch.get("/v1/collections/a").status_code == 404


def test_an_upload_tells_what_became_of_each_file(scratch: TestClient) -> None:
    scratch.post("/v1/collections", json={"name": "a"})
    files = [
        ("files", ("good.pdf", pdf(["one", "two"]))),
        ("files", ("bad.pdf", b"this is no PDF")),
        ("files", ("empty.pdf", b"")),
    ]
    answer = scratch.post("/v1/collections/a/documents?wait=true", files=files)
    assert answer.status_code == 201
    body = answer.json()
    verdicts = {one["name"]: one["verdict"] for one in body["documents"]}
    assert verdicts == {"good.pdf": "indexed", "bad.pdf": "unsupported", "empty.pdf": "empty"}
    assert [one["error"] is None for one in body["documents"]] == [True, False, False]
    assert body["collection"] == "a"
    assert body["totals"] | {"seconds": 0} == {
        "documents": 3, "searchable": 1, "refused": 2, "pages": 2, "seconds": 0,
    }  # fmt: skip


def test_the_same_bytes_again_are_unchanged_and_200(client: TestClient) -> None:
    again = upload(client, "manuals", "another-name.pdf", pdf(PUMP))
    assert again.status_code == 200
    (told,) = again.json()["documents"]
    assert (told["verdict"], told["id"]) == ("unchanged", first_document(client)["id"])


def test_nothing_of_an_upload_stays_in_the_temporary_folder(
    client: TestClient, services: Services
) -> None:
    upload(client, "manuals", "pump.pdf", pdf(PUMP))
    assert list((services.stores.folder.root / "tmp").iterdir()) == []


def test_a_document_is_shown_and_its_file_is_a_download(client: TestClient) -> None:
    listed = first_document(client)
    assert client.get(f"/v1/documents/{listed['id']}").json() == listed
    file = client.get(f"/v1/documents/{listed['id']}/file")
    assert file.content == pdf(PUMP)
    assert file.headers["content-disposition"] == 'attachment; filename="pump.pdf"'
    assert file.headers["x-content-type-options"] == "nosniff"


def test_a_refused_document_is_listed_with_its_reason_and_has_no_file(scratch: TestClient) -> None:
    scratch.post("/v1/collections", json={"name": "a"})
    (told,) = upload(scratch, "a", "bad.pdf", b"no").json()["documents"]
    (listed,) = scratch.get("/v1/collections/a/documents").json()["documents"]
    assert (listed["id"], listed["verdict"]) == (told["id"], "unsupported")
    assert listed["error"]["message"]
    assert scratch.get(f"/v1/documents/{told['id']}/file").status_code == 404


def test_a_deleted_document_is_in_no_answer(scratch: TestClient) -> None:
    scratch.post("/v1/collections", json={"name": "a"})
    (told,) = upload(scratch, "a", "pump.pdf", pdf(PUMP)).json()["documents"]
    query = {"query": "bolts", "collections": ["a"]}
    assert len(scratch.post("/v1/search", json=query).json()["hits"]) == 2
    assert scratch.delete(f"/v1/documents/{told['id']}").status_code == 204
    assert scratch.post("/v1/search", json=query).json()["hits"] == []
    assert scratch.delete(f"/v1/documents/{told['id']}").status_code == 404


def test_a_page_tells_where_it_stands_and_its_words(client: TestClient) -> None:
    page_id = first_document(client)["first_page_id"] + 1
    page = client.get(f"/v1/pages/{page_id}").json()
    assert (page["document"], page["page_number"], page["page_label"]) == ("pump.pdf", 2, "2")
    text = client.get(f"/v1/pages/{page_id}/text").json()
    assert (text["source"], text["text"]) == ("text", PUMP[1])
    assert [word["text"] for word in text["words"]] == PUMP[1].split()
    assert all(0 <= edge <= 1 for word in text["words"] for edge in word["box"])
    assert {word["line"] for word in text["words"]} == {0}


def test_a_page_image_comes_as_stored_or_smaller_never_larger(client: TestClient) -> None:
    page = client.get(f"/v1/pages/{first_document(client)['first_page_id']}").json()
    stored = page["image_width_px"], page["image_height_px"]
    for width, expected in ((None, stored[0]), (100, 100), (4096, stored[0])):
        params = {} if width is None else {"width": width}
        answer = client.get(f"/v1/pages/{page['page_id']}/image", params=params)
        assert answer.headers["content-type"] == "image/webp"
        image = Image.open(BytesIO(answer.content))
        assert image.width == expected
        assert abs(image.height - stored[1] * expected / stored[0]) <= 1
    for width in (0, 15, 4097, "wide"):
        address = f"/v1/pages/{page['page_id']}/image?width={width}"
        assert client.get(address).json()["error"]["param"] == "width"


def test_a_page_image_is_cached_for_ever_and_known_by_its_content(
    client: TestClient, services: Services
) -> None:
    page_id = first_document(client)["first_page_id"]
    page, _ = services.stores.catalog.pages.with_document(page_id)
    answer = client.get(f"/v1/pages/{page_id}/image")
    assert answer.headers["etag"] == f'"{page.image_sha256}"'
    assert "immutable" in answer.headers["cache-control"]
    for tag in (
        answer.headers["etag"],
        f"W/{answer.headers['etag']}",
        f'"x", {answer.headers["etag"]}',
    ):
        again = client.get(f"/v1/pages/{page_id}/image", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    smaller = client.get(f"/v1/pages/{page_id}/image?width=99", headers={"If-None-Match": tag})
    assert smaller.status_code == 200


def test_a_search_gives_what_the_command_line_prints(
    client: TestClient, services: Services
) -> None:
    body = client.post("/v1/search", json={"query": "bolts", "collections": ["manuals"]}).json()
    printed = search_body(services.searcher.search("bolts", ["manuals"])).model_dump(mode="json")
    assert body | {"timing_ms": 0} == printed | {"timing_ms": 0}
    best = body["hits"][0]
    assert (best["rank"], best["page_number"], best["collection"]) == (1, 2, "manuals")
    assert (best["document"], best["page_label"]) == ("pump.pdf", "2")
    assert best["evidence"] and all(0 <= edge <= 1 for edge in best["evidence"][0]["box"])


def test_filters_say_which_pages_may_be_found(client: TestClient) -> None:
    def pages(**filters: object) -> list[int]:
        body = {"query": "bolts", "collections": ["manuals"], "filters": filters}
        return [hit["page_number"] for hit in client.post("/v1/search", json=body).json()["hits"]]

    assert pages(pages="1") == [1]
    assert sorted(pages(documents=["pump.pdf"], pages="1-9")) == [1, 2]
    assert pages(pages="7-9") == []


@pytest.mark.usefixtures("kernels_built")
def test_ready_says_whether_the_encoder_is_loaded_and_loads_none(scratch: TestClient) -> None:
    assert scratch.get("/healthz").json() == {"status": "ok"}
    before = scratch.get("/readyz").json()
    assert (before["status"], before["encoder"], before["encoder_loaded"]) == (
        "ready",
        "fake",
        False,
    )
    scratch.post("/v1/collections", json={"name": "a"})
    scratch.post("/v1/search", json={"query": "bolts", "collections": ["a"]})
    assert scratch.get("/readyz").json()["encoder_loaded"] is True


def test_the_description_names_every_route_and_the_one_error_shape(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert description["info"]["title"] == "pagesight"
    for path, methods in description["paths"].items():
        for route in methods.values():
            assert route["description"], path
            if path.startswith("/v1"):
                error = route["responses"]["422"]["content"]["application/json"]["schema"]
                assert error == {"$ref": "#/components/schemas/ErrorResponse"}


def test_the_pages_of_a_document_are_listed_by_number_in_parts(client: TestClient) -> None:
    document = first_document(client)
    address = f"/v1/documents/{document['id']}/pages"
    whole = client.get(address).json()
    ids = [document["first_page_id"], document["first_page_id"] + 1]
    assert [page["page_id"] for page in whole["pages"]] == ids
    assert whole["pages"][1] == client.get(f"/v1/pages/{ids[1]}").json()
    assert (whole["collection"], whole["next_cursor"]) == ("manuals", None)
    part = client.get(address, params={"limit": 1}).json()
    rest = client.get(address, params={"limit": 5, "cursor": part["next_cursor"]}).json()
    assert part["pages"] + rest["pages"] == whole["pages"]
    assert client.get(address, params={"cursor": "x"}).status_code == 422


def test_a_file_is_a_download_or_shown_by_the_browser(client: TestClient) -> None:
    address = f"/v1/documents/{first_document(client)['id']}/file"
    download, shown = client.get(address), client.get(address, params={"inline": True})
    assert download.content == shown.content == pdf(PUMP)
    assert download.headers["content-disposition"].startswith("attachment")
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["x-content-type-options"] == "nosniff"
    policy = shown.headers["content-security-policy"]
    assert "script-src 'none'" in policy and "frame-ancestors 'none'" in policy


def test_a_search_says_what_ranks_its_pages(client: TestClient) -> None:
    def search(**fields: Any) -> list[dict[str, Any]]:
        body = {"query": "housing bolts", "collections": ["manuals"]} | fields
        hits: list[dict[str, Any]] = client.post("/v1/search", json=body).json()["hits"]
        return hits

    both, by_vectors, by_words = (search(mode=mode) for mode in ("both", "vectors", "words"))
    assert search() == both
    assert [hit["page_number"] for hit in by_words] == [2]  # page 1 has none of the words
    assert [hit["page_number"] for hit in by_vectors] == [2, 1]
    assert both[0]["score"] == pytest.approx(
        by_vectors[0]["score"] + by_words[0]["score"], abs=2e-4
    )
    refused = client.post(
        "/v1/search", json={"query": "bolts", "collections": ["manuals"], "mode": "visual"}
    )
    assert refused.json()["error"]["param"] == "mode"


def test_words_alone_are_shown_where_they_stand(scratch: TestClient) -> None:
    scratch.post("/v1/collections", json={"name": "a"})
    lines = ["Pump manual", "Tighten the housing bolts to 45 Nm", "Order spare parts"]
    upload(scratch, "a", "pump.pdf", pdf(["\n\n\n".join(lines)]))
    body = {"query": "spare part", "collections": ["a"], "mode": "words"}
    (hit,) = scratch.post("/v1/search", json=body).json()["hits"]
    assert "spare parts" in hit["snippet"]
    words = scratch.get(f"/v1/pages/{hit['page_id']}/text").json()["words"]
    (spare,) = (word["box"] for word in words if word["text"] == "spare")
    box = hit["evidence"][0]["box"]
    assert box[0] <= spare[0] and box[1] <= spare[1] and spare[2] <= box[2] and spare[3] <= box[3]
    (bolts,) = (word["box"] for word in words if word["text"] == "bolts")
    assert bolts[3] <= box[1] or box[3] <= bolts[1]


def test_the_words_of_a_query_are_marked_in_the_snippet(client: TestClient) -> None:
    body = {"query": "tightening a bolt", "collections": ["manuals"], "k": 1}
    (hit,) = client.post("/v1/search", json=body).json()["hits"]
    words = [hit["snippet"][start:stop] for start, stop in hit["matches"]]
    assert words == ["Tighten", "bolts"]


def test_a_collection_says_whether_an_image_can_be_looked_for(client: TestClient) -> None:
    assert client.get("/v1/collections/manuals").json()["image_queries"] is False
