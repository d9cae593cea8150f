"""`pagesight quarantine`, `verify --repair` and `verify --adopt`, as an operator sees them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.main import app
from indexer.base.errors import CatalogMismatch, NotInQuarantine
from tests.support.small_library import library


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small library beside which three files lie that nothing names."""
    services = library(tmp_path, page_dpi=48)
    for n in range(3):
        services.stores.originals.add(b"nobody's %d" % n)
    services.database.engine.dispose()
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PAGESIGHT_ENCODER", "fake")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "data"


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [*words], env=dict(os.environ))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def ran(*words: str, code: int = 0) -> str:
    return run(*words, code=code).output


def body(*words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--json", code=code).stdout)


def test_garbage_is_moved_shown_put_back_and_purged(data_dir: Path) -> None:
    assert "3 files of the data folder that nothing in the catalog names" in ran("verify")
    assert body("verify", "--repair")["garbage"] == []
    (batch,) = body("quarantine", "list")["batches"]
    assert (batch["files"], len(batch["paths"])) == (3, 3) and batch["removed_at"]
    assert body("status")["quarantine"] == {"batches": 1, "files": 3, "bytes": batch["bytes"]}
    assert "in quarantine: 3 files" in ran("status") and batch["id"] in ran("quarantine", "list")
    assert body("quarantine", "restore", batch["id"]) == {"restored": 3}
    assert len(body("verify")["garbage"]) == 3
    ran("verify", "--repair")
    assert body("quarantine", "purge") == {"purged": [], "bytes": 0}  # too young
    assert body("quarantine", "purge", "--all")["bytes"] == batch["bytes"]
    assert "nothing is in quarantine" in ran("quarantine", "list")
    with pytest.raises(NotInQuarantine, match="no batch"):
        ran("quarantine", "restore", "../../etc")


def test_a_catalog_that_was_lost_is_refused_by_every_command_until_it_is_adopted(
    data_dir: Path,
) -> None:
    for path in data_dir.glob("catalog.sqlite3*"):
        path.unlink()
    for words in (
        ("verify", "--deep"), ("verify", "--repair"), ("status",), ("collections", "list"),
        ("ingest", str(data_dir / "FORMAT"), "-c", "other"), ("worker", "--drain"), ("serve",),
        ("compact", "-c", "manuals"), ("quarantine", "purge", "--all"),
        ("search", "bolts", "-c", "manuals"), ("keys", "create", "k"),
    ):  # fmt: skip
        with pytest.raises(CatalogMismatch, match="missing, empty"):
            ran(*words)
    report = body("verify", "--adopt")
    assert report["clean"] and report["documents"] == 0 and len(report["garbage"]) > 3
    assert body("collections", "list") == {"collections": []}


def test_a_deleted_document_is_shown_as_gone(data_dir: Path) -> None:
    (document,) = body("documents", "list", "-c", "manuals")["documents"]
    assert document["degraded"] is None
    ran("documents", "delete", document["id"])
    assert body("status")["deleted"] == {"files": 0, "bytes": 0, "segments": 0}
    assert not list(data_dir.glob(f"originals/*/{document['sha256']}.pdf"))


def test_a_document_without_its_original_is_named(data_dir: Path) -> None:
    (document,) = body("documents", "list", "-c", "manuals")["documents"]
    next(data_dir.glob(f"originals/*/{document['sha256']}.pdf")).unlink()
    report = body("verify", code=1)
    assert [each["document_id"] for each in report["degraded"]] == [document["id"]]
    assert "degraded pump.pdf" in ran("verify", code=1)
    assert "original" in body("documents", "show", document["id"])["degraded"]
    assert body("search", "bolts", "-c", "manuals")["hits"]
