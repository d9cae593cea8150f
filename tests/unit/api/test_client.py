"""The client over a scripted service: cursors, errors, streams that break, uploads tried again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from api.base.errors import ServiceError, ServiceUnreachable
from api.client import Client, PagesRead, TokenRead

ROW = {
    "encoder": "fake", "documents": 0, "rejected": 0, "pages": 0, "vectors": 0,
    "created_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
DONE = {
    "question": "q", "answer": "a", "grounded": False, "citations": [], "pages": [], "usage": {},
}  # fmt: skip


def client(serve: Callable[[httpx2.Request], httpx2.Response], key: str | None = None) -> Client:
    return Client("http://test", key, transport=httpx2.MockTransport(serve))


def test_a_list_follows_its_cursors_to_the_end() -> None:
    def serve(request: httpx2.Request) -> httpx2.Response:
        seen = request.url.params.get("cursor")
        rows = {None: ("a", "one"), "one": ("b", "two"), "two": ("c", None)}
        name, following = rows[seen]
        return httpx2.Response(
            200, json={"collections": [ROW | {"name": name}], "next_cursor": following}
        )

    assert [one.name for one in client(serve).collections()] == ["a", "b", "c"]


def test_the_key_goes_with_every_request() -> None:
    seen: list[str | None] = []

    def serve(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("authorization"))
        return httpx2.Response(204)

    client(serve, "secret").delete_collection("a")
    client(serve).delete_collection("a")
    assert seen == ["Bearer secret", None]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (
            {"error": {"message": "k is 0", "code": "invalid_query", "param": "k"}},
            "invalid_query",
            "k",
        ),
        (["not ours"], "http_error", None),
        (None, "http_error", None),
    ],
)
def test_a_refusal_carries_what_the_service_said(body: Any, code: str, param: str | None) -> None:
    text = "<html>" if body is None else json.dumps(body)

    def serve(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503, text=text, headers={"Retry-After": "7"})

    with pytest.raises(ServiceError) as refused:
        client(serve).search("q", ["a"])
    told = refused.value
    assert (told.status, told.code, told.param, told.retry_after_s) == (503, code, param, 7)


def test_a_stream_keeps_every_character_and_reads_over_comments() -> None:
    text = "one\u2028two\x85\r\n\n: no comment"
    events = [("pages", {"pages": []}), ("token", {"text": text}), ("done", DONE)]
    raw = b": alive\n\n" + b"".join(
        f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
        for name, data in events
    )

    def serve(request: httpx2.Request) -> httpx2.Response:
        assert json.loads(request.content)["stream"] is True
        return httpx2.Response(200, content=(raw[i : i + 7] for i in range(0, len(raw), 7)))

    pages, token, done = client(serve).stream("q", ["a"])
    assert isinstance(pages, PagesRead) and isinstance(token, TokenRead)
    assert token.text == text and done.answer == "a"  # type: ignore[union-attr]


def test_an_error_amid_a_stream_is_raised_after_what_came() -> None:
    told = {"error": {"message": "gone", "type": "T", "code": "backend_cut", "param": None}}
    raw = 'event: token\ndata: {"text":"a"}\n\n' + f"event: error\ndata: {json.dumps(told)}\n\n"
    events = client(lambda _: httpx2.Response(200, text=raw)).stream("q", ["a"])
    assert next(events) == TokenRead("a")
    with pytest.raises(ServiceError, match="gone") as broken:
        next(events)
    assert broken.value.code == "backend_cut"


def test_a_stream_that_is_refused_has_its_status() -> None:
    with pytest.raises(ServiceError) as refused:
        next(client(lambda _: httpx2.Response(404, json=[])).stream("q", ["a"]))
    assert refused.value.status == 404


def test_an_upload_whose_connection_breaks_is_sent_again_under_the_same_key() -> None:
    keys: list[str] = []

    def serve(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < 3:
            raise httpx2.ReadError("broken")
        return httpx2.Response(202, json={"collection": "a", "jobs": []})

    assert client(serve).upload("a", [("a.pdf", b"%PDF-")]) == []
    assert len(keys) == 3 and len(set(keys)) == 1


def test_nobody_there_is_told_as_that() -> None:
    def serve(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    with pytest.raises(ServiceUnreachable, match="pagesight serve"):
        client(serve).collection("a")
