"""Output that cannot be written: one line and an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.output import count_of
from tests.conftest import ROOT

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["models"], ["collections", "list", "--json"]])
def test_a_full_disk_under_the_output_is_one_line(tmp_path: Path, words: list[str]) -> None:
    with FULL.open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "api.cli", *words],
            cwd=ROOT, env=os.environ | {"PAGESIGHT_DATA_DIR": str(tmp_path)},
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr == "error: the output cannot be written: No space left on device\n"


def test_one_thing_is_counted_in_the_singular() -> None:
    assert [count_of(n, "page") for n in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]
