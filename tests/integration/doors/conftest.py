"""The library that chat clients and agents ask, served once for each file, and OpenAI's own client."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from api.serve.app import create_app
from api.services.wiring import Services
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
