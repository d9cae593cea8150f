"""A server that may open few files: connections are bounded below that, and what finds none is 503."""

from __future__ import annotations

import errno
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from indexer.base.errors import StorageError
from tests.conftest import ROOT
from tests.support.served_process import free_port
from tests.support.small_library import QUESTION, library
from tests.support.waiting import wait_until

N_DESCRIPTORS = 64


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("few")
    library(folder, embedded_worker=False).database.engine.dispose()
    environment = {
        "PAGESIGHT_DATA_DIR": str(folder / "data"),
        "PAGESIGHT_ENCODER": "fake",
        "PAGESIGHT_EMBEDDED_WORKER": "false",
    }
    port = free_port()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (N_DESCRIPTORS, N_DESCRIPTORS))

    server = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
        cwd=ROOT, env=os.environ | environment, preexec_fn=limit,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: healthy(url))
    yield url
    server.terminate()
    server.wait(600)


def healthy(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def test_sixty_idle_connections_keep_nobody_out(address: str) -> None:
    port = int(address.rpartition(":")[2])
    body = {"query": QUESTION, "collections": ["manuals"]}
    with ExitStack() as held:
        for _ in range(60):
            held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=600))
        for _ in range(5):
            wait_until(lambda: healthy(address))
            assert httpx2.post(f"{address}/v1/search", json=body, timeout=600).status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.ENFILE, "Too many open files in system"),
        MemoryError(),
    ],
    ids=["EMFILE", "ENFILE", "no memory"],
)
@pytest.mark.parametrize("is_translated", [False, True])
def test_a_process_that_has_run_out_says_503_and_when_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, is_translated: bool
) -> None:
    services = library(tmp_path, embedded_worker=False)
    client = TestClient(create_app(services), raise_server_exceptions=False)

    def fail(*_: Any, **__: Any) -> None:
        if is_translated:
            raise StorageError("vectors.npy cannot be read") from error
        raise error

    monkeypatch.setattr(services.searcher, "search_async", fail)
    answer = client.post("/v1/search", json={"query": QUESTION, "collections": ["manuals"]})
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
    assert answer.json()["error"]["code"] == "overloaded"


def test_an_error_of_another_kind_stays_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = library(tmp_path, embedded_worker=False)
    client = TestClient(create_app(services), raise_server_exceptions=False)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(services.searcher, "search_async", fail)
    answer = client.post("/v1/search", json={"query": QUESTION, "collections": ["manuals"]})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
