"""Both clients over a scripted service: cursors, errors, streams that break, what is tried again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pagesight_client import (
    AsyncClient,
    Client,
    PagesRead,
    ServiceBusy,
    ServiceError,
    ServiceTimeout,
    ServiceUnreachable,
    TokenRead,
    UnexpectedReply,
    WaitTimeout,
)
from tests.unit.client.conftest import ClientOf

ROW = {
    "encoder": "fake", "documents": 0, "rejected": 0, "pages": 0, "vectors": 0,
    "created_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
DONE = {
    "question": "q", "answer": "a", "grounded": False, "citations": [], "pages": [], "usage": {},
}  # fmt: skip


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def test_a_list_follows_its_cursors_to_the_end(client_of: ClientOf) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        seen = request.url.params.get("cursor")
        rows = {None: ("a", "one"), "one": ("b", "two"), "two": ("c", None)}
        name, following = rows[seen]
        return httpx.Response(
            200, json={"collections": [ROW | {"name": name}], "next_cursor": following}
        )

    assert [one.name for one in client_of(serve).collections()] == ["a", "b", "c"]


def test_the_key_goes_with_every_request(client_of: ClientOf) -> None:
    seen: list[str | None] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(204)

    client_of(serve, "secret").delete_collection("a")
    client_of(serve).delete_collection("a")
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
def test_a_refusal_carries_what_the_service_said(
    client_of: ClientOf, body: Any, code: str, param: str | None
) -> None:
    text = "<html>" if body is None else json.dumps(body)

    def serve(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text=text, headers={"Retry-After": "7"})

    with pytest.raises(ServiceError) as refused:
        client_of(serve, max_retries=0).search("q", ["a"])
    error = refused.value
    assert (error.status, error.code, error.param, error.retry_after_s) == (503, code, param, 7)


def test_a_stream_keeps_every_character_and_reads_over_comments(client_of: ClientOf) -> None:
    text = "one\u2028two\x85\r\n\n: no comment"
    events = [("pages", {"pages": []}), ("token", {"text": text}), ("done", DONE)]
    raw = b": alive\n\n" + b"".join(
        f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
        for name, data in events
    )

    def serve(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content)["stream"] is True
        return httpx.Response(200, stream=Pieces(raw[i : i + 7] for i in range(0, len(raw), 7)))

    pages, token, done = client_of(serve).stream("q", ["a"])
    assert isinstance(pages, PagesRead) and isinstance(token, TokenRead)
    assert token.text == text and done.answer == "a"  # type: ignore[union-attr]


def test_an_error_amid_a_stream_is_raised_after_what_came(client_of: ClientOf) -> None:
    told = {"error": {"message": "gone", "type": "T", "code": "backend_cut", "param": None}}
    raw = 'event: token\ndata: {"text":"a"}\n\n' + f"event: error\ndata: {json.dumps(told)}\n\n"
    events = client_of(lambda _: httpx.Response(200, text=raw)).stream("q", ["a"])
    assert next(events) == TokenRead("a")
    with pytest.raises(ServiceError, match="gone") as broken:
        next(events)
    assert broken.value.code == "backend_cut"


def test_a_stream_that_is_refused_has_its_status(client_of: ClientOf) -> None:
    with pytest.raises(ServiceError) as refused:
        next(client_of(lambda _: httpx.Response(404, json=[])).stream("q", ["a"]))
    assert refused.value.status == 404


def test_an_upload_whose_connection_breaks_is_sent_again_under_the_same_key(
    client_of: ClientOf,
) -> None:
    keys: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) < 3:
            raise httpx.ReadError("broken")
        return httpx.Response(202, json={"collection": "a", "jobs": []})

    assert client_of(serve).upload("a", [("a.pdf", b"%PDF-")]) == []
    assert len(keys) == 3 and len(set(keys)) == 1


def test_nobody_there_is_told_as_that(client_of: ClientOf) -> None:
    def serve(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ServiceUnreachable, match="pagesight serve"):
        client_of(serve).collection("a")


def test_a_service_that_takes_too_long_is_told_as_that(client_of: ClientOf) -> None:
    n_tries = 0

    def serve(_: httpx.Request) -> httpx.Response:
        nonlocal n_tries
        n_tries += 1
        raise httpx.ReadTimeout("slow")

    with pytest.raises(ServiceTimeout, match="in time"):
        client_of(serve).collection("a")
    assert n_tries == 1  # it would take too long again


def test_what_a_busy_service_refused_is_sent_again_when_it_says_so(client_of: ClientOf) -> None:
    bodies: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        if len(bodies) < 3:
            error = {"message": "busy", "type": "Overloaded", "code": "overloaded", "param": None}
            status = 503 if len(bodies) == 1 else 429
            return httpx.Response(status, json={"error": error}, headers={"Retry-After": "0"})
        return httpx.Response(200, json=DONE)

    assert client_of(serve).answer("q", ["a"]).answer == "a"
    assert len(bodies) == 3 and len(set(bodies)) == 1
    bodies.clear()
    with pytest.raises(ServiceBusy, match="busy") as refused:
        client_of(serve, max_retries=1).answer("q", ["a"])
    assert (refused.value.status, refused.value.type) == (429, "Overloaded")
    bodies.clear()
    raw = f"event: done\ndata: {json.dumps(DONE)}\n\n"

    def serve_stream(request: httpx.Request) -> httpx.Response:
        response = serve(request)
        return httpx.Response(200, text=raw) if response.is_success else response

    (done,) = client_of(serve_stream).stream("q", ["a"])
    assert done.answer == "a" and len(bodies) == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("status", "headers"),
    [(503, {}), (503, {"Retry-After": "31"}), (500, {"Retry-After": "0"}), (422, {})],
)
def test_other_refusals_are_final(
    client_of: ClientOf, status: int, headers: dict[str, str]
) -> None:
    n_tries = 0

    def serve(_: httpx.Request) -> httpx.Response:
        nonlocal n_tries
        n_tries += 1
        return httpx.Response(status, json={"error": {"message": "no"}}, headers=headers)

    with pytest.raises(ServiceError, match="no"):
        client_of(serve).collection("a")
    assert n_tries == 1


def test_a_broken_connection_is_tried_again_only_where_twice_does_no_harm(
    client_of: ClientOf,
) -> None:
    methods: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        if methods.count(request.method) == 1:
            raise httpx.ReadError("broken")
        return httpx.Response(200, json=ROW | {"name": "a"})

    assert client_of(serve).collection("a").name == "a"
    assert methods == ["GET", "GET"]
    with pytest.raises(ServiceUnreachable):
        client_of(serve).create_collection("a")
    with pytest.raises(ServiceUnreachable):
        client_of(serve).delete_collection("a")
    assert methods == ["GET", "GET", "POST", "DELETE"]


def test_a_file_is_uploaded_from_its_path_at_each_try_from_its_beginning(
    client_of: ClientOf, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 of a")
    sent: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        if len(sent) == 1:
            raise httpx.WriteError("broken")
        return httpx.Response(202, json={"collection": "a", "jobs": []})

    assert client_of(serve).upload("a", [path, ("b.pdf", b"%PDF-1.7 of b")]) == []
    for body in sent:
        assert b'filename="a.pdf"' in body and b"%PDF-1.7 of a" in body
        assert b'filename="b.pdf"' in body and b"%PDF-1.7 of b" in body


def test_a_text_in_the_place_of_a_list_is_one_name_and_one_file(
    client_of: ClientOf, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 of a")
    sent: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(202, json={"collection": "a", "jobs": []})

    client = client_of(serve)
    for files in (str(path), path, [str(path)], ("a.pdf", path.read_bytes())):
        client.upload("a", files, tags="harbour")
    assert len(sent) == 4
    for body in sent:
        assert b'filename="a.pdf"' in body and b"%PDF-1.7 of a" in body and b"harbour" in body
    with pytest.raises(UnexpectedReply):  # the reply is that of an upload
        client.search("bolts", "manuals", documents="pump.pdf", tags="harbour")
    body = json.loads(sent[-1])
    assert body["collections"] == ["manuals"]
    assert (body["filters"]["documents"], body["filters"]["tags"]) == (["pump.pdf"], ["harbour"])
    with pytest.raises(UnexpectedReply):
        client.create_key("reader", collections="manuals")
    assert json.loads(sent[-1])["collections"] == ["manuals"]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_an_address_is_checked_at_once_and_may_be_that_of_openais_protocol(
    kind: type[Client] | type[AsyncClient],
) -> None:
    with pytest.raises(ValueError, match="http://"):
        kind("127.0.0.1:8000")
    addresses: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        addresses.append(str(request.url))
        return httpx.Response(200, json={"status": "ok"})

    client = kind("http://test/pages/v1/", transport=httpx.MockTransport(serve))
    if isinstance(client, Client):
        client.health()
    else:
        asyncio.run(client.health())
    assert addresses == ["http://test/pages/healthz"]


@pytest.mark.parametrize("text", ["<html>", "[]", "{}", json.dumps(ROW | {"name": 1})])
def test_a_reply_that_is_not_pagesights_is_told_as_that(client_of: ClientOf, text: str) -> None:
    with pytest.raises(UnexpectedReply):
        client_of(lambda _: httpx.Response(200, text=text)).collection("a")


def test_a_field_that_this_client_does_not_know_is_passed_over(client_of: ClientOf) -> None:
    row = ROW | {"name": "a", "rejected": 3, "of_a_later_version": {}}
    collection = client_of(lambda _: httpx.Response(200, json=row)).collection("a")
    assert (collection.name, collection.rejected_files) == ("a", 3)
    assert collection.created_at.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_name_stays_one_part_of_the_address(client_of: ClientOf) -> None:
    paths: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(204)

    client_of(serve).delete_document("a/b?c=d#e ü")
    assert paths == [b"/v1/documents/a%2Fb%3Fc%3Dd%23e%20%C3%BC"]


def job(state: str) -> dict[str, Any]:
    return {
        "id": "j", "collection": "a", "name": "a.pdf", "state": state, "priority": 0,
        "cancel_requested": False, "pages_done": 0, "pages_total": None, "verdict": None,
        "error": None, "document_id": None, "attempts": 0, "not_before": None, "bytes": 5,
        "sha256": "0", "created_at": "2026-01-01T00:00:00.123456Z", "started_at": None,
        "ended_at": None,
    }  # fmt: skip


def test_waiting_ends_with_the_job_or_with_the_time(client_of: ClientOf) -> None:
    states = ["queued", "running", "done"]

    def serve(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=job(states.pop(0) if len(states) > 1 else states[0]))

    client = client_of(serve)
    seen: list[str] = []
    (ended,) = client.wait([client.job("j")], on_progress=lambda job: seen.append(job.state))
    assert ended.state == "done" and ended.has_ended and seen == ["running", "done"]
    states[:] = ["running"]
    with pytest.raises(TimeoutError, match="job j is running after") as ended_early:
        client.wait([client.job("j")], timeout_s=0)
    assert isinstance(ended_early.value, WaitTimeout)


def test_a_job_is_followed_to_its_end(client_of: ClientOf) -> None:
    raw = ": alive\n\n" + "".join(
        f"event: {name}\ndata: {json.dumps(job(state))}\n\n"
        for name, state in (("progress", "queued"), ("progress", "running"), ("end", "done"))
    )
    jobs = client_of(lambda _: httpx.Response(200, text=raw)).follow_job("j")
    assert [job.state for job in jobs] == ["queued", "running", "done"]


def test_a_service_that_is_not_ready_says_what_is_wrong(client_of: ClientOf) -> None:
    check = {"name": "disk", "state": "failed", "detail": "no space"}
    body = {"status": "failed", "encoder": "lite", "encoder_loaded": False, "checks": [check]}
    readiness = client_of(lambda _: httpx.Response(503, json=body)).readiness()
    assert readiness.status == "failed" and readiness.checks[0].detail == "no space"
