"""`pagesight serve` in a process of its own."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.cluster_layout import environment_over
from tests.support.command_zygote import RunningCommand


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(data_dir: Path, **environment: str) -> Iterator[str]:
    """The address of a real server over a data folder; the server ends with the block."""
    port = free_port()
    own = {
        "PAGESIGHT_DATA_DIR": str(data_dir),
        "PAGESIGHT_RESERVE_BYTES": "0",
        "PAGESIGHT_WARM_START": "false",
    }
    server = RunningCommand(
        ["serve", "--port", str(port)],
        environment_over(data_dir, dict(os.environ) | own | environment),
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(600)


@contextmanager
def pagesight_serving(data_dir: Path, **environment: str) -> Iterator[httpx2.Client]:
    """A client of such a server."""
    with (
        served(data_dir, **environment) as address,
        httpx2.Client(base_url=address, timeout=600) as client,
    ):
        yield client


def _wait_until_healthy(address: str, server: RunningCommand) -> None:
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            if httpx2.get(f"{address}/healthz").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")
