"""Environments of the peers: their libraries never enter the project's own, nor its lock file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.engine.protocol import HERE

INSTALL_LIMIT_S = 1_200
_REQUIREMENTS = Path(__file__).parent


class NotAvailable(Exception):
    """An engine cannot be run here; the message is for the report."""


def python_of(environment: str, cache: Path, *, install: bool) -> Path:
    """The interpreter of an environment, which is made first when `install` is true.

    Raises NotAvailable when it is not there or cannot be made.
    """
    if environment == HERE:
        return Path(sys.executable)
    folder = cache / "environments" / environment
    wanted = (_REQUIREMENTS / f"requirements-{environment}.txt").read_text(encoding="utf-8")
    done = folder / "requirements.txt"  # written last: says that the install ended
    if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
        if not install:
            raise NotAvailable("not installed: run `make bench-peers`")
        print(f"installing {environment} into {folder}", flush=True)
        _install(folder, environment)
        done.write_text(wanted, encoding="utf-8")
    return folder / "bin" / "python"


def _install(folder: Path, environment: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    requirements = str(_REQUIREMENTS / f"requirements-{environment}.txt")
    python = str(folder / "bin" / "python")
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [python, "-m", "pip", "install", "--quiet", "--requirement", requirements],
    ):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=INSTALL_LIMIT_S
            )
        except subprocess.TimeoutExpired:
            raise NotAvailable(f"not installed within {INSTALL_LIMIT_S} s") from None
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise NotAvailable(f"cannot be installed: {last[0]}")
