"""What the service refuses, and what it tells nobody."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.base.errors import HTTP_STATUS, Overloaded, http_status
from api.http.policy import MAX_JSON_BYTES, MAX_PICTURE_BYTES
from api.serve.app import create_app
from api.services.wiring import Services
from generator.errors import BackendRefused, BackendTimeout
from indexer.base.errors import DocumentRejected, PagesightError
from indexer.base.verdicts import Verdict
from tests.builders import fake_services, pdf_bytes
from tests.conftest import ROOT

XSS = "<img src=x onerror=alert(1)>.pdf"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data")


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


class Failing:
    """A searcher that raises what it was given."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def search_async(self, *_: object, **__: object) -> None:
        raise self._error


def failing(services: Services, error: Exception) -> TestClient:
    broken = replace(services, searcher=Failing(error))  # type: ignore[arg-type]
    return TestClient(create_app(broken), raise_server_exceptions=False)


def make(kind: type[PagesightError], message: str) -> PagesightError:
    if issubclass(kind, DocumentRejected):
        return kind(Verdict.CORRUPT, message)
    if issubclass(kind, BackendRefused):
        return kind(message, 500)
    if issubclass(kind, BackendTimeout):
        return kind(message, "total")
    return kind(message)


ROUTES = [
    ("GET", "/"), ("GET", "/web/app.js"), ("GET", "/healthz"), ("GET", "/openapi.json"),
    ("GET", "/v1/collections"), ("GET", "/nowhere"), ("DELETE", "/healthz"), ("POST", "/v1/search"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_response_forbids_what_it_does_not_need(
    client: TestClient, method: str, path: str
) -> None:
    headers = client.request(method, path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_an_unexpected_error_is_a_500_that_tells_nothing(services: Services) -> None:
    answer = failing(services, ZeroDivisionError("secret detail")).post(
        "/v1/search", json={"query": "q", "collections": ["c"]}
    )
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("kind", HTTP_STATUS)
def test_every_error_of_ours_has_its_status_and_one_shape(
    services: Services, kind: type[PagesightError], caplog: pytest.LogCaptureFixture
) -> None:
    error = make(kind, f"{services.stores.folder.root}/x is wrong: mend it")
    with caplog.at_level(logging.ERROR, "pagesight.api"):
        answer = failing(services, error).post(
            "/v1/search", json={"query": "q", "collections": ["c"]}
        )
    assert answer.status_code == http_status(error) == HTTP_STATUS[kind]
    assert answer.json() == {
        "error": {
            "message": "DATA/x is wrong: mend it",
            "type": kind.__name__, "code": kind.code, "param": getattr(error, "param", None),
        }
    }  # fmt: skip
    ours = [record for record in caplog.records if record.name == "pagesight.api"]
    assert bool(ours) == (answer.status_code >= 500 and kind is not Overloaded)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "query"),
        ({"query": "q", "collections": "c"}, "collections"),
        ({"query": "q", "collections": ["c"], "k": "many"}, "k"),
        ({"query": "q", "collections": ["c"], "n": 1}, "n"),
        ({"query": "q", "collections": ["c"], "filters": {"page": "1"}}, "filters.page"),
    ],
)
def test_a_request_that_does_not_fit_names_its_parameter(
    client: TestClient, body: dict[str, Any], param: str
) -> None:
    answer = client.post("/v1/search", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (422, "invalid_request", param)
    assert param in error["message"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b'{"query":"\\ud800","collections":["c"]}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"query":"q","collections":["c"]}', "text/plain"),
        (b"", "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    client: TestClient, body: bytes, kind: str
) -> None:
    answer = client.post("/v1/search", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["code"] == "invalid_request"


def test_what_the_router_does_not_know_has_the_same_shape(client: TestClient) -> None:
    unknown = client.get("/v1/nowhere")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "not_found")
    wrong = client.put("/v1/search")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


@pytest.mark.parametrize("page_id", ["0", "-1", "x", "9" * 30])
def test_a_page_id_that_no_page_can_have_is_refused(client: TestClient, page_id: str) -> None:
    answer = client.get(f"/v1/pages/{page_id}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "page_id")


def test_a_json_body_has_a_limit_whatever_it_says_about_itself(client: TestClient) -> None:
    large = b'{"question": "' + b"q" * MAX_JSON_BYTES + b'"}'
    headers = {"content-type": "application/json"}
    for content in (large, (large[i : i + 65536] for i in range(0, len(large), 65536))):
        answer = client.post("/v1/answers", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "request_too_large"


def test_what_an_agent_sends_has_a_limit_too(client: TestClient) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    pieces = (b"x" * 2**20 for _ in range(MAX_PICTURE_BYTES // 2**20 + 1))
    for content in (b"x" * (MAX_PICTURE_BYTES + 1), pieces):
        answer = client.post("/mcp", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_web_site_can_change_nothing(client: TestClient, site: str) -> None:
    headers = {"sec-fetch-site": site}
    refused = client.post("/v1/collections", json={"name": "a"}, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    upload = client.post(
        "/v1/collections/a/documents", files={"files": ("a.pdf", b"%PDF-")}, headers=headers
    )
    assert upload.status_code == 403
    assert client.get("/v1/collections", headers=headers).json()["collections"] == []
    ours = client.post(
        "/v1/collections", json={"name": "a"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert ours.status_code == 201


def test_markup_as_a_file_name_stays_a_name(client: TestClient) -> None:
    client.post("/v1/collections", json={"name": "a"})
    data = pdf_bytes("<script>alert(1)</script>")
    answer = client.post("/v1/collections/a/documents?wait=true", files={"files": (XSS, data)})
    (told,) = answer.json()["documents"]
    assert told["name"] == XSS
    assert answer.headers["content-type"] == "application/json"
    file = client.get(f"/v1/documents/{told['id']}/file")
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"].startswith("attachment; filename*=utf-8''%3Cimg")


WEB = ROOT / "api" / "web"
# Markup from our own files, and an answer that the service has made safe: nothing else becomes markup.
MAKE_MARKUP = {"frame/router.js": 1, "views/ask/turn.js": 1}


def test_the_web_page_holds_no_inline_code_and_nothing_from_elsewhere(client: TestClient) -> None:
    pages = sorted(WEB.rglob("*.html"))
    assert len(pages) > 5
    for path in pages:
        page = client.get(f"/web/{path.relative_to(WEB)}").text
        assert "style=" not in page and "<style" not in page and " onclick" not in page
        assert "http://" not in page and "https://" not in page
        assert page.count("<script") == page.count('<script type="module" src="/web/')


def test_scripts_make_markup_of_nothing_that_comes_from_documents(client: TestClient) -> None:
    scripts = sorted(WEB.rglob("*.js"))
    assert len(scripts) > 10
    for path in scripts:
        name = str(path.relative_to(WEB))
        script = client.get(f"/web/{name}")
        assert script.headers["content-type"].startswith("text/javascript")
        n_places = sum(script.text.count(word) for word in ("innerHTML", "insertAdjacentHTML"))
        assert n_places <= MAKE_MARKUP.get(name, 0), name
        assert "eval(" not in script.text and "outerHTML" not in script.text


@pytest.mark.parametrize(
    "name", ["__init__.py", "..%2fapp.py", "%2e%2e%2fapp.py", "app.js%00", "x"]
)
def test_only_the_files_of_the_web_page_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/web/{name}").status_code == 404
