"""Uploads: names are data, bytes are counted while they come."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.http.uploads import MAX_FIELD_BYTES, MAX_FIELDS, MAX_NAME_BYTES, clean_name
from api.serve.app import create_app
from api.services.wiring import Services
from tests.builders import fake_services

LIMIT = 200_000
DOCUMENTS = "/v1/collections/a/documents"
UPLOAD = f"{DOCUMENTS}?wait=true"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data", max_file_bytes=LIMIT, max_upload_files=2)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        client.post("/v1/collections", json={"name": "a"})
        yield client


def part(name: str, data: bytes, field: str = "files") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n"


def send(client: TestClient, *pieces: bytes, kind: str = "multipart/form-data; boundary=b") -> Any:
    return client.post(UPLOAD, content=iter(pieces), headers={"content-type": kind})


def left_over(services: Services) -> list[Path]:
    return list((services.stores.folder.root / "tmp").iterdir())


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/x.pdf", "x.pdf"),
        ("C:\\Users\\me\\x.pdf", "x.pdf"),
        ("/absolute.pdf", "absolute.pdf"),
        ("a\x00b\x1fc\x7f.pdf", "abc.pdf"),
        ("line\nbreak\r.pdf", "linebreak.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("naïve – 数据.pdf", "naïve – 数据.pdf"),
        ("..", "unnamed"),
        ("a/", "unnamed"),
        ("", "unnamed"),
        ("  x.pdf  ", "x.pdf"),
        (".htaccess", ".htaccess"),
        ("<b>x</b>.pdf", "b>.pdf"),
    ],
)
def test_a_name_loses_folders_and_control_characters(given: str, name: str) -> None:
    assert clean_name(given) == name


@pytest.mark.parametrize("given", ["x" * 4096 + ".pdf", "字" * 300 + ".pdf", "é" * 4096])
def test_a_long_name_is_cut_to_its_limit_and_keeps_its_ending(given: str) -> None:
    name = clean_name(given)
    assert MAX_NAME_BYTES - 4 < len(name.encode()) <= MAX_NAME_BYTES
    assert name.endswith(given[-4:])
    assert clean_name(name) == name


@pytest.mark.parametrize("given", ["../../x.pdf", "..\\..\\x.pdf", "/x.pdf"])
def test_a_name_never_becomes_a_path(client: TestClient, services: Services, given: str) -> None:
    root = services.stores.folder.root
    before = {path.name for path in root.parent.rglob("*")}
    answer = send(client, part(given, b"no PDF"), b"--b--\r\n")
    assert answer.json()["documents"][0]["name"] == "x.pdf"
    sha256 = hashlib.sha256(b"no PDF").hexdigest()
    kept = {"lock", "pins.lock", "originals", sha256[:2], f"{sha256}.pdf"}
    assert {path.name for path in root.parent.rglob("*")} - before <= kept
    assert left_over(services) == []


class Body:
    """A request whose body comes piece by piece; `sent` counts the bytes that were asked for."""

    def __init__(
        self, pieces: Iterable[bytes], path: str = DOCUMENTS, *, stalls: bool = False
    ) -> None:
        self._pieces = iter(pieces)
        self._path = path
        self._stalls = stalls
        self.sent = 0
        self.started: list[Any] = []

    async def receive(self) -> Any:
        piece = next(self._pieces, None)
        if piece is None and self._stalls:
            await anyio.sleep_forever()
        if piece is None:
            return {"type": "http.disconnect"}
        self.sent += len(piece)
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(self, message: Any) -> None:
        self.started.append(message)

    def post(self, app: FastAPI) -> tuple[int, str]:
        """(status, error code) of the answer; the pieces are sent only as they are read."""
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": self._path, "raw_path": self._path.encode(),
            "query_string": b"", "root_path": "",
            "headers": [
                (b"content-type", b"multipart/form-data; boundary=b"),
                (b"transfer-encoding", b"chunked"),
            ],
        }  # fmt: skip
        anyio.run(app, scope, self.receive, self.send)
        return self.started[0]["status"], json.loads(self.started[1]["body"])["error"]["code"]


def endless() -> Iterator[bytes]:
    yield part("large.pdf", b"%PDF-")[:-2]
    while True:
        yield b"x" * 50_000


def test_a_file_above_the_limit_is_413_while_it_streams(
    client: TestClient, services: Services
) -> None:
    body = Body(endless())
    assert body.post(create_app(services)) == (413, "request_too_large")
    assert LIMIT < body.sent < LIMIT + 100_000
    assert left_over(services) == []
    assert client.get(DOCUMENTS).json()["documents"] == []


def test_an_upload_to_nowhere_is_refused_before_it_is_read(
    client: TestClient, services: Services
) -> None:
    body = Body(endless(), path="/v1/collections/nowhere/documents")
    assert body.post(create_app(services)) == (404, "collection_not_found")
    assert body.sent == 0


def test_an_upload_that_breaks_off_leaves_nothing(client: TestClient, services: Services) -> None:
    body = Body([part("a.pdf", b"%PDF-")])
    assert body.post(create_app(services)) == (400, "invalid_upload")
    assert left_over(services) == []
    assert client.get(DOCUMENTS).json()["documents"] == []


def test_nothing_may_follow_the_end_of_an_upload(client: TestClient, services: Services) -> None:
    body = Body([part("a.pdf", b"x") + b"--b--\r\n", *[b"more"] * 1000])
    assert body.post(create_app(services)) == (400, "invalid_upload")
    assert body.sent < 1000


def test_a_file_at_the_limit_is_read(client: TestClient) -> None:
    answer = send(client, part("a.pdf", b"x" * LIMIT), b"--b--\r\n")
    assert answer.json()["documents"][0]["verdict"] == "unsupported"
    assert send(client, part("a.pdf", b"x" * (LIMIT + 1)), b"--b--\r\n").status_code == 413


def test_the_files_and_fields_of_one_upload_are_counted(client: TestClient) -> None:
    files = [part(f"{i}.pdf", b"x") for i in range(3)]
    assert send(client, *files[:2], b"--b--\r\n").status_code == 200
    assert send(client, *files, b"--b--\r\n").status_code == 413
    fields = [part("", b"x") for _ in range(MAX_FIELDS + 1)]
    assert send(client, *fields, b"--b--\r\n").status_code == 413
    assert send(client, part("", b"x" * MAX_FIELD_BYTES + b"x"), b"--b--\r\n").status_code == 413


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x", "application/pdf"),
        (b"x", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=b"),
        (b"nonsense", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (part("", b""), "multipart/form-data; boundary=b"),
        (part("a.pdf", b"x"), "multipart/form-data; boundary=b"),
        (part("a.pdf", b"x")[:40], "multipart/form-data; boundary=b"),
        (b"--b\r\n" + b"H" * 100_000, "multipart/form-data; boundary=b"),
        (b"x", "multipart/form-data; boundary=" + "b" * 4000),
    ],
)
def test_a_body_that_is_no_upload_is_refused(
    client: TestClient, services: Services, body: bytes, kind: str
) -> None:
    answer = send(client, body, kind=kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_upload")
    assert left_over(services) == []


def test_an_upload_that_stalls_is_ended(client: TestClient, services: Services) -> None:
    hasty = services.settings.model_copy(update={"client_timeout_s": 0.05})
    body = Body([part("a.pdf", b"%PDF-")], stalls=True)
    assert body.post(create_app(replace(services, settings=hasty))) == (408, "request_timeout")
    assert left_over(services) == []


def test_a_sweep_in_the_middle_of_an_upload_passes_it_over(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in, swept = services.intake.move_in, []

    def sweep_first(*given: Any, **named: Any) -> Any:
        with services.stores.folder.sweeping():
            swept.append(services.stores.folder.sweep_staging())
        return move_in(*given, **named)

    monkeypatch.setattr(services.intake, "move_in", sweep_first)
    assert send(client, part("a.pdf", b"x"), b"--b--\r\n").status_code == 200
    assert swept == [0] and left_over(services) == []


def test_an_upload_that_is_not_stored_as_it_came_is_refused(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in = services.intake.move_in

    def lose_a_byte_first(collection: Any, sources: Any, **named: Any) -> Any:
        path = sources[0].path
        path.write_bytes(path.read_bytes()[:-1])
        return move_in(collection, sources, **named)

    monkeypatch.setattr(services.intake, "move_in", lose_a_byte_first)
    answer = send(client, part("a.pdf", b"%PDF-1"), b"--b--\r\n")
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "storage_error")
    assert "send it again" in answer.json()["error"]["message"]
    assert list(services.stores.originals.entries()) == [] and services.queue.jobs() == []


def test_files_are_ingested_one_at_a_time(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest = services.pipeline.ingest
    inside = threading.Lock()
    overlaps: list[bool] = []

    def watched(*given: Any) -> Any:
        alone = inside.acquire(blocking=False)
        overlaps.append(not alone)
        try:
            return ingest(*given)
        finally:
            if alone:
                inside.release()

    monkeypatch.setattr(services.pipeline, "ingest", watched)
    body = part("a.pdf", b"%PDF-x") + part("b.pdf", b"%PDF-y") + b"--b--\r\n"
    threads = [threading.Thread(target=send, args=(client, body)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert overlaps == [False] * 8
