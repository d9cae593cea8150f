"""What `pagesight` says without a command."""

from __future__ import annotations

import tomllib

from typer.testing import CliRunner

from api.cli.main import app
from tests.conftest import ROOT


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ran = CliRunner().invoke(app, ["--version"])
    assert (ran.exit_code, ran.stdout) == (0, f"pagesight {project['version']}\n")


def test_without_a_command_all_are_listed() -> None:
    ran = CliRunner().invoke(app, [])
    assert "ingest" in ran.output and "ask" in ran.output
