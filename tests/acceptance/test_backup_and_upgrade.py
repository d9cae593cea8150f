"""A data folder of before is migrated, backed up and restored by the command line alone."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import Cli, run_cli
from tests.conftest import ROOT

FIXTURES = ROOT / "tests/fixtures"
QUERY = ("search", "torque of the bolts", "-c", "plain", "-k", "3", "--json")


@pytest.fixture
def old_dir(tmp_path: Path) -> Path:
    """The data folder that 0.1.0 wrote."""
    with tarfile.open(FIXTURES / "data-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


def on(data_dir: Path) -> Cli:
    return lambda *words, **environment: run_cli(data_dir, *words, **environment)


def pages_and_scores(cli: Cli) -> list[tuple[int, float]]:
    hits = cli(*QUERY, PAGESIGHT_ENCODER="fake").json["hits"]
    assert hits
    return [(hit["page_id"], hit["score"]) for hit in hits]


def test_an_old_folder_is_migrated_backed_up_and_restored_elsewhere(
    tmp_path: Path, old_dir: Path
) -> None:
    old, new, backups = on(old_dir), on(tmp_path / "new"), tmp_path / "backups"
    catalog_before = (old_dir / "catalog.sqlite3").read_bytes()
    steps = old("migrate", "--dry-run", "--json").json["steps"]
    assert (old_dir / "catalog.sqlite3").read_bytes() == catalog_before
    assert old("migrate", "--json").json["steps"] == steps
    backup = old("backup", backups, "--json")
    assert (backup.code, backup.json["n_documents"], backup.json["faults"]) == (0, 4, [])
    assert new("restore", backups).code == 0
    report = new("verify", "--deep", "--json").json
    assert report["clean"] and (report["documents"], report["pages"]) == (3, 6)
    assert report["garbage"] == []  # what nothing names is in no backup
    assert pages_and_scores(new) == pages_and_scores(old)
    refusal = new("restore", backups)
    assert refusal.code == 1 and "is not empty" in refusal.err
