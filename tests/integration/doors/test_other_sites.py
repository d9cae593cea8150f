"""Pages of other sites that call the service from the browser, where PAGESIGHT_CORS_ORIGINS names them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services
from tests.support.small_library import QUESTION, library

APP, OTHER = "https://app.example.org", "https://evil.example.org"
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type, x-stainless-lang",
}
FROM_A_PAGE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
BODY = {"question": QUESTION, "collections": ["manuals"]}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    folder = tmp_path_factory.mktemp("sites")
    return library(folder, embedded_worker=False, cors_origins=f"{APP} http://localhost:3000")


@pytest.fixture(scope="module")
def key(services: Services) -> str:
    return services.keys.create("app", Scope.READ)[1]


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


def test_a_preflight_needs_no_key_and_allows_named_sites_only(client: TestClient) -> None:
    response = client.options("/v1/answers", headers=PREFLIGHT | {"origin": APP})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert "x-stainless-lang" in response.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in response.headers
    refusal = client.options("/v1/answers", headers=PREFLIGHT | {"origin": OTHER})
    assert refusal.status_code == 400
    assert "access-control-allow-origin" not in refusal.headers


def test_a_named_site_asks_with_its_key_and_reads_errors_too(client: TestClient, key: str) -> None:
    headers = FROM_A_PAGE | {"origin": APP, "authorization": f"Bearer {key}"}
    response = client.post("/v1/answers", json=BODY, headers=headers)
    assert response.status_code == 200 and response.json()["grounded"]
    assert response.headers["access-control-allow-origin"] == APP
    refusal = client.post("/v1/answers", json=BODY, headers=FROM_A_PAGE | {"origin": APP})
    assert refusal.status_code == 401
    assert refusal.headers["access-control-allow-origin"] == APP


def test_another_site_is_refused_as_ever(client: TestClient, key: str) -> None:
    headers = FROM_A_PAGE | {"origin": OTHER, "authorization": f"Bearer {key}"}
    response = client.post("/v1/answers", json=BODY, headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_a_page_image_may_be_embedded_by_named_sites(client: TestClient, key: str) -> None:
    def policy(address: str, **headers: str) -> str:
        response = client.get(address, headers=headers)
        assert response.status_code == 200
        return response.headers["cross-origin-resource-policy"]

    bearer = {"authorization": f"Bearer {key}"}
    answer = client.post("/v1/answers", json=BODY, headers=bearer).json()
    signed = answer["citations"][0]["image_url"].removeprefix("http://testserver")
    plain = signed.partition("?")[0]
    assert policy(signed) == "cross-origin"
    assert policy(plain, referer=f"{APP}/", **bearer) == "cross-origin"
    assert policy(plain, referer=f"{OTHER}/", **bearer) == "same-origin"
    assert policy(plain, **bearer) == "same-origin"


def test_without_the_setting_no_site_is_let_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    services = library(tmp_path_factory.mktemp("closed"), embedded_worker=False)
    with TestClient(create_app(services)) as client:
        response = client.options("/v1/answers", headers=PREFLIGHT | {"origin": APP})
        assert response.status_code == 405
        response = client.get("/v1/collections", headers={"origin": APP})
        assert "access-control-allow-origin" not in response.headers
