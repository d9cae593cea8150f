"""Both programs as their users start them: pagesight with a key, Open WebUI that holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import ROOT
from tests.support.served_process import free_port, served

READABLE, HIDDEN = (
    "samples",
    "letters",
)  # the collection that the user of the chat may read, and another
_JWT_SECRET = "a secret that both programs know, for this run alone"
_USER = "admin@localhost"  # whom Open WebUI takes everybody for without a login


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    text: str


def library_with_key(data_dir: Path) -> ApiKey:
    """Fill two collections, and make the key of the chat program, which reaches both."""
    _pagesight(data_dir, "ingest", "samples", "-c", READABLE)
    _pagesight(data_dir, "ingest", "samples/scanned-letter.pdf", "-c", HIDDEN)
    key = json.loads(_pagesight(data_dir, "keys", "create", "open-webui", "--json"))
    return ApiKey(key["id"], key["key"])


@contextmanager
def pagesight(data_dir: Path, key: ApiKey, chat_address: str) -> Iterator[str]:
    """The address of a pagesight set up as docs/open-webui.md says, users told apart by signed tokens."""
    users = data_dir / "users.json"
    users.write_text(json.dumps({_USER: [READABLE]}))
    with served(
        data_dir,
        PAGESIGHT_LOG_LEVEL="warning",
        PAGESIGHT_FRAME_ORIGINS=chat_address,
        PAGESIGHT_TRUSTED_KEYS=key.id,
        PAGESIGHT_JWT_SECRET=_JWT_SECRET,
        PAGESIGHT_USERS_FILE=str(users),
    ) as address:
        yield address


def free_address() -> str:
    return f"http://127.0.0.1:{free_port()}"


@contextmanager
def open_webui(
    command: Path, folder: Path, address: str, backend: str, key: ApiKey
) -> Iterator[None]:
    """Open WebUI at `address`, asking pagesight at `backend`; without a login, and without the internet."""
    folder.mkdir()
    settings = {
        "DATA_DIR": str(folder),
        "OPENAI_API_BASE_URLS": f"{backend}/v1",
        "OPENAI_API_KEYS": key.text,
        "ENABLE_FORWARD_USER_INFO_HEADERS": "true",
        "FORWARD_USER_INFO_HEADER_JWT_SECRET": _JWT_SECRET,
        "WEBUI_AUTH": "false",
        "WEBUI_SECRET_KEY": "of this run alone",
        "ENABLE_OLLAMA_API": "false",
        "BYPASS_EMBEDDING_AND_RETRIEVAL": "true",  # no embedding model is fetched: files go in whole
        "OFFLINE_MODE": "true",
        "HF_HUB_OFFLINE": "1",
        "ENABLE_VERSION_UPDATE_CHECK": "false",
        "DO_NOT_TRACK": "true",
        "SCARF_NO_ANALYTICS": "true",
        "ANONYMIZED_TELEMETRY": "false",
    }
    host, port = address.removeprefix("http://").split(":")
    with (folder / "open-webui.log").open("wb") as log:
        server = subprocess.Popen(
            [command, "serve", "--host", host, "--port", port],
            cwd=folder, env=os.environ | settings, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait_until_it_answers(address, server)
            yield
        finally:
            server.terminate()
            server.wait(600)


def _wait_until_it_answers(address: str, server: subprocess.Popen[Any]) -> None:
    while server.poll() is None:
        try:
            if httpx2.get(f"{address}/health", timeout=60).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(1)
    raise SystemExit("Open WebUI ended at its start: see open-webui.log")


def _pagesight(data_dir: Path, *words: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT, env=os.environ | {"PAGESIGHT_DATA_DIR": str(data_dir)},
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return run.stdout
