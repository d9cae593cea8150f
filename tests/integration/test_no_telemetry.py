"""Reading pages reports to nobody: what ONNX Runtime would collect for its maker is neither kept nor sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import write_pdf

pytest.importorskip("rapidocr", reason="rapidocr is not installed")

READ = """
import sys
from pathlib import Path

from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from indexer.ocr import PageReader

with Rasterizer(IndexerSettings(layout="always")).open(Path(sys.argv[1])) as pdf:
    pages = list(pdf.pages())
assert PageReader(1).complete(pages, [None], whole=True)[0].words.texts
import onnxruntime
assert onnxruntime.__version__
"""


def test_reading_a_page_leaves_nothing_in_the_home_of_its_user(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", "The jetty is 38 metres long.")
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        env=environment | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert list(home.rglob("*")) == []
