"""Documentation that can rot, checked."""

from __future__ import annotations

import json
import re
import shlex

import pytest
import typer
from typer.testing import CliRunner

from api.cli.main import app
from tests.conftest import ROOT
from tests.generate_docs import FILES

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_a_generated_file_is_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == FILES[name](), "run `make docs`"


def commands_in_readme() -> list[str]:
    blocks = re.findall(r"```(?:sh|bash)\n(.*?)```", README, re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(
    "line", [one for one in commands_in_readme() if one.startswith("pagesight")]
)
def test_every_command_of_the_readme_can_be_typed(line: str) -> None:
    """Parsed by the real command line, up to the point where it would run."""
    words = shlex.split(line)[1:]
    context = typer.main.get_command(app)
    while words and words[0] in getattr(context, "commands", {}):
        context = context.commands[words.pop(0)]  # type: ignore[attr-defined]
    context.make_context("pagesight", words, resilient_parsing=False)


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {line.split()[1] for line in commands_in_readme() if line.startswith("make ")}
    assert {"demo", "test"} <= named <= targets


def test_the_files_that_the_readme_names_exist() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path


GROUPS_AND_SERVERS = (
    "serve",
    "mcp",
    "encoder",
    "bundle",
    "collections",
    "documents",
    "conversations",
    "jobs",
    "keys",
    "quarantine",
    "questions",
)


def test_every_command_has_help_and_json() -> None:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        shown = CliRunner().invoke(app, [name, "--help"]).output
        assert command.help
        assert "--json" in shown or name in GROUPS_AND_SERVERS


def test_a_data_folder_of_every_version_that_was_given_out_is_kept_for_the_tests() -> None:
    """And opened by one: `test_data_folder_of_before.py`. The newest version is still being made."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _, *versions = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert versions
    for version in versions:
        assert (ROOT / f"tests/fixtures/data-{version}.tar.gz").exists(), version


def test_every_reference_of_the_openapi_document_leads_somewhere() -> None:
    text = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    schemas = json.loads(text)["components"]["schemas"]
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert len(names) > 30 and names <= schemas.keys()
