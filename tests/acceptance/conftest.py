"""The real command line, in a process of its own, over the sample documents."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.conftest import ROOT
from tests.support.served_process import served

SAMPLES = ROOT / "samples"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ran]


def run_cli(data_dir: Path, *words: str | Path, **environment: str) -> Ran:
    run = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        cwd=ROOT,
        env=os.environ | {"PAGESIGHT_DATA_DIR": str(data_dir), "NO_COLOR": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Ran(run.returncode, run.stdout, run.stderr)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """cli("search", "words", "-c", "name", PAGESIGHT_ENCODER="fake"), in an empty data folder."""
    return lambda *words, **environment: run_cli(tmp_path / "data", *words, **environment)


@pytest.fixture(scope="session")
def samples_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the samples ingested by the real lite encoder, once for all tests.

    Of several test processes the first one ingests, and each has its own copy.
    """
    mine = tmp_path_factory.mktemp("samples") / "data"
    several = os.environ.get("PYTEST_XDIST_WORKER") is not None
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if several else base) / "samples-made"
    with FileLock(made.with_suffix(".lock")):
        if not made.exists():
            ran = run_cli(mine, "ingest", SAMPLES, "-c", "samples", "--json")
            assert ran.code == 0, ran.err + ran.out
            shutil.copytree(mine, made)
            return mine
    return Path(shutil.copytree(made, mine))


@pytest.fixture(scope="session")
def samples(samples_data: Path) -> Cli:
    """The command line over the ingested samples."""
    return lambda *words, **environment: run_cli(samples_data, *words, **environment)


@pytest.fixture(scope="session")
def samples_server(samples_data: Path) -> Iterator[str]:
    """The address of the real server over the ingested samples, in a process of its own."""
    with served(samples_data) as address:
        yield address
