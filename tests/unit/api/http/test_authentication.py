"""The door of the service: who comes in with what, and what a browser may do with a cookie."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

from api.base.errors import TooManyRequests
from api.http.authentication import COOKIE, Authentication
from api.http.limits.key_limits import KeyLimits
from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services
from tests.support.small_library import library

STRICT = ("httponly", "samesite=strict", "path=/")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("gate"), embedded_worker=False)


@pytest.fixture(scope="module")
def key(services: Services) -> str:
    return services.keys.create("ann", Scope.ADMIN)[1]


@pytest.fixture
def client(services: Services, key: str) -> TestClient:
    return TestClient(create_app(services), raise_server_exceptions=False)


@pytest.fixture
def keyless(tmp_path: Path) -> Services:
    """Another data folder, where no key was made."""
    return library(tmp_path, embedded_worker=False)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_the_key_comes_as_openai_clients_send_it(client: TestClient, key: str, scheme: str) -> None:
    told = client.get("/v1/models", headers={"Authorization": f"{scheme} {key}"})
    assert told.status_code == 200
    assert {"Authorization", "Cookie"} <= {part.strip() for part in told.headers["vary"].split(",")}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer ü"},
     {"Authorization": "Bearer none"}, {"Cookie": f"{COOKIE}=none"}, {"X-Api-Key": "none"}],
)  # fmt: skip
def test_without_a_key_nothing_is_told(client: TestClient, headers: dict[str, str]) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    told = client.get("/v1/collections", headers=encoded)  # type: ignore[arg-type]
    error = told.json()["error"]
    assert (told.status_code, error["code"], error["type"]) == (
        401,
        "invalid_api_key",
        "KeyRequired",
    )
    assert told.headers["www-authenticate"] == 'Bearer realm="pagesight"'
    assert told.headers["x-content-type-options"] == "nosniff"


def test_a_key_is_no_part_of_an_address(client: TestClient, key: str) -> None:
    assert client.get(f"/v1/collections?key={key}&api_key={key}").status_code == 401


@pytest.mark.parametrize("path", ["/v1/search", "/v1/collections/garden/documents", "/mcp"])
def test_no_byte_of_a_body_is_read_from_a_stranger(services: Services, key: str, path: str) -> None:
    told: list[int] = []
    anyio.run(create_app(services), asked(path), never, noting(told))
    assert told == [401]


def test_from_the_first_key_on_one_is_asked_for(keyless: Services) -> None:
    client = TestClient(create_app(keyless))
    assert client.get("/v1/collections").status_code == 200
    assert client.get("/v1/collections", headers=bearer("none")).status_code == 200
    assert client.get("/v1/session").json()["key_required"] is False
    refused = client.post("/v1/keys", json={"name": "first", "scope": "admin"})
    assert refused.status_code == 403 and "pagesight keys create" in refused.text
    made, text = keyless.keys.create("first", Scope.READ)
    assert client.get("/v1/collections").status_code == 401
    assert client.get("/v1/collections", headers=bearer(text)).status_code == 200
    keyless.keys.revoke(made.id)
    assert client.get("/v1/collections", headers=bearer(text)).status_code == 401
    assert client.get("/v1/collections").status_code == 401


def test_without_keys_a_request_waits_for_no_catalog(
    keyless: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(create_app(keyless))
    search = {"query": "bolts", "collections": ["manuals"]}
    assert client.post("/v1/search", json=search).status_code == 200
    monkeypatch.setattr(keyless.keys, "none_lately", lambda: True)
    monkeypatch.setattr(keyless.keys, "exist", lambda: pytest.fail("the catalog was asked"))
    assert client.post("/v1/search", json=search).status_code == 200


def test_keys_can_be_asked_for_before_there_is_one(keyless: Services) -> None:
    strict = keyless.settings.model_copy(update={"require_keys": True})
    client = TestClient(create_app(replace(keyless, settings=strict)))
    assert client.get("/v1/collections").status_code == 401
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("localhost:8000", True), ("127.0.0.1:8000", True), ("127.9.9.9", True), ("[::1]:8000", True),
     ("app.localhost", True), ("docs.example.org", True), ("evil.example", False), ("", False),
     ("127.0.0.1.evil.example", False), ("192.168.0.7:8000", False), ("[nonsense", False)],
)  # fmt: skip
def test_without_keys_a_request_must_name_this_machine(
    keyless: Services, host: str, allowed: bool
) -> None:
    """A name of somebody else's that means 127.0.0.1 would open the service to that web site."""
    public = keyless.settings.model_copy(update={"public_url": "https://docs.example.org"})
    app = create_app(replace(keyless, settings=public), listens_on="127.0.0.1")
    told = TestClient(app).get("/v1/collections", headers={"host": host})
    assert told.status_code == (200 if allowed else 421)
    if not allowed:
        assert told.json()["error"]["code"] == "host_refused"


# -- the web page's cookie ---------------------------------------------------------------------------


def who(session: dict[str, Any]) -> dict[str, Any]:
    """Who asks; the rest of a session says what may be asked for."""
    return {
        name: value
        for name, value in session.items()
        if not name.startswith("max_") and name != "read_only"
    }


def test_a_cookie_carries_the_key_to_images_and_links(client: TestClient, key: str) -> None:
    assert client.get("/v1/pages/1/image").status_code == 401
    said = client.get("/v1/session").json()
    assert who(said) == {"key_required": True, "name": None, "scope": None, "everywhere": False}
    assert said["max_file_bytes"] > 0 and said["max_upload_files"] > 0
    begun = client.post("/v1/session", json={"key": key})
    cookie = begun.headers["set-cookie"].lower()
    assert all(part in cookie for part in STRICT) and "secure" not in cookie
    ann = {"key_required": True, "name": "ann", "scope": "admin", "everywhere": True}
    assert who(begun.json()) == ann
    for path in ("/v1/pages/1/image", "/pages/1", "/v1/collections"):
        assert client.get(path).status_code == 200
    assert client.get("/v1/session").json()["name"] == "ann"
    ended = client.delete("/v1/session")
    assert ended.headers["clear-site-data"] == '"cache"'
    assert client.get("/v1/pages/1/image").status_code == 401


def test_a_wrong_key_gets_no_cookie(client: TestClient) -> None:
    told = client.post("/v1/session", json={"key": "ps_wrong"})
    assert told.status_code == 401 and "set-cookie" not in told.headers


def test_behind_https_the_cookie_is_sent_over_https_only(services: Services, key: str) -> None:
    client = TestClient(create_app(services), base_url="https://docs.example.org")
    assert "secure" in client.post("/v1/session", json={"key": key}).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": "http://testserver"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://testserver:3000"}, False),
        ({"origin": "http://testserver.evil.example"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://testserver:3000"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "route", [("POST", "/v1/search"), ("POST", "/mcp"), ("DELETE", "/v1/conversations/x")]
)
def test_a_cookie_changes_nothing_for_another_site(
    client: TestClient, key: str, headers: dict[str, str], allowed: bool, route: tuple[str, str]
) -> None:
    client.cookies.set(COOKIE, key)
    told = client.request(*route, headers=headers, json={})
    assert (told.status_code == 403) is not allowed
    plain = {name: value for name, value in headers.items() if name != "sec-fetch-site"}
    assert client.request(*route, headers=plain | bearer(key), json={}).status_code != 403


def test_a_link_from_elsewhere_leads_through_the_web_page(client: TestClient, key: str) -> None:
    people = {"accept": "text/html,*/*"}
    told = client.get("/pages/2?box=0,0,1,1", headers=people, follow_redirects=False)
    assert told.status_code == 303
    assert told.headers["location"] == "/?next=%2Fpages%2F2%3Fbox%3D0%2C0%2C1%2C1"
    assert client.get("/pages/2").status_code == 401  # a program is told what is missing
    assert client.get("/v1/collections", headers=people).status_code == 401
    begun = client.get("/pages/2", headers=people | bearer(key), follow_redirects=False)
    assert begun.status_code == 200


# -- keys over HTTP ----------------------------------------------------------------------------------


def test_an_admin_makes_lists_and_revokes_keys(client: TestClient, key: str) -> None:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    asked = {"name": "bob", "scope": "write", "collections": ["garden"], "expires_at": soon}
    made = client.post("/v1/keys", json=asked, headers=bearer(key))
    assert made.status_code == 201
    body = made.json()
    assert (body["scope"], body["collections"], body["name"]) == ("write", ["garden"], "bob")
    told = client.get("/v1/collections", headers=bearer(body["key"])).json()
    assert [one["name"] for one in told["collections"]] == ["garden"]
    listed = client.get("/v1/keys", headers=bearer(key))
    assert body["key"] not in listed.text and "sha256" not in listed.text
    (bob,) = [one for one in listed.json()["keys"] if one["id"] == body["id"]]
    assert bob["last_used_at"] is not None and bob["revoked_at"] is None
    assert client.delete(f"/v1/keys/{body['id']}", headers=bearer(key)).status_code == 204
    assert client.get("/v1/collections", headers=bearer(body["key"])).status_code == 401
    unknown = client.delete("/v1/keys/nobody", headers=bearer(key))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "key_not_found")


@pytest.mark.parametrize(
    ("body", "status"),
    [({"name": ""}, 422), ({"name": "  "}, 422), ({"name": "x", "scope": "root"}, 422),
     ({"name": "x", "collections": ["nowhere"]}, 404), ({"name": "x", "more": 1}, 422),
     ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, 422),
     ({"name": "x", "expires_at": "2999-01-01T00:00:00"}, 422)],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_not_made(
    client: TestClient, key: str, body: dict[str, Any], status: int
) -> None:
    before = client.get("/v1/keys", headers=bearer(key)).json()
    assert client.post("/v1/keys", json=body, headers=bearer(key)).status_code == status
    assert client.get("/v1/keys", headers=bearer(key)).json()["keys"][1:] == before["keys"][1:]


def test_two_callers_may_choose_the_same_idempotency_key(services: Services, key: str) -> None:
    client = TestClient(create_app(services))
    other = services.keys.create("other", Scope.WRITE)[1]
    path, same = "/v1/collections/garden/documents", {"Idempotency-Key": "k" * 255}

    def sent(who: str, name: str) -> Any:
        files = {"files": (name, f"%PDF-{name}".encode())}
        return client.post(path, files=files, headers=bearer(who) | same)

    mine, theirs = sent(key, "a.pdf"), sent(other, "b.pdf")
    assert mine.status_code == theirs.status_code == 202
    assert sent(key, "a.pdf").json()["jobs"][0]["id"] == mine.json()["jobs"][0]["id"]
    assert sent(other, "c.pdf").status_code == 422


# -- limits of one key -------------------------------------------------------------------------------


def test_a_running_request_counts_until_it_ends() -> None:
    limits = KeyLimits(2)
    with ExitStack() as running:
        for key_id in ("a", "b", "a"):
            running.enter_context(limits.request(key_id))
        with pytest.raises(TooManyRequests, match="2 requests running"), limits.request("a"):
            pass
    with pytest.raises(ValueError, match="broken"), limits.request("a"), limits.request("a"):
        raise ValueError("broken")
    with limits.request("a"), limits.request("a"):
        pass


def test_more_than_a_key_may_is_429_with_the_time_to_wait(services: Services, key: str) -> None:
    slow = services.settings.model_copy(update={"requests_per_minute": 2})
    client = TestClient(create_app(replace(services, settings=slow)))
    answers = [client.get("/v1/collections", headers=bearer(key)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == "too_many_requests"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert client.get("/healthz").status_code == 200
    assert client.get("/v1/collections").status_code == 401  # a stranger spends nobody's requests


def test_a_stream_is_a_running_request_until_its_end(services: Services, key: str) -> None:
    one = services.settings.model_copy(update={"requests_at_once": 1})
    told: list[int] = []

    async def check() -> None:
        go_on = anyio.Event()

        async def streams(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await go_on.wait()

        gate = Authentication(streams, replace(services, settings=one))

        async def ask() -> None:
            await gate(asked("/v1/answers", key), never, noting(told))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            while not told:
                await anyio.sleep(0.01)
            await ask()
            go_on.set()
        await ask()

    anyio.run(check)
    assert told == [200, 429, 200]


def asked(path: str, key: str = "") -> dict[str, Any]:
    """The scope of a POST."""
    headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
    return {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "headers": headers,
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("testserver", 80),
        "http_version": "1.1",
    }  # fmt: skip


async def never() -> Any:
    raise AssertionError("the body was read")


def noting(told: list[int]) -> Callable[[Any], Awaitable[None]]:
    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    return send


def test_openai_clients_are_told_of_a_missing_key_as_they_know_it(client: TestClient) -> None:
    for path in ("/v1/models", "/v1/chat/completions"):
        error = client.get(path).json()["error"]
        assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_api_key")
