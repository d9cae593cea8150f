"""kill -9 in the middle of an ingest: a rerun completes, nothing is damaged, no page twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
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
    data_dir, in_time = tmp_path / "data", 0
    for n in range(N_KILLS):
        in_time += kill_during_ingest(data_dir, moments.uniform(0.1, 1.0) * whole_run_s)
        if (data_dir / "catalog.sqlite3").exists():
            report = run_cli(data_dir, "verify", "--deep", "--json", **FAKE).json
            assert report["clean"], (n, report["faults"])
        if n == N_KILLS // 2:  # begin anew, so that late kills meet an ingest with work left
            data_dir = tmp_path / "data2"
    assert in_time >= N_KILLS // 2
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
