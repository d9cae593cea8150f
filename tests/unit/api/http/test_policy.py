"""What is computed from the policies of routes: limits and open paths, before any routing."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.base.settings import Settings
from api.http.policy import CLOSED, RoutePolicies, policy, policy_of
from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services, wire


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    folder = tmp_path_factory.mktemp("policies")
    return wire(Settings(_env_file=None, data_dir=folder, encoder="fake"))  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def policies(services: Services) -> RoutePolicies:
    return RoutePolicies(create_app(services).routes)


@pytest.mark.parametrize(
    ("method", "path", "asks"),
    [
        ("POST", "/v1/search", "searches"),
        ("POST", "/mcp", None),  # its tools ask, each for its own
        ("POST", "/v1/answers", "answers"),
        ("POST", "/v1/chat/completions", "answers"),
        ("POST", "/v1/conversations/abc/messages", "answers"),
        ("POST", "/v1/conversations", None),
        ("POST", "/v1/collections/a/documents", None),
        ("GET", "/v1/answers", None),
    ],
)
def test_a_request_asks_for_the_places_of_its_kind(
    policies: RoutePolicies, method: str, path: str, asks: str | None
) -> None:
    assert policies.limit_of(method, path) == asks


@pytest.mark.parametrize(
    ("path", "is_open"),
    [
        ("/", True), ("/healthz", True), ("/web/app.js", True), ("/v1/session", True),
        ("/openapi.json", True), ("/web", False), ("/web/a/b", True), ("/metrics", False),
        ("/library/x", True), ("/library/x/y", False),
        ("/v1/collections", False), ("/pages/1", False), ("/mcp", False), ("/nowhere", False),
    ],
)  # fmt: skip
def test_a_path_is_open_when_its_routes_say_so(
    policies: RoutePolicies, path: str, is_open: bool
) -> None:
    assert policies.is_open(path) is is_open


def test_a_path_with_one_guarded_route_is_not_open() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/thing")
    @policy(scope=None)
    def show() -> None: ...

    @app.post("/thing")
    @policy(Scope.WRITE)
    def change() -> None: ...

    assert not RoutePolicies(app.routes).is_open("/thing")


def test_a_route_without_a_policy_is_for_administrators_of_everything(
    services: Services, tmp_path: Path
) -> None:
    services = wire(services.settings.model_copy(update={"data_dir": tmp_path}))
    app = create_app(services)

    @app.get("/forgotten/{name}")
    def forgotten(name: str) -> str:
        return name

    assert policy_of(forgotten) is CLOSED
    collection = services.create_collection("manuals")
    admin, writer, bound = (
        services.keys.create(name, scope, reach)[1]
        for name, scope, reach in [
            ("a", Scope.ADMIN, None), ("w", Scope.WRITE, None), ("b", Scope.ADMIN, [collection.id])
        ]
    )  # fmt: skip
    client = TestClient(app)

    def status(key: str) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return client.get("/forgotten/manuals", headers=headers).status_code

    assert client.get("/forgotten/manuals").status_code == 401
    assert [status(key) for key in (admin, writer, bound)] == [200, 403, 403]
