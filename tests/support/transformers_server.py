"""The process of `tests/support/transformers_serve.py`: a real server that reads images."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT
from tests.support.served_process import free_port

_START_S = 180.0
_NEEDS = ("openai", "fastapi", "uvicorn")


@dataclass(frozen=True)
class TransformersServer:
    base_url: str
    model: str
    process: subprocess.Popen[bytes]


@contextmanager
def transformers_serving(checkpoint: Path, log: Path) -> Iterator[TransformersServer]:
    """A server of `checkpoint`; skips the test where it cannot start, and says why."""
    for package in _NEEDS:
        if find_spec(package) is None:
            pytest.skip(f"transformers serve needs {package}: pip install -e '.[dev]'")
    port = free_port()
    arguments = [str(checkpoint), "--device", "cpu", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.transformers_serve", *arguments],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(f"http://localhost:{port}/health", process, log)
        yield TransformersServer(f"http://localhost:{port}/v1", str(checkpoint), process)
    finally:
        process.kill()
        process.wait(600)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _START_S:
        if process.poll() is not None:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            pytest.skip(f"transformers serve cannot start here: {' '.join(last)}")
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    pytest.skip(f"transformers serve was not up after {_START_S:.0f} s")
