"""kill -9 in the middle of an ingest: a rerun completes, nothing is damaged, no page twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from tests.acceptance.conftest import SAMPLES, run_cli
from tests.conftest import ROOT

N_KILLS = 10
FAKE = {"PAGESIGHT_ENCODER": "fake", "PAGESIGHT_OCR": "never"}


@pytest.fixture
def whole_run_s(tmp_path: Path) -> float:
    started = time.monotonic()
    assert run_cli(tmp_path / "whole", "ingest", SAMPLES, "-c", "c", **FAKE).code == 0
    return time.monotonic() - started


def kill_during_ingest(data_dir: Path, after_s: float) -> bool:
    """Whether the kill came before the ingest had ended."""
    ingest = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "ingest", str(SAMPLES), "-c", "c"],
        cwd=ROOT,
        env=os.environ | FAKE | {"PAGESIGHT_DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
    )
    try:
        ingest.wait(after_s)
    except subprocess.TimeoutExpired:
        ingest.kill()
        ingest.wait()
        return True
    return False


def test_ten_kills_at_random_moments_lose_and_double_nothing(
    tmp_path: Path, whole_run_s: float
) -> None:
    moments = random.Random(7)
    folders = (tmp_path / f"data{n}" for n in count())
    data_dir, killed, expected_s = next(folders), 0, whole_run_s
    for _ in range(3 * N_KILLS):
        if kill_during_ingest(data_dir, moments.uniform(0.1, 1.0) * expected_s):
            killed += 1
        else:  # quicker than it was thought to be, or little was left: the next has all to do
            data_dir, expected_s = next(folders), 0.8 * expected_s
            continue
        if (data_dir / "catalog.sqlite3").exists():
            report = run_cli(data_dir, "verify", "--deep", "--json", **FAKE).json
            assert report["clean"], (killed, report["faults"])
        if killed == N_KILLS:
            break
    assert killed == N_KILLS
    rerun = run_cli(data_dir, "ingest", SAMPLES, "-c", "c", "--json", **FAKE)
    assert rerun.code == 0
    report = run_cli(data_dir, "verify", "--deep", "--json", **FAKE).json
    whole = run_cli(tmp_path / "whole", "verify", "--deep", "--json", **FAKE).json
    assert report == whole | {"garbage": report["garbage"]}
    hits = run_cli(data_dir, "search", "water", "-c", "c", "-k", "100", "--json", **FAKE).json[
        "hits"
    ]
    places = [(hit["document"], hit["page_number"]) for hit in hits]
    assert len(places) == len(set(places))


def test_a_rerun_sweeps_what_the_killed_one_left(tmp_path: Path, whole_run_s: float) -> None:
    kill_during_ingest(tmp_path / "data", whole_run_s * 0.7)
    assert run_cli(tmp_path / "data", "ingest", SAMPLES, "-c", "c", **FAKE).code == 0
    assert list((tmp_path / "data" / "tmp").iterdir()) == []
