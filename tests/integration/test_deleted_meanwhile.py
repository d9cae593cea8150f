"""What a request names is looked up once. Deleted a moment later, it is answered or not found: no 500."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.conversations import Conversations
from api.services.wiring import Services
from indexer.catalog.collections import Collections
from indexer.catalog.documents import Documents
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.pages import Pages
from tests.integration.test_access_matrix import RULES, filled
from tests.support.keyed_library import A, KeyedLibrary, keyed_library

LOOK_UPS: dict[str, tuple[type, str]] = {
    "name": (Collections, "get"),
    "document_id": (Documents, "get"),
    "page_id": (Pages, "with_document"),
    "job_id": (JobQueue, "job"),
    "conversation_id": (Conversations, "get"),
}
# What the guard has looked up is enough for these; all others find that it is gone.
STILL_ANSWERED = {
    ("GET", "/v1/collections/{name}"),
    ("GET", "/v1/collections/{name}/documents"),
    ("GET", "/v1/documents/{document_id}"),
    ("GET", "/v1/jobs/{job_id}"),
    ("GET", "/v1/jobs/{job_id}/events"),
    ("GET", "/v1/pages/{page_id}"),
    ("GET", "/pages/{page_id}"),
}
# Their own reason to refuse comes first: the document was indexed, nobody asked to be told, nothing comes
# from the web here.
STILL_REFUSED = {
    ("POST", "/v1/documents/{document_id}/retry"): 409,
    ("POST", "/v1/jobs/{job_id}/replay"): 409,
    ("POST", "/v1/collections/{name}/web"): 422,
}
BY_ID = [rule for rule in RULES if any(f"{{{parameter}}}" in rule[1] for parameter in LOOK_UPS)]


@pytest.fixture
def keyed(tmp_path: Path) -> KeyedLibrary:
    return keyed_library(tmp_path)


@pytest.fixture
def client(keyed: KeyedLibrary) -> Iterator[TestClient]:
    with TestClient(create_app(keyed.services), raise_server_exceptions=False) as client:
        yield client


def ask(client: TestClient, keyed: KeyedLibrary, method: str, path: str) -> Any:
    call = RULES[method, path].body(A)
    headers = keyed.roles["read manuals" if "conversation" in path else "admin all"].headers
    return client.request(method, filled(path, keyed.things[A], A, keyed), **call, headers=headers)


def parameter_of(path: str) -> str:
    return next(parameter for parameter in LOOK_UPS if f"{{{parameter}}}" in path)


def delete(services: Services, path: str, conversation_id: str) -> None:
    """Delete what the path names, and everything that a repair finds to be of no use then."""
    if "conversation" in path:
        services.conversations.delete(conversation_id)
    else:
        services.stores.delete_collection(A)
    services.repairer.repair(services.repairer.verify())


def after_first_call(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, then: Callable[[], None]
) -> list[object]:
    """Call `then` when the method returns for the first time; returns the arguments of all calls."""
    look_up, calls = getattr(owner, name), []

    def watched(self: Any, key: object) -> Any:
        value = look_up(self, key)
        calls.append(key)
        if len(calls) == 1:
            then()
        return value

    monkeypatch.setattr(owner, name, watched)
    return calls


@pytest.mark.parametrize(("method", "path"), BY_ID, ids=[" ".join(rule) for rule in BY_ID])
def test_what_is_deleted_after_it_was_looked_up_is_not_found(
    keyed: KeyedLibrary,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
) -> None:
    conversation_id = keyed.things[A].conversation_id
    after_first_call(
        monkeypatch,
        *LOOK_UPS[parameter_of(path)],
        then=lambda: delete(keyed.services, path, conversation_id),
    )
    response = ask(client, keyed, method, path)
    rule = (method, path)
    expected = 200 if rule in STILL_ANSWERED else STILL_REFUSED.get(rule, 404)
    assert response.status_code == expected, response.text
    if expected == 404:
        assert response.json()["error"]["code"].endswith("not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        rule
        for rule in BY_ID
        if rule[0] == "GET" and not rule[1].endswith(("heatmap", "diff", "video"))
    ],
    ids=lambda part: part,
)
def test_an_id_is_looked_up_once_in_a_request(
    keyed: KeyedLibrary,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
) -> None:
    owner, name = LOOK_UPS[parameter_of(path)]
    calls = after_first_call(monkeypatch, owner, name, then=lambda: None)
    assert ask(client, keyed, method, path).status_code == 200
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("tool", "arguments"), [("get_page_text", {}), ("get_page", {"max_px": 64, "neighbours": 1})]
)
def test_a_page_that_is_deleted_during_a_call_is_not_found_by_the_tool(
    keyed: KeyedLibrary,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    arguments: dict[str, Any],
) -> None:
    page_id = keyed.things[A].page_id
    after_first_call(
        monkeypatch, Pages, "with_document", then=lambda: delete(keyed.services, "/mcp", "")
    )
    params = {"name": tool, "arguments": {"page_id": page_id} | arguments}
    response = client.post(
        "/mcp",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
        headers={"accept": "application/json, text/event-stream"}
        | keyed.roles["admin all"].headers,
    )
    assert '"isError":true' in response.text
    assert f"no page {page_id}" in response.text
