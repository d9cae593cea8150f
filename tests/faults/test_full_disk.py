"""A disk that is filled under the service: nothing dies, and what needs no room goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT

SCRIPT = 'mount -t tmpfs -o size=24m tmpfs "$1" && exec "$2" -m tests.support.full_disk "$1/data"'


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a service did whose disk of 24 MB was filled, in a mount namespace of its own."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may mount a small disk in a namespace of its own")
    disk = tmp_path_factory.mktemp("disk")
    words = ["unshare", "-m", "sh", "-c", SCRIPT, "sh", str(disk), sys.executable]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    if "unshare" in run.stderr or "mount:" in run.stderr:
        pytest.skip(f"no mount namespace here: {run.stderr.strip()}")
    assert run.returncode == 0, f"rc {run.returncode}: {run.stderr[-3000:]}"
    body: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return body


def test_a_full_disk_refuses_uploads_with_its_reason_and_searches_go_on(
    outcomes: dict[str, Any],
) -> None:
    assert outcomes["upload a.pdf"] == [202, None]
    assert outcomes["reserve"] > 1_000_000
    assert outcomes["full: search"] == [200, 3]
    assert outcomes["full: upload"] == [507, "disk_full"]
    assert outcomes["full: compact"] == "disk_full"
    assert outcomes["full: ready"] == ["degraded", "read-only"]
    assert outcomes["full: metrics"]


def test_documents_are_deleted_on_a_full_disk(outcomes: dict[str, Any]) -> None:
    assert outcomes["full: delete"] == 204
    assert outcomes["started full: delete"] == 204


def test_a_service_starts_and_answers_on_a_full_disk(outcomes: dict[str, Any]) -> None:
    assert outcomes["started full: search"] == [200, 2]
    assert outcomes["started full: upload"] == [507, "disk_full"]


def test_uploads_go_on_without_a_restart_when_room_is_made(outcomes: dict[str, Any]) -> None:
    assert outcomes["freed: upload"] == [202, None]
    assert outcomes["freed: documents"] == ["a.pdf", "e.pdf"]
    assert outcomes["freed: ready"][1] != "read-only" != outcomes["freed again: ready"][1]
    assert outcomes["freed: reserve"] == outcomes["reserve"]
    assert outcomes["freed: clean"]
