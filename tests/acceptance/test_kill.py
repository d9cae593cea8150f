"""kill -9 in the middle of an ingest: a rerun completes, nothing is damaged, no page twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from itertools import count
from pathlib import Path

import pytest

from indexer.catalog.database import Database
from indexer.maintenance.repair import Repairer
from tests.acceptance.conftest import FAKE, SAMPLES, run_cli
from tests.builders import open_stores
from tests.support.command_zygote import RunningCommand

N_KILLS = 3  # `make faults` kills at random under load, too, and much more often
LOOK_S = 0.02  # how often the folder is looked at


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was filled without a kill."""
    data_dir = tmp_path_factory.mktemp("whole") / "data"
    assert run_cli(data_dir, "ingest", SAMPLES, "-c", "c", **FAKE).code == 0
    return data_dir


def n_files(data_dir: Path) -> int:
    """How far an ingest has come: a count that goes up with each thing it stores."""
    return sum(len(files) for _, _, files in os.walk(data_dir))


def kill_during_ingest(data_dir: Path, at_n_files: float) -> bool:
    """Kill an ingest once the folder holds so many files; return whether it had not ended before."""
    ingest = RunningCommand(
        ["ingest", str(SAMPLES), "-c", "c"],
        os.environ | FAKE | {"PAGESIGHT_DATA_DIR": str(data_dir)},
    )
    while n_files(data_dir) < at_n_files:
        try:
            ingest.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            continue
        return False
    ingest.kill()
    return ingest.wait(600) == -signal.SIGKILL


def assert_clean(data_dir: Path) -> None:
    """What `pagesight verify --deep` says, without a process of its own."""
    database = Database(f"sqlite:///{data_dir / 'catalog.sqlite3'}")
    try:
        report = Repairer(open_stores(data_dir, database), database).verify(deep=True)
    finally:
        database.engine.dispose()
    assert report.clean, report.faults


@pytest.mark.timeout(1800)  # two dozen processes, one after the other
def test_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path, whole: Path) -> None:
    moments = random.Random(7)
    folders = (tmp_path / f"data{n}" for n in count())
    data_dir, killed, n_whole = next(folders), 0, n_files(whole)
    for _ in range(3 * N_KILLS):
        if n_files(data_dir) > 0.9 * n_whole:  # too little is left to be killed amid
            data_dir = next(folders)
        n_left = n_whole - n_files(data_dir)
        if kill_during_ingest(data_dir, n_whole - moments.uniform(0.0, 0.9) * n_left):
            killed += 1
        else:  # little was left, and it was done before anybody looked: the next has all to do
            data_dir = next(folders)
            continue
        if (data_dir / "catalog.sqlite3").exists():
            assert_clean(data_dir)
        if killed == N_KILLS:
            break
    assert killed == N_KILLS
    rerun = run_cli(data_dir, "ingest", SAMPLES, "-c", "c", "--json", **FAKE)
    assert rerun.code == 0
    report = run_cli(data_dir, "verify", "--deep", "--json", **FAKE).json
    expected = run_cli(whole, "verify", "--deep", "--json", **FAKE).json
    assert report == expected | {"garbage": report["garbage"]}
    hits = run_cli(data_dir, "search", "water", "-c", "c", "-k", "100", "--json", **FAKE).json[
        "hits"
    ]
    places = [(hit["document"], hit["page_number"]) for hit in hits]
    assert len(places) == len(set(places))


def test_a_rerun_sweeps_what_the_killed_one_left(tmp_path: Path, whole: Path) -> None:
    assert kill_during_ingest(tmp_path / "data", 0.7 * n_files(whole))
    assert run_cli(tmp_path / "data", "ingest", SAMPLES, "-c", "c", **FAKE).code == 0
    assert list((tmp_path / "data" / "tmp").iterdir()) == []
