"""Lists in parts, parts of files, what a client has already, and the one shape of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.base.errors import InvalidCursor
from api.http.cursors import cursor_of, key_of, moment_of, number_of
from api.serve.app import create_app
from tests.builders import fake_services, pdf_bytes

NAMES = [f"{i}.pdf" for i in range(5)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with three collections, five documents in the first, and three talks."""
    folder: Path = tmp_path_factory.mktemp("lists") / "data"
    with TestClient(create_app(fake_services(folder))) as client:
        for name in ("a", "b", "c"):
            client.post("/v1/collections", json={"name": name})
            client.post("/v1/conversations", json={"collections": ["a"], "title": name})
        for name in NAMES:
            files = {"files": (name, pdf_bytes(name))}
            client.post("/v1/collections/a/documents?wait=true", files=files)
        yield client


def parts(client: TestClient, path: str, field: str, limit: int) -> list[list[Any]]:
    found, cursor = [], None
    while True:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        body = client.get(path, params=params).json()
        found.append(body[field])
        if (cursor := body["next_cursor"]) is None:
            return found


@pytest.mark.parametrize(
    ("path", "field", "key", "expected"),
    [
        ("/v1/collections", "collections", "name", ["a", "b", "c"]),
        ("/v1/collections/a/documents", "documents", "name", NAMES),
        ("/v1/conversations", "conversations", "title", ["c", "b", "a"]),
        ("/v1/jobs", "jobs", "name", NAMES[::-1]),
    ],
)
def test_a_list_in_parts_is_the_whole_list(
    client: TestClient, path: str, field: str, key: str, expected: list[str]
) -> None:
    for limit in (1, 2, 200):
        found = parts(client, path, field, limit)
        assert all(len(part) <= limit for part in found)
        assert [one[key] for part in found for one in part] == expected
    for cursor in ("x", "€", "", cursor_of("a", "b", "c", "d"), "W10", "bnVsbA", "/../"):
        answer = client.get(path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_cursor")


def test_a_document_deleted_behind_the_cursor_hides_no_other(client: TestClient) -> None:
    path = "/v1/collections/a/documents"
    first = client.get(path, params={"limit": 2}).json()
    file = {"files": ("0-before.pdf", pdf_bytes(""))}
    (made,) = client.post(f"{path}?wait=true", files=file).json()["documents"]
    rest = client.get(path, params={"cursor": first["next_cursor"]}).json()["documents"]
    assert [one["name"] for one in rest] == NAMES[2:]
    client.delete(f"/v1/documents/{made['id']}")
    rest = client.get(path, params={"cursor": first["next_cursor"]}).json()["documents"]
    assert [one["name"] for one in rest] == NAMES[2:]


def test_a_cursor_holds_what_it_was_given_and_nothing_that_cannot_be_stored() -> None:
    assert key_of(cursor_of("Größe \N{SNOWMAN}", "2"), 2) == ("Größe \N{SNOWMAN}", "2")
    for bad in (cursor_of("a\0"), cursor_of("\ud800"), "1", "ImEi"):
        with pytest.raises(InvalidCursor):
            key_of(bad, 1)
    with pytest.raises(InvalidCursor):
        moment_of("yesterday")
    assert number_of("9223372036854775807") == 2**63 - 1
    for bad in ("", "0", "-1", "1.5", "²", "9223372036854775808", "9" * 5000):
        with pytest.raises(InvalidCursor):
            number_of(bad)


def file_address(client: TestClient) -> str:
    (first, *_) = client.get("/v1/collections/a/documents").json()["documents"]
    return f"/v1/documents/{first['id']}/file"


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"query": "valve"}},  # a form, which is what `curl -d` sends
        {"content": b'{"query": "valve"}', "headers": {"content-type": "text/plain"}},
        {"json": ["valve"]},
        {},
    ],
)
def test_a_body_that_is_no_json_object_is_told_what_to_send(
    client: TestClient, body: dict[str, Any]
) -> None:
    answer = client.post("/v1/search", **body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_request", None)
    assert "is no JSON object" in error["message"]
    assert "content-type: application/json" in error["message"]


def test_a_part_of_a_file_is_the_part_that_was_named(client: TestClient) -> None:
    address = file_address(client)
    whole = client.get(address)
    n = len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    for wanted, expected in (("bytes=0-3", b"%PDF"), ("bytes=-5", whole.content[-5:])):
        part = client.get(address, headers={"Range": wanted})
        assert (part.status_code, part.content) == (206, expected)
    assert part.headers["content-range"] == f"bytes {n - 5}-{n - 1}/{n}"
    changed = client.get(address, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (changed.status_code, changed.content) == (200, whole.content)


def test_a_part_that_is_not_there_is_refused_in_the_one_shape(client: TestClient) -> None:
    address = file_address(client)
    n = len(client.get(address).content)
    none = client.get(address, headers={"Range": f"bytes={n}-"})
    assert (none.status_code, none.headers["content-range"]) == (416, f"bytes */{n}")
    assert none.json()["error"]["code"] == "range_not_satisfiable"
    odd = client.get(address, headers={"Range": "pages=1-2"})
    assert (odd.status_code, odd.json()["error"]["code"]) == (400, "invalid_request")


def test_a_file_that_the_client_has_is_not_sent_again(client: TestClient) -> None:
    address = file_address(client)
    etag = client.get(address).headers["etag"]
    again = client.get(address, headers={"If-None-Match": f'"x", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(address, headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("GET", "/web/../app.py", 404, "not_found"),
        ("PATCH", "/v1/collections", 405, "method_not_allowed"),
        ("DELETE", "/", 405, "method_not_allowed"),
        ("GET", "/mcp", 405, "method_not_allowed"),
    ],
)
def test_an_address_that_is_not_there_is_refused_in_the_one_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert set(error) == {"message", "type", "code", "param"}
    assert ("allow" in answer.headers) == (status == 405)
