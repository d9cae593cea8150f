"""Backups that are damaged, forged or of another format, and places that are not empty: all refused."""

from __future__ import annotations

import errno
import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.main import app
from api.services.wiring import Services
from indexer.base.errors import (
    CatalogNotEmpty,
    DamagedBackup,
    DataFolderTooNew,
    FolderNotEmpty,
    StorageError,
)
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.manifest import Backup
from indexer.maintenance.backups.restoring import Restorer
from indexer.storage.files import NewFile
from tests.builders import fake_services, write_pdf
from tests.conftest import ROOT
from tests.support.backups import add, hits, make, names, restore
from tests.support.small_library import QUESTION

# -- what is damaged ---------------------------------------------------------------------------------


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


HARMS = {"flip": flip, "truncate": truncate, "remove": Path.unlink}
FILES = ("originals/*/*", "images/*/*", "collections/*/*/vectors.npy", "collections/*/*/pages.npy")


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("pattern", FILES)
def test_a_damaged_file_is_refused_and_all_others_can_be_had(
    tmp_path: Path, services: Services, folder: BackupFolder, pattern: str, harm: str
) -> None:
    make(services, folder)
    path = sorted(folder.root.glob(pattern))[0]
    HARMS[harm](path)
    data_dir = tmp_path / "elsewhere"
    assert Restorer(folder).check(folder.find()) == [path.relative_to(folder.root).as_posix()]
    with pytest.raises(DamagedBackup, match=path.name):
        restore(folder, data_dir)
    with pytest.raises(StorageError, match="restored into"):
        fake_services(data_dir)
    restore(folder, data_dir, keep_going=True)
    elsewhere = fake_services(data_dir)
    assert not elsewhere.repairer.verify(deep=True).clean
    for task in elsewhere.repairer.repair(elsewhere.repairer.verify(deep=True)):
        elsewhere.pipeline.ingest(task.collection, task.source)
    good = [name for name in ("manuals", "garden") if names(elsewhere, name)]
    assert any(hits(elsewhere, QUESTION, name) == hits(services, QUESTION, name) for name in good)


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", ["catalog.sqlite3", "SHA256SUMS", "manifest.json"])
def test_a_backup_with_a_damaged_list_is_refused_and_the_one_before_is_restored(
    tmp_path: Path, services: Services, folder: BackupFolder, name: str, harm: str
) -> None:
    first, _ = make(services, folder)
    second, _ = make(services, folder)
    path = folder.folder_of(second) / name
    HARMS[harm](path)
    if name == "manifest.json" and harm == "flip":
        path.write_text(path.read_text().replace(second.sums_sha256, "0" * 64))
    data_dir = tmp_path / "elsewhere"
    with pytest.raises(DamagedBackup):
        restore(folder, data_dir, second.name)
    assert not data_dir.exists()
    restore(folder, data_dir, first.name)
    assert fake_services(data_dir).repairer.verify(deep=True).clean


def test_no_file_outside_the_data_folder_is_written(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    backup, _ = make(services, folder)
    for stranger in ("originals/../../../stolen.pdf", "/stolen.pdf", "FORMAT"):
        sums = dict(folder.sums(backup)) | {stranger: "0" * 64}
        with folder.staging() as staging_path:
            (staging_path / "catalog.sqlite3").write_bytes(
                (folder.folder_of(backup) / "catalog.sqlite3").read_bytes()
            )
            forgery = Backup(folder.new_name(), "1", "0004", 1, 1, 1, 1, 1)
            folder.publish(staging_path, forgery, sums)
        with pytest.raises(DamagedBackup, match="which no data folder holds"):
            restore(folder, tmp_path / "elsewhere")


def test_what_the_data_folder_has_lost_is_named_and_a_copy_of_before_stays(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    make(services, folder)
    original, image = (next(services.settings.data_dir.glob(p)) for p in FILES[:2])
    flip(image)
    original.unlink()
    second, work = make(services, folder, deep=True)
    assert (second.faults, work.n_copied) == ((), 0)  # the first backup has brought them
    new_folder = BackupFolder(tmp_path / "another", create=True)
    third, _ = make(services, new_folder)
    assert len(third.faults) == 2 and third.n_files == second.n_files - 2
    assert {original.name, image.name} == {Path(f.split(":")[0]).name for f in third.faults}
    restore(folder, tmp_path / "elsewhere")
    assert fake_services(tmp_path / "elsewhere").repairer.verify(deep=True).clean


def test_what_rotted_in_the_backup_is_copied_anew(services: Services, folder: BackupFolder) -> None:
    make(services, folder)
    flip(next(folder.root.glob("images/*/*")))
    assert len(Restorer(folder).check(folder.find())) == 1
    _, work = make(services, folder, deep=True)
    assert work.n_copied == 1
    assert Restorer(folder).check(folder.find()) == []


@pytest.mark.parametrize("n_room", [0, 3, 11])
def test_a_full_disk_under_the_backups_leaves_the_last_one_whole(
    tmp_path: Path,
    services: Services,
    folder: BackupFolder,
    monkeypatch: pytest.MonkeyPatch,
    n_room: int,
) -> None:
    first, _ = make(services, folder)
    pages = [f"Tulips bloom in April {n}." for n in range(9)]
    add(services, "garden", write_pdf(tmp_path / "tulips.pdf", *pages))
    n_left, write = n_room, NewFile.write

    def write_while_there_is_room(file: NewFile, data: bytes) -> int:
        nonlocal n_left
        n_left -= 1
        if n_left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(NewFile, "write", write_while_there_is_room)
        with pytest.raises(StorageError, match="No space left on device"):
            make(services, folder)
    assert folder.find() == first and Restorer(folder).check(first) == []
    second, work = make(services, folder)
    assert work.n_copied == second.n_files - first.n_files - n_room


# -- what is refused ---------------------------------------------------------------------------------


def test_a_restore_goes_into_an_empty_place_only(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    make(services, folder)
    data_dir = services.settings.data_dir
    with pytest.raises(FolderNotEmpty, match="PAGESIGHT_DATA_DIR"):
        restore(folder, data_dir)
    address = f"sqlite:///{data_dir / 'catalog.sqlite3'}"
    with pytest.raises(CatalogNotEmpty, match="PAGESIGHT_DATABASE_URL"):
        Restorer(folder).restore(folder.find(), tmp_path / "elsewhere", address)
    assert not (tmp_path / "elsewhere").exists()
    assert services.repairer.verify(deep=True).clean


def test_folders_that_hold_something_else_are_left_alone(
    tmp_path: Path, services: Services
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("Dear")
    with pytest.raises(StorageError, match="not empty"):
        BackupFolder(tmp_path / "letters", create=True)
    with pytest.raises(DamagedBackup, match="holds no backups"):
        BackupFolder(tmp_path / "nothing")
    data_dir = services.settings.data_dir
    with pytest.raises(StorageError, match="lie in one another"):
        make(services, BackupFolder(data_dir / "backups-of-mine", create=True))


def test_backups_of_a_newer_pagesight_are_refused(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    backup, _ = make(services, folder)
    newer = replace(backup, schema="9999", version="9.0")
    with pytest.raises(DataFolderTooNew, match=r"made by pagesight 9\.0"):
        Restorer(folder).restore(newer, tmp_path / "elsewhere", None)
    assert not (tmp_path / "elsewhere").exists()
    (folder.root / "BACKUPS").write_text("2\n")
    with pytest.raises(DataFolderTooNew, match="format 2"):
        BackupFolder(folder.root)


def test_a_backup_of_every_format_so_far_is_restored(tmp_path: Path) -> None:
    """`backups-1.tar.gz` was made over schema 0004: two collections, a queued upload, a key."""
    with tarfile.open(ROOT / "tests/fixtures/backups-1.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    folder = BackupFolder(tmp_path / "backups")
    assert Restorer(folder).check(folder.find()) == []
    restore(folder, tmp_path / "data")
    services = fake_services(tmp_path / "data")
    assert services.repairer.verify(deep=True).clean
    hit = services.searcher.search(QUESTION, ["manuals"], 1).hits[0]
    assert (hit.page.page_number, hit.similarity) == (2, pytest.approx(5.5448, rel=1e-3))
    assert [job.name for job in services.queue.jobs()] == ["late.pdf"]
    assert [key.name for key in services.keys.all()] == ["reader"]


# -- the commands --------------------------------------------------------------------------------------


def run(data_dir: Path, *words: str | Path) -> Result:
    """Run a command in this process."""
    environment = {"PAGESIGHT_DATA_DIR": str(data_dir), "PAGESIGHT_ENCODER": "fake"}
    return CliRunner().invoke(app, [*map(str, words)], env=environment)


def test_damage_ends_the_commands_with_exit_code_1(tmp_path: Path, services: Services) -> None:
    data_dir, backups = services.settings.data_dir, tmp_path / "backups"
    assert run(data_dir, "backup", backups).exit_code == 0
    flip(next((backups / "images").glob("*/*")))
    [row] = json.loads(run(data_dir, "restore", backups, "--list", "--json").output)["backups"]
    assert (row["n_documents"], row["faults"]) == (2, [])
    assert run(data_dir, "restore", backups, "--dry-run").exit_code == 1
    assert isinstance(run(tmp_path / "new", "restore", backups).exception, DamagedBackup)
    assert isinstance(run(tmp_path / "new", "collections", "list").exception, StorageError)
    assert run(tmp_path / "new", "restore", backups, "--keep-going").exit_code == 1
    assert fake_services(tmp_path / "new").repairer.verify().n_documents == 2

    flip(next(data_dir.glob(FILES[1])))
    result = run(data_dir, "backup", tmp_path / "others", "--json")
    assert result.exit_code == 1 and len(json.loads(result.output)["faults"]) == 1
