"""The library that chat clients and agents ask, served once for each file, and OpenAI's own client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from api.serve.app import create_app
from api.services.wiring import Services
from tests.conftest import ROOT
from tests.support.openai_client import client_of
from tests.support.real_server import serving
from tests.support.small_library import library


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("doors"))


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with serving(create_app(services)) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> openai.OpenAI:
    return client_of(address)


@pytest.fixture(scope="session")
def npm_folder() -> Path:
    """The npm packages of client/typescript, with OpenAI's own among them."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = ROOT / "client" / "typescript" / "node_modules"
    if not (folder / "openai").is_dir():
        pytest.skip("run `npm ci` in client/typescript first")
    return folder
