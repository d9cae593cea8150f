"""Every route, called in every role, about every collection: who is let in, and what is told.

The rules stand here a second time, as a person would write them, so that one list checks the other.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import wire
from tests.builders import copied, pdf_bytes
from tests.support.keyed_library import QUESTIONS, A, B, KeyedLibrary, Role, Things, keyed_library

READ, WRITE, ADMIN, METRICS = Scope.READ, Scope.WRITE, Scope.ADMIN, Scope.METRICS
PDF = b"%PDF-1.7 nonsense"

# of: about one collection. every: about the service. list: shows what may be seen. own: of who began it.
Kind = Literal["of", "every", "list", "own"]


@dataclass(frozen=True)
class Rule:
    """Who may, and how to call. `spends`: a call that was let in takes something away."""

    need: Scope
    kind: Kind
    body: Callable[[str], dict[str, Any]] = lambda _: {}
    spends: bool = False
    also: tuple[int, ...] = ()  # what an allowed call may answer, beside 2xx


def about(**body: Any) -> Callable[[str], dict[str, Any]]:
    return lambda name: {"json": {"collections": [name], **_filled(body, name)}}


def just(**body: Any) -> Callable[[str], dict[str, Any]]:
    return lambda name: {"json": _filled(body, name)}


def _filled(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: QUESTIONS[name] if value == "?" else value for key, value in body.items()}


def chat(name: str) -> dict[str, Any]:
    asked = [{"role": "user", "content": QUESTIONS[name]}]
    return {"json": {"model": f"pagesight/{name}", "messages": asked}}


def response(name: str) -> dict[str, Any]:
    return {"json": {"model": f"pagesight/{name}", "input": QUESTIONS[name]}}


def chat_with_all(name: str) -> dict[str, Any]:
    asked = [{"role": "user", "content": QUESTIONS[name]}]
    return {"json": {"model": "pagesight", "messages": asked}}


def tool(name: str) -> dict[str, Any]:
    params = {"name": "search_pages", "arguments": {"query": QUESTIONS[name]}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    accepted = {"accept": "application/json, text/event-stream"}
    return {"json": call, "headers": accepted}


def retrieval(name: str) -> dict[str, Any]:
    setting = {"top_k": 3, "score_threshold": 0.0}
    return {"json": {"knowledge_id": name, "query": QUESTIONS[name], "retrieval_setting": setting}}


def process(_: str) -> dict[str, Any]:
    return {"content": pdf_bytes("a page"), "headers": {"Content-Type": "application/pdf"}}


def upload(_: str) -> dict[str, Any]:
    return {"files": {"files": ("x.pdf", PDF)}}


RULES = {
    ("GET", "/v1/collections"): Rule(READ, "list"),
    ("POST", "/v1/collections"): Rule(WRITE, "every", just(name="made"), spends=True),
    ("GET", "/v1/collections/{name}"): Rule(READ, "of"),
    ("DELETE", "/v1/collections/{name}"): Rule(ADMIN, "of", spends=True),
    ("PATCH", "/v1/collections/{name}"): Rule(WRITE, "of", just(title="Titled")),
    ("POST", "/v1/collections/{name}/documents"): Rule(WRITE, "of", upload, spends=True),
    ("GET", "/v1/collections/{name}/documents"): Rule(READ, "of"),
    ("POST", "/v1/collections/{name}/web"): Rule(
        ADMIN, "of", just(url="https://example.org/"), also=(422,)
    ),
    ("POST", "/v1/collections/{name}/extract"): Rule(
        READ, "of", just(schema={"properties": {"weight": {"type": ["string", "null"]}}})
    ),
    ("GET", "/v1/documents/{document_id}"): Rule(READ, "of"),
    ("PATCH", "/v1/documents/{document_id}"): Rule(WRITE, "of", just(tags=["a"]), spends=True),
    ("DELETE", "/v1/documents/{document_id}"): Rule(WRITE, "of", spends=True),
    ("POST", "/v1/documents/{document_id}/retry"): Rule(WRITE, "of", also=(409,)),
    ("GET", "/v1/documents/{document_id}/file"): Rule(READ, "of"),
    ("GET", "/v1/documents/{document_id}/pages"): Rule(READ, "of"),
    ("GET", "/v1/documents/{document_id}/export"): Rule(READ, "of"),
    ("GET", "/v1/documents/{document_id}/diff"): Rule(READ, "of", also=(404,)),
    ("GET", "/v1/kinds"): Rule(READ, "list"),
    ("GET", "/v1/jobs"): Rule(READ, "list"),
    ("GET", "/v1/jobs/{job_id}"): Rule(READ, "of"),
    ("POST", "/v1/jobs/{job_id}/cancel"): Rule(WRITE, "of", also=(409,)),
    ("POST", "/v1/jobs/{job_id}/retry"): Rule(WRITE, "of", also=(409,)),
    ("POST", "/v1/jobs/{job_id}/replay"): Rule(WRITE, "of", also=(409,)),
    ("GET", "/v1/jobs/{job_id}/events"): Rule(READ, "of"),
    ("GET", "/v1/pages/{page_id}"): Rule(READ, "of"),
    ("GET", "/v1/pages/{page_id}/image"): Rule(READ, "of"),
    ("GET", "/v1/pages/{page_id}/video"): Rule(READ, "of", also=(404,)),
    ("GET", "/v1/pages/{page_id}/text"): Rule(READ, "of"),
    ("GET", "/v1/pages/{page_id}/heatmap"): Rule(
        READ, "of", lambda name: {"params": {"query": QUESTIONS[name], "format": "json"}}
    ),
    ("POST", "/v1/search"): Rule(READ, "of", about(query="?")),
    ("POST", "/v1/answers"): Rule(READ, "of", about(question="?")),
    ("GET", "/v1/models"): Rule(READ, "list"),
    ("GET", "/v1/models/{model_id:path}"): Rule(READ, "of"),
    ("POST", "/v1/chat/completions"): Rule(READ, "of", chat),
    ("POST", "/v1/responses"): Rule(READ, "of", response),
    ("POST", "/v1/conversations"): Rule(READ, "of", about(title="t"), spends=True),
    ("GET", "/v1/conversations"): Rule(READ, "list"),
    ("GET", "/v1/conversations/{conversation_id}"): Rule(READ, "own"),
    ("PATCH", "/v1/conversations/{conversation_id}"): Rule(READ, "own", just(title="t")),
    ("DELETE", "/v1/conversations/{conversation_id}"): Rule(READ, "own", spends=True),
    ("POST", "/v1/conversations/{conversation_id}/messages"): Rule(
        READ, "own", just(question="?"), spends=True
    ),
    ("PUT", "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"): Rule(
        READ, "own", just(verdict="helpful")
    ),
    ("GET", "/v1/keys"): Rule(ADMIN, "every"),
    ("POST", "/v1/keys"): Rule(ADMIN, "every", just(name="k"), spends=True),
    ("DELETE", "/v1/keys/{key_id}"): Rule(ADMIN, "every", spends=True),
    ("GET", "/v1/samples"): Rule(READ, "list"),
    ("POST", "/v1/samples"): Rule(WRITE, "every", spends=True),
    ("GET", "/v1/status"): Rule(READ, "list"),
    ("GET", "/metrics"): Rule(METRICS, "every"),
    ("POST", "/retrieval"): Rule(READ, "of", retrieval),
    ("PUT", "/process"): Rule(READ, "list", process),
    ("POST", "/mcp"): Rule(READ, "list", tool),
    ("GET", "/pages/{page_id}"): Rule(READ, "of"),
}  # fmt: skip
OPEN = {
    "/", "/ask", "/search", "/library", "/status", "/healthz", "/readyz", "/docs", "/openapi.json",
    "/v1/session",
}  # fmt: skip
_NO_OAUTH = {
    f"/.well-known/oauth-{kind}{rest}"
    for kind in ("protected-resource", "authorization-server")
    for rest in ("", "/{path:path}")
}
OPEN_ROUTES = OPEN | _NO_OAUTH | {
    "/web/{name:path}", "/ask/{conversation_id}", "/doc/{document_id}", "/library/{name}",
}  # fmt: skip


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> KeyedLibrary:
    return keyed_library(tmp_path_factory.mktemp("matrix"))


@pytest.fixture(scope="module")
def client(keyed: KeyedLibrary) -> Iterator[TestClient]:
    with TestClient(create_app(keyed.services), raise_server_exceptions=False) as client:
        yield client


def walked(client: TestClient) -> set[tuple[str, str]]:
    return {
        (method, str(found.path))
        for found in iter_route_contexts(client.app.routes)  # type: ignore[attr-defined]
        for method in found.methods or {"*"}
    }


def test_every_route_is_guarded_or_open_on_purpose(client: TestClient) -> None:
    routes = walked(client)
    assert {path for _, path in routes if path in OPEN_ROUTES} == OPEN_ROUTES
    unruled = {one for one in routes if one[1] not in OPEN_ROUTES} ^ RULES.keys()
    assert not unruled, f"say who may use it, here and at the route: {unruled}"
    for method, path in sorted(routes):
        if path not in OPEN_ROUTES:
            told = client.request(method, path)
            assert (told.status_code, told.json()["error"]["code"]) == (401, "invalid_api_key")
            assert told.headers["www-authenticate"].startswith("Bearer")


def test_what_is_open_says_nothing_of_the_documents(
    keyed: KeyedLibrary, client: TestClient
) -> None:
    stranger = keyed.roles["no key"]
    for path in sorted(OPEN - {"/openapi.json"}):  # a file of the project, with examples in it
        told = client.get(path)
        assert told.status_code in (200, 503), path
        check_no_leak(keyed, stranger, told.text, "", path)


def test_what_no_route_is_at_needs_a_key_too(client: TestClient) -> None:
    assert client.get("/v1/nowhere").status_code == 401
    assert client.options("/v1/collections").status_code == 401


@pytest.mark.parametrize(("method", "path"), RULES, ids=[" ".join(one) for one in RULES])
def test_nobody_sees_or_does_what_is_not_theirs(
    keyed: KeyedLibrary, client: TestClient, tmp_path: Path, method: str, path: str
) -> None:
    rule = RULES[method, path]
    for role in keyed.roles.values():
        for name in (A, B):
            may = expected(rule, role, name)
            with the_service(keyed, client, tmp_path, fresh=rule.spends and may == 200) as service:
                address = filled(path, keyed.things[name], name, keyed)
                told = service.request(method, address, **call(rule, role, name))
            where = f"{role.name}, {name}: {told.status_code} {told.text[:300]}"
            if may == 200:
                assert told.is_success or told.status_code in rule.also, where
            else:
                assert told.status_code == may, where
                assert told.json().keys() == {"error"}, where
            check_no_leak(keyed, role, told.text, sent(rule, name) + address, where)
            if may == 404:
                check_same_as_unknown(client, rule, role, told, method, path, name, keyed)


def test_all_collections_together_are_those_of_the_key(
    keyed: KeyedLibrary, client: TestClient
) -> None:
    for role in keyed.roles.values():
        for name in (A, B):
            body = chat_with_all(name)
            told = client.post("/v1/chat/completions", headers=role.headers, **body)
            may_read = role.may(READ)
            refusal = 401 if role.scope is None else 403
            assert told.status_code == (200 if may_read else refusal), role
            if may_read:
                assert told.json()["pagesight"]["grounded"] is role.reaches(name), role
                check_no_leak(keyed, role, told.text, str(body), role.name)


def test_a_signed_link_is_worth_its_key_and_one_page(
    keyed: KeyedLibrary, client: TestClient
) -> None:
    services, stranger = keyed.services, keyed.roles["no key"]
    for role in (role for role in keyed.roles.values() if role.key is not None):
        for name in (A, B):
            for path in ("/pages/{page_id}", "/v1/pages/{page_id}/image"):
                address = filled(path, keyed.things[name], name, keyed)
                link = services.links.sign(address, role.key.id if role.key else "")
                may = role.reaches(name) and role.may(READ)
                told = client.get(link)
                assert told.status_code == (200 if may else 404), f"{role.name}, {name}, {path}"
                if not may:
                    check_no_leak(keyed, stranger, told.text, link, role.name)
                for bad in (
                    link.replace("expires=", "expires=1"),
                    link + "0",
                    f"{link}&light=0,0,1,1",
                ):
                    assert client.get(bad).status_code == 404, bad


def test_a_filter_by_foreign_ids_finds_nothing(keyed: KeyedLibrary, client: TestClient) -> None:
    role, foreign = keyed.roles[f"read {A}"], keyed.things[B]
    for collections in ([A], [A, B], [B]):
        body = {
            "query": QUESTIONS[B], "collections": collections,
            "filters": {"documents": [foreign.document_id]},
        }  # fmt: skip
        told = client.post("/v1/search", json=body, headers=role.headers)
        assert told.status_code == 404 and "pruned" not in told.text
    told = client.get("/v1/jobs", params={"collection": B}, headers=role.headers)
    unknown = client.get("/v1/jobs", params={"collection": "nowhere"}, headers=role.headers)
    assert told.status_code == unknown.status_code == 404
    assert told.text.replace(B, "nowhere") == unknown.text


def expected(rule: Rule, role: Role, name: str) -> int:
    """The status class: 200, 401, 403, 404."""
    if role.scope is None:
        return 401
    if role.scope is METRICS and rule.need is not METRICS:
        return 403
    if rule.kind == "list":
        return 200
    if rule.kind == "every":
        return 200 if role.may(rule.need) and role.reach is None else 403
    if rule.kind == "own":
        return 200 if role.name in (f"read {name}", "admin all") else 404
    if not role.reaches(name):
        return 404
    return 200 if role.may(rule.need) else 403


def call(rule: Rule, role: Role, name: str) -> dict[str, Any]:
    how = dict(rule.body(name))
    return how | {"headers": how.get("headers", {}) | role.headers}


def sent(rule: Rule, name: str) -> str:
    return str(rule.body(name))


def filled(path: str, things: Things, name: str, keyed: KeyedLibrary) -> str:
    key = keyed.roles["read both"].key
    assert key is not None
    return (
        path.replace("{name}", name)
        .replace("{document_id}", things.document_id)
        .replace("{job_id}", things.job_id)
        .replace("{page_id}", str(things.page_id))
        .replace("{conversation_id}", things.conversation_id)
        .replace("{message_id}", things.message_id)
        .replace("{model_id:path}", f"pagesight/{name}")
        .replace("{key_id}", key.id)
    )


def check_no_leak(keyed: KeyedLibrary, role: Role, told: str, asked: str, where: str) -> None:
    """No word of a collection that the role does not reach, but what the request itself said."""
    for other in (A, B):
        if not role.reaches(other):
            for secret in keyed.things[other].secrets:
                if secret not in asked:
                    assert secret not in told, f"{secret!r} is told: {where}"


def check_same_as_unknown(
    client: TestClient, rule: Rule, role: Role, told: Any, method: str, path: str, name: str,
    keyed: KeyedLibrary,
) -> None:  # fmt: skip
    """What is not the caller's is answered as what nobody has."""
    things = keyed.things[name]
    nowhere = "n" * len(name)
    other = Things("d" * 32, "e" * 32, 987_654, "f" * 32, things.message_id, ())
    how = call(rule, role, name)
    if "json" in how:
        asked = how["json"] | ({"collections": [nowhere]} if "collections" in how["json"] else {})
        asked |= {"knowledge_id": nowhere} if "knowledge_id" in asked else {}
        how["json"] = asked | ({"model": f"pagesight/{nowhere}"} if "model" in asked else {})
    unknown = client.request(method, filled(path, other, nowhere, keyed), **how)
    assert unknown.status_code == 404

    def neutral(text: str, ids: Things, called: str) -> str:
        for value in (ids.document_id, ids.job_id, ids.conversation_id, called):
            text = text.replace(value, "X")
        return text.replace(f"page {ids.page_id}", "page X")

    assert neutral(told.text, things, name) == neutral(unknown.text, other, nowhere)
    told_headers, unknown_headers = dict(told.headers), dict(unknown.headers)
    assert told_headers.keys() == unknown_headers.keys()


class the_service:  # noqa: N801 - reads as a word
    """The client of all, or one over a copy of the data for a call that takes something away."""

    def __init__(
        self, keyed: KeyedLibrary, client: TestClient, folder: Path, *, fresh: bool
    ) -> None:
        self._client = client
        self._copy = folder / "copy" if fresh else None
        self._settings = keyed.services.settings

    def __enter__(self) -> TestClient:
        if self._copy is None:
            return self._client
        settings = copied(self._settings, self._copy)
        return TestClient(create_app(wire(settings)), raise_server_exceptions=False)

    def __exit__(self, *_: object) -> None:
        if self._copy is not None:
            shutil.rmtree(self._copy)
