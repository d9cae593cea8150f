"""Names that a service without keys may be called by, and pages that may change something in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services
from tests.builders import fake_services

FOREIGN = {"origin": "http://evil.example"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    settings = {"allowed_hosts": "nas.lan Pagesight", "public_url": "https://docs.example.org/p"}
    return fake_services(tmp_path_factory.mktemp("hosts"), embedded_worker=False, **settings)


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    """As in docker-compose.yml: every address, no keys."""
    return TestClient(create_app(services, listens_on="0.0.0.0"))


@pytest.mark.parametrize(
    ("host", "is_served"),
    [("localhost:8000", True), ("127.0.0.1", True), ("[::1]:8000", True), ("192.168.0.7:8000", True),
     ("[fe80::1]:8000", True), ("nas.lan:8000", True), ("NAS.LAN", True), ("nas.lan.", True),
     ("pagesight:8000", True), ("docs.example.org", True), ("evil.example", False), ("", False),
     ("nas.lan.evil.example", False), ("192.168.0.7.evil.example", False), ("0x7f000001", False),
     ("127.1", False), ("[nonsense", False), ("evil.example@127.0.0.1", False)],
)  # fmt: skip
def test_without_keys_a_name_must_be_known_and_an_address_stands_for_itself(
    client: TestClient, host: str, is_served: bool
) -> None:
    headers = {"host": host, "sec-fetch-site": "same-origin"}
    for answer in (
        client.get("/v1/collections", headers=headers),
        client.delete("/v1/collections/none", headers=headers),
    ):
        assert (answer.status_code != 421) is is_served
        if not is_served:
            error = answer.json()["error"]
            assert error["code"] == "host_refused" and "PAGESIGHT_ALLOWED_HOSTS" in error["message"]


def test_any_name_can_be_allowed(services: Services) -> None:
    settings = services.settings.model_copy(update={"allowed_hosts": "*"})
    app = create_app(replace(services, settings=settings), listens_on="0.0.0.0")
    answer = TestClient(app).get("/v1/collections", headers={"host": "whatever.example"})
    assert answer.status_code == 200


def test_with_a_key_the_key_decides(tmp_path: Path) -> None:
    services = fake_services(tmp_path, embedded_worker=False)
    _, text = services.keys.create("ann", Scope.READ)
    client = TestClient(create_app(services, listens_on="0.0.0.0"))
    headers = {"host": "any.example", "authorization": f"Bearer {text}"}
    assert client.get("/v1/collections", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "is_served"),
    [({}, True), ({"sec-fetch-site": "none"}, True), ({"sec-fetch-site": "same-origin"}, True),
     ({"origin": "http://127.0.0.1:8000"}, True), ({"origin": "https://docs.example.org"}, True),
     (FOREIGN, False), ({"origin": "null"}, False), ({"origin": "http://127.0.0.1:9999"}, False),
     (FOREIGN | {"sec-fetch-site": "none"}, False), ({"sec-fetch-site": "cross-site"}, False),
     ({"sec-fetch-site": "same-site"}, False), ({"origin": ""}, False),
     (FOREIGN | {"sec-fetch-site": "same-origin"}, True), (FOREIGN | {"authorization": "Bearer x"}, True)],
)  # fmt: skip
def test_a_page_of_another_site_changes_nothing(
    client: TestClient, headers: dict[str, str], is_served: bool
) -> None:
    headers = headers | {"host": "127.0.0.1:8000"}
    for answer in (
        client.post("/v1/collections", json={"name": "a-collection"}, headers=headers),
        client.post(
            "/v1/collections/a-collection/documents", files={"f": b"%PDF"}, headers=headers
        ),
        client.delete("/v1/collections/a-collection", headers=headers),
    ):
        assert (answer.status_code != 403) is is_served
        assert is_served or "PAGESIGHT_PUBLIC_URL" in answer.json()["error"]["message"]


def test_a_page_of_another_site_may_be_looked_at_from(client: TestClient) -> None:
    """A browser keeps the answer from the page that asked."""
    headers = FOREIGN | {"host": "127.0.0.1:8000"}
    assert client.get("/v1/collections", headers=headers).status_code == 200
