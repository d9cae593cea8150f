"""A service without a worker, for routes about jobs: they stay as they are put."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from tests.builders import fake_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data", embedded_worker=False)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        client.post("/v1/collections", json={"name": "a"})
        yield client
