"""The run for a GPU is rehearsed on the processor before a card is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.benchmarks.gpu_check.__main__ import main, row_of
from tests.benchmarks.gpu_check.measurements import CHECKS
from tests.benchmarks.gpu_check.shapes import Shape


def test_the_rehearsal_measures_everything_and_goes_on_where_it_was_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gpu.json"
    words = ["--dry-run", "--out", str(out)]
    assert main(words) == 0
    rows = json.loads(out.read_text())["rows"]
    assert list(rows) == [check.name for check in CHECKS]
    assert all(row["figures"] and row["date"] for row in rows.values())
    assert rows["parity of embeddings, GPU against CPU"]["figures"]["largest difference"] < 1e-3

    cut = {name: row | {"figures": {"figure": "of the run before"}} for name, row in rows.items()}
    del cut["parity of embeddings, GPU against CPU"]
    cut["exact MaxSim"] = {"goal": "", "error": "RuntimeError: out of memory"}
    out.write_text(json.dumps({"card": "processor, tiny shapes", "rows": cut}))
    capsys.readouterr()
    assert main(words) == 0
    table = capsys.readouterr().out
    assert table.count("of the run before") == len(CHECKS) - 2 and "largest difference" in table
    assert "GB of vectors a second" in table, "what failed is measured again"


def test_what_does_not_fit_into_the_time_left_is_named() -> None:
    shape = Shape(torch.device("cpu"), real=False)
    row = row_of(CHECKS[0], shape, left_s=20.0, needs_s=30.0)
    assert row["left_out"] == "20 s were left, it needs 30" and "figures" not in row


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "0 GPUs seen" in capsys.readouterr().out
