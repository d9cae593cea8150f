"""Every route and every tool declares its policy, and what it declares is what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response

from api.http.limits.bodies import PolicyRoute
from api.http.policy import CLOSED, Limit, policy_of
from api.mcp.tools import SPECS, ToolSpec
from api.serve.app import create_app
from api.services.wiring import wire
from indexer.base.errors import EncoderUnavailable
from indexer.encoders.fake import FakeEncoder
from tests.builders import copied
from tests.integration.test_access_matrix import RULES, filled
from tests.support.keyed_library import QUESTIONS, A, KeyedLibrary, keyed_library

LIMITS: tuple[Limit, ...] = ("searches", "answers")
TOOL_ARGUMENTS: dict[str, dict[str, Any]] = {
    "list_collections": {},
    "list_documents": {"collection": A},
    "search_pages": {"query": QUESTIONS[A]},
    "get_page": {"page_id": 2, "max_px": 64},
    "get_page_text": {"page_id": 2},
    "get_page_tables": {"page_id": 2},
    "ask_documents": {"question": QUESTIONS[A]},
}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> KeyedLibrary:
    return keyed_library(tmp_path_factory.mktemp("policies"))


@pytest.fixture
def app(keyed: KeyedLibrary, tmp_path: Path) -> FastAPI:
    """One search and one answer at a time. One more is let in, and waits in vain for a moment.

    Over a copy of the data, as some routes take something away.
    """
    limits = {"max_searches": 1, "max_answers": 1, "max_waiting": 1, "max_wait_s": 0.05}
    return create_app(wire(copied(keyed.services.settings, tmp_path / "data", **limits)))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: FakeEncoder) -> None:
        raise EncoderUnavailable("the weights are gone")

    monkeypatch.setattr(FakeEncoder, "__init__", broken)


def routes_of(app: FastAPI) -> dict[tuple[str, str], RouteContext]:
    return {
        (method, str(route.path)): route
        for route in iter_route_contexts(app.routes)
        for method in route.methods or {"*"}
    }


def ask_route(client: TestClient, keyed: KeyedLibrary, method: str, path: str) -> Response:
    """Call a route as its rule in the access matrix says, with a key that may do everything."""
    call = RULES[method, path].body(A)
    role = keyed.roles["read manuals" if "conversation" in path else "admin all"]
    headers = call.pop("headers", {}) | role.headers
    return client.request(method, filled(path, keyed.things[A], A, keyed), **call, headers=headers)


def ask_tool(client: TestClient, keyed: KeyedLibrary, spec: ToolSpec) -> str:
    """Call a tool over `/mcp`; the whole text of the response."""
    params = {"name": spec.name, "arguments": TOOL_ARGUMENTS[spec.name]}
    response = client.post(
        "/mcp",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
        headers={"accept": "application/json, text/event-stream"}
        | keyed.roles["admin all"].headers,
    )
    assert response.status_code == 200
    assert '"isError":' in response.text
    return response.text


def asks_for(declared: Limit | None, limit: Limit) -> bool:
    """An answer begins with a search, so it takes a slot of both."""
    return declared == limit or (declared == "answers" and limit == "searches")


def is_refused(text: str) -> bool:
    return "pagesight is busy with other questions" in text


class held:  # noqa: N801 - reads as a word
    """The only slot of each of these limits is taken."""

    def __init__(self, app: FastAPI, *limits: Limit) -> None:
        self._limiters = [app.state.running.admission.of(limit) for limit in limits]

    def __enter__(self) -> None:
        for limiter in self._limiters:
            assert (limiter.n_taken, limiter.n_queued) == (0, 0)
            limiter.n_taken += 1

    def __exit__(self, *_: object) -> None:
        for limiter in self._limiters:
            limiter.n_taken -= 1
            assert (limiter.n_taken, limiter.n_queued) == (0, 0)


def test_every_route_and_every_tool_declares_a_policy(app: FastAPI) -> None:
    for (method, path), route in routes_of(app).items():
        assert policy_of(route.endpoint) is not CLOSED, f"{method} {path} declares no policy"
        original = route.original_route
        assert isinstance(original, APIRoute) and isinstance(original, PolicyRoute), path
    assert {spec.name for spec in SPECS} == TOOL_ARGUMENTS.keys()
    assert all(spec.policy.scope is not None for spec in SPECS)


@pytest.mark.parametrize(("method", "path"), RULES, ids=[" ".join(rule) for rule in RULES])
def test_a_route_takes_the_limit_that_it_declares_and_no_other(
    keyed: KeyedLibrary, app: FastAPI, client: TestClient, method: str, path: str
) -> None:
    if path == "/mcp":
        pytest.skip("its tools take the limits")
    declared = policy_of(routes_of(app)[method, path].endpoint).limit
    for limit in LIMITS:
        with held(app, limit):
            response = ask_route(client, keyed, method, path)
        waits = asks_for(declared, limit)
        assert is_refused(response.text) is waits, f"{limit}: {response.text}"
        assert (response.status_code == 503) is waits
        assert ("retry-after" in response.headers) is waits


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
def test_a_tool_takes_the_limit_that_it_declares_and_no_other(
    keyed: KeyedLibrary, app: FastAPI, client: TestClient, spec: ToolSpec
) -> None:
    for limit in LIMITS:
        with held(app, limit):
            text = ask_tool(client, keyed, spec)
        waits = asks_for(spec.policy.limit, limit)
        assert is_refused(text) is waits, f"{limit}: {text}"
        assert ("(retry after 1 s)" in text) is waits
        assert ('"retry_after_s":1' in text) is waits
        assert ('"isError":true' in text) is waits
    assert '"isError":false' in ask_tool(client, keyed, spec)


@pytest.mark.parametrize(("method", "path"), RULES, ids=[" ".join(rule) for rule in RULES])
@pytest.mark.usefixtures("no_encoder")
def test_a_route_needs_the_encoder_exactly_when_it_says_so(
    keyed: KeyedLibrary, app: FastAPI, client: TestClient, method: str, path: str
) -> None:
    if path == "/mcp":
        pytest.skip("its tools say what they need")
    if path.endswith("/extract"):
        pytest.skip("it needs the encoder where a document has a value")
    response = ask_route(client, keyed, method, path)
    needs = policy_of(routes_of(app)[method, path].endpoint).encoder
    assert ("the weights are gone" in response.text) is needs, response.text
    assert (response.status_code == 503) is needs


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
@pytest.mark.usefixtures("no_encoder")
def test_a_tool_needs_the_encoder_exactly_when_it_says_so(
    keyed: KeyedLibrary, client: TestClient, spec: ToolSpec
) -> None:
    text = ask_tool(client, keyed, spec)
    assert ("the weights are gone" in text) is spec.policy.encoder, text
