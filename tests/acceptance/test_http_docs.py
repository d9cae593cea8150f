"""Every example of docs/http.md, run against the real server in the order of the page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
WRITTEN_FOR = "http://127.0.0.1:8000"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
RUNNERS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
# What the examples ask, and the value that has to be in what they print.
VALUES = {
    "overload relay set to": "5.1 A",
    "Who signed the scanned letter?": "Augusta Thornbury-Vane",
}
RUN = [(kind, code) for kind, code in BLOCKS if kind in RUNNERS]


def test_there_are_examples_of_each_kind() -> None:
    assert {kind for kind, _ in BLOCKS} == {"sh", "python", "json"}
    assert all(WRITTEN_FOR in code for _, code in RUN)


def test_the_configuration_is_valid_json() -> None:
    for kind, code in BLOCKS:
        assert kind != "json" or json.loads(code)


def test_every_example_does_what_it_says(samples_server: str) -> None:
    """One test, not one for each: a later example may need what an earlier one made."""
    with_curl = shutil.which("curl") is not None
    for kind, code in RUN:
        if kind == "sh" and not with_curl:
            continue
        ran = subprocess.run(
            [*RUNNERS[kind], code.replace(WRITTEN_FOR, samples_server)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, code + ran.stderr + ran.stdout
        assert ran.stdout or "DELETE" in code, code
        for question, value in VALUES.items():
            assert question not in code or value in ran.stdout, code + ran.stdout
    if not with_curl:
        pytest.skip("curl is not on this machine: only the examples in Python ran")
