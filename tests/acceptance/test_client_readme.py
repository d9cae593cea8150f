"""The example of the client's README, run as a program of its own against the real server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.acceptance.conftest import served
from tests.conftest import ROOT

README = (ROOT / "client" / "README.md").read_text(encoding="utf-8")


def test_the_example_of_the_client_does_what_it_says(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    with served(tmp_path / "data", PAGESIGHT_ENCODER="fake", PAGESIGHT_OCR="never") as address:
        run = subprocess.run(
            [sys.executable, "-c", code.replace("http://127.0.0.1:8000", address)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    assert re.search(r"^done (\d+) \1$", run.stdout, re.MULTILINE), run.stdout
    assert run.stdout.count("pump-manual.pdf") >= 3 and "reading [" in run.stdout


def test_the_readme_fits_a_screen() -> None:
    assert README.count("\n") <= 50
