"""Tags and metadata on the command line: given at ingest, changed, shown, filtered by."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from indexer.base.errors import InvalidProperties
from tests.builders import write_pdf

pytestmark = pytest.mark.usefixtures("kernels_built")


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder with `pump.pdf`, tagged at ingest, and `lease.pdf`, which is not."""
    for name, value in {
        "DATA_DIR": str(tmp_path / "data"),
        "ENCODER": "fake",
        "OCR": "never",
    }.items():
        monkeypatch.setenv(f"PAGESIGHT_{name}", value)
    pump = write_pdf(tmp_path / "pump.pdf", "Tighten the housing bolts", "twice")
    lease = write_pdf(tmp_path / "lease.pdf", "The lease ends in June")
    json_of(
        "ingest", str(pump), "-c", "a", "--tag", "Pumps", "--tag", "manual", "--meta", "year=2026"
    )
    json_of("ingest", str(lease), "-c", "a")


def json_of(*words: str) -> Any:
    result = CliRunner().invoke(app, [*words, "--json"], env=dict(os.environ))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def listed(*words: str) -> list[str]:
    return [row["name"] for row in json_of("documents", "list", "-c", "a", *words)["documents"]]


def test_documents_are_tagged_at_ingest_and_listed_by_tag_name_and_order() -> None:
    (row,) = json_of("documents", "list", "-c", "a", "--tag", "pumps")["documents"]
    assert (row["tags"], row["metadata"]) == (["manual", "pumps"], {"year": "2026"})
    assert listed("--sort", "-pages") == ["pump.pdf", "lease.pdf"]
    assert listed("--search", "LEASE") == ["lease.pdf"]


def test_queued_files_have_their_tags_when_they_are_indexed(tmp_path: Path) -> None:
    file = write_pdf(tmp_path / "late.pdf", "late")
    json_of("ingest", str(file), "-c", "a", "--no-wait", "--tag", "late")
    json_of("ingest", str(file), "-c", "a")
    assert listed("--tag", "late") == ["late.pdf"]


def test_tags_and_metadata_are_given_and_taken_away() -> None:
    (row,) = json_of("documents", "list", "-c", "a", "--tag", "pumps")["documents"]
    body = json_of(
        "documents", "tag", row["id"], "new", "--remove", "Pumps", "--meta", "site=Bremen"
    )
    assert (body["tags"], body["metadata"]) == (
        ["manual", "new"],
        {"site": "Bremen", "year": "2026"},
    )
    body = json_of("documents", "tag", row["id"], "--meta", "year=")
    assert body["metadata"] == {"site": "Bremen"}
    shown = CliRunner().invoke(app, ["documents", "tag", row["id"]], env=dict(os.environ)).stdout
    assert "manual, new" in shown and "Bremen" in shown


def test_a_search_is_narrowed_to_tags_and_values() -> None:
    for term, names in {
        "tag=pumps": {"pump.pdf"}, "meta.year=2026": {"pump.pdf"}, "tag=none": set(),
    }.items():  # fmt: skip
        hits = json_of("search", "the end", "-c", "a", "--filter", term)["hits"]
        assert {hit["document"] for hit in hits} == names


def test_metadata_without_a_value_is_refused(tmp_path: Path) -> None:
    words = ["ingest", str(tmp_path), "-c", "a", "--meta", "year"]
    result = CliRunner().invoke(app, words, env=dict(os.environ))
    assert isinstance(result.exception, InvalidProperties)


def test_what_a_document_and_a_collection_are_is_shown_in_words() -> None:
    (row,) = json_of("documents", "list", "-c", "a", "--tag", "pumps")["documents"]
    shown = CliRunner().invoke(app, ["documents", "show", row["id"]], env=dict(os.environ)).output
    facts = dict(line.split(maxsplit=1) for line in shown.splitlines())
    assert (facts["tags"], facts["metadata"], facts["current"]) == (
        "manual, pumps", "year 2026", "yes",
    )  # fmt: skip
    assert "error" not in facts and "None" not in shown
    shown = CliRunner().invoke(app, ["collections", "show", "a"], env=dict(os.environ)).output
    assert "image_queries  no" in shown
