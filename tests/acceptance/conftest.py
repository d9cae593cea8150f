"""The real command line, in a process of its own, over the sample documents."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.builders import FAKE_MODELS
from tests.conftest import ROOT
from tests.support.cluster_layout import environment_over, has_own_servers
from tests.support.command_zygote import CommandResult, run_command
from tests.support.served_process import served

SAMPLES = ROOT / "samples"
FAKE = {f"PAGESIGHT_{name.upper()}": value for name, value in FAKE_MODELS.items()}


Ran = CommandResult
Cli = Callable[..., Ran]


def run_cli(data_dir: Path, *words: str | Path, **environment: str) -> Ran:
    own = {"PAGESIGHT_DATA_DIR": str(data_dir), "NO_COLOR": "1", "PAGESIGHT_RESERVE_BYTES": "0"}
    whole = environment_over(data_dir, dict(os.environ) | own | environment)
    return run_command([*map(str, words)], whole, timeout_s=600)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """cli("search", "words", "-c", "name", PAGESIGHT_ENCODER="fake"), in an empty data folder."""
    return lambda *words, **environment: run_cli(tmp_path / "data", *words, **environment)


@pytest.fixture(scope="session")
def samples_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the samples ingested by the real lite encoder, once for all tests.

    Of several test processes the first one ingests, and each has its own copy. Over a cluster each ingests.
    """
    mine = tmp_path_factory.mktemp("samples") / "data"
    several = os.environ.get("PYTEST_XDIST_WORKER") is not None and not has_own_servers()
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if several else base) / "samples-made"
    with FileLock(made.with_suffix(".lock")):
        if not made.exists():
            fresh = mine.with_name("fresh")
            ran = run_cli(fresh, "ingest", SAMPLES, "-c", "samples", "--json")
            assert ran.code == 0, ran.err + ran.out
            shutil.move(fresh, made)
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
