"""Backups: made beside everything that goes on, restored elsewhere, refused where they are damaged."""

from __future__ import annotations

import json
import os
import random
import shutil
import tarfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.main import app
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.errors import (
    CatalogNotEmpty,
    DamagedBackup,
    DataFolderBusy,
    DataFolderTooNew,
    FolderNotEmpty,
    StorageError,
)
from indexer.base.verdicts import Verdict
from indexer.inputs.sources import Source
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.making import BackupMaker, CopyWork
from indexer.maintenance.backups.manifest import Backup
from indexer.maintenance.backups.restoring import Restorer
from tests.builders import fake_services, write_pdf
from tests.conftest import ROOT
from tests.support.kill_points import kill_everywhere
from tests.support.postgres import new_database
from tests.support.searching import WORDS
from tests.support.small_library import QUESTION, library

N_QUERIES = 1_000


@pytest.fixture(scope="module")
def whole_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two collections, made once; each test has its own copy."""
    services = library(tmp_path_factory.mktemp("library"))
    services.database.engine.dispose()
    return services.settings.data_dir


@pytest.fixture
def services(tmp_path: Path, whole_library: Path) -> Services:
    return fake_services(Path(shutil.copytree(whole_library, tmp_path / "data")))


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups", create=True)


def make(services: Services, folder: BackupFolder, **options: int) -> tuple[Backup, CopyWork]:
    return BackupMaker(services.stores, services.database).make(folder, **options)


def restore(folder: BackupFolder, data_dir: Path, name: str | None = None, **options: bool) -> None:
    Restorer(folder).restore(folder.find(name), data_dir, None, **options)


def add(services: Services, collection: str, path: Path) -> str:
    target = services.collection_for_ingest(collection)
    outcome = services.pipeline.ingest(target, Source(path, path.name))
    assert outcome.verdict is Verdict.INDEXED, outcome.error
    [document] = [
        document
        for document in services.stores.catalog.documents.of_collection(target.id)
        if document.name == path.name
    ]
    return document.id


def hits(services: Services, query: str, collection: str) -> list[tuple[int, float, object]]:
    answer = services.searcher.search(query, [collection], 2)
    return [(hit.page.id, hit.score, hit.evidence) for hit in answer.hits]


def names(services: Services, collection: str) -> set[str]:
    catalog = services.stores.catalog
    rows = catalog.documents.of_collection(catalog.collections.get(collection).id)
    return {document.name for document in rows}


def test_a_backup_during_ingest_is_restored_elsewhere_and_answers_alike(
    tmp_path: Path, folder: BackupFolder
) -> None:
    """Documents come, go and are merged while it is made; what it holds is one moment of all that."""
    chance = random.Random(5)
    services = fake_services(tmp_path / "data", page_dpi=24)
    texts = [[" ".join(chance.choices(WORDS, k=6)) for _ in range(2)] for _ in range(12)]
    paths = [write_pdf(tmp_path / f"{n}.pdf", *pages) for n, pages in enumerate(texts)]
    for path in paths[:3]:
        add(services, "c", path)
    is_over = threading.Event()
    failures: list[BaseException] = []

    def in_thread(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - shown by the test
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def ingest() -> None:
        for n, path in enumerate(paths[3:]):
            document_id = add(services, "c", path)
            if n % 3 == 0:
                services.stores.delete_document(document_id)
        is_over.set()

    def compact() -> None:
        while not is_over.wait(0.02):
            services.compactor.run("c", eager=True)

    threads = [in_thread(ingest), in_thread(compact)]
    backups: list[Backup] = []
    while not is_over.is_set():
        backups.append(make(services, folder, n_kept=100)[0])
    for thread in threads:
        thread.join()
    assert not failures
    assert len(backups) >= 2 and all(backup.faults == () for backup in backups)

    backup = backups[len(backups) // 2]
    restore(folder, tmp_path / "elsewhere", backup.name)
    elsewhere = fake_services(tmp_path / "elsewhere", page_dpi=24)
    report = elsewhere.repairer.verify(deep=True)
    assert report.clean, report.faults
    assert 3 <= report.n_documents <= 9
    # The service went on: what it has got since is deleted, and what it has deleted since is looked over.
    for document in services.stores.catalog.documents.of_collection(
        services.stores.catalog.collections.get("c").id
    ):
        if document.name not in names(elsewhere, "c"):
            services.stores.delete_document(document.id)
    for document in elsewhere.stores.catalog.documents.of_collection(
        elsewhere.stores.catalog.collections.get("c").id
    ):
        if document.name not in names(services, "c"):
            elsewhere.stores.delete_document(document.id)
    queries = [" ".join(chance.choices(WORDS, k=3)) for _ in range(N_QUERIES)]
    with ThreadPoolExecutor(16) as clients:  # those that wait together share a pass
        first, second = (
            list(clients.map(partial(hits, side, collection="c"), queries))
            for side in (services, elsewhere)
        )
    assert first == second


def test_a_second_backup_copies_only_what_is_new_and_both_can_be_restored(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    first, first_work = make(services, folder)
    assert first_work.n_copied == first.n_files and first_work.n_bytes_copied == first.n_bytes
    add(services, "garden", write_pdf(tmp_path / "tulips.pdf", "Tulips bloom in April."))
    second, second_work = make(services, folder)
    assert second.n_documents == first.n_documents + 1
    assert second_work.n_copied == second.n_files - first.n_files
    for backup in (first, second):
        restore(folder, tmp_path / backup.name, backup.name)
        elsewhere = fake_services(tmp_path / backup.name)
        assert elsewhere.repairer.verify(deep=True).clean
        assert ("tulips.pdf" in names(elsewhere, "garden")) == (backup is second)


def test_old_backups_go_with_the_files_that_only_they_name(
    services: Services, folder: BackupFolder
) -> None:
    make(services, folder, n_kept=2)
    services.stores.delete_collection("garden")
    make(services, folder, n_kept=2)
    assert len(list(folder.root.glob("originals/*/*"))) == 2  # the older backup has both
    newest, _ = make(services, folder, n_kept=2)
    assert len(folder.backups()) == 2
    paths = [path for family in ("originals", "images", "collections")
              for path in (folder.root / family).rglob("*") if path.is_file()]  # fmt: skip
    assert len(paths) == newest.n_files


def test_jobs_keys_and_conversations_come_back(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    source = Source(write_pdf(tmp_path / "late.pdf", "A late upload."), "late.pdf")
    services.intake.copy_in(services.stores.catalog.collections.get("garden"), [source])
    services.keys.create("reader", Scope.READ)
    make(services, folder)
    restore(folder, tmp_path / "elsewhere")
    elsewhere = fake_services(tmp_path / "elsewhere")
    assert elsewhere.queue.jobs() == services.queue.jobs()
    assert elsewhere.keys.all() == services.keys.all()
    assert elsewhere.repairer.verify(deep=True).clean  # the bytes of the queued file are there, too


# -- what breaks off ---------------------------------------------------------------------------------


def test_a_backup_that_is_killed_anywhere_leaves_the_last_one_whole(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    first, _ = make(services, folder)
    add(services, "garden", write_pdf(tmp_path / "tulips.pdf", "Tulips bloom in April."))
    data_dir = services.settings.data_dir

    def work() -> None:
        make(fake_services(data_dir), BackupFolder(folder.root), n_kept=1)

    n_kills = 0
    for _ in kill_everywhere(work, step=5):
        n_kills += 1
        newest = BackupFolder(folder.root).find()
        assert Restorer(folder).check(newest) == []
        assert newest.n_documents == first.n_documents + (newest.name != first.name)
    assert n_kills >= 10
    restore(folder, tmp_path / "elsewhere")
    assert "tulips.pdf" in names(fake_services(tmp_path / "elsewhere"), "garden")


def test_a_restore_that_is_killed_anywhere_is_never_taken_for_whole(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    make(services, folder)
    data_dir = tmp_path / "elsewhere"
    n_refused = 0
    for _ in kill_everywhere(lambda: restore(folder, data_dir), step=5):
        if any(path.name not in ("lock", ".FORMAT.new") for path in data_dir.glob("*")):
            with pytest.raises(StorageError, match="restored into"):
                fake_services(data_dir)
            n_refused += 1
    assert n_refused >= 10
    elsewhere = fake_services(data_dir)
    assert elsewhere.repairer.verify(deep=True).clean
    assert hits(elsewhere, QUESTION, "manuals") == hits(services, QUESTION, "manuals")


def test_two_backups_to_one_folder_do_not_mix(services: Services, folder: BackupFolder) -> None:
    with folder.staging(), pytest.raises(DataFolderBusy, match="being made"):
        make(services, folder)
    make(services, folder)


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


def test_backups_of_a_newer_pagesight_are_refused(folder: BackupFolder) -> None:
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
    assert (hit.page.page_number, hit.score) == (2, pytest.approx(5.5448, rel=1e-3))
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


# -- over a database server ----------------------------------------------------------------------------


def test_a_catalog_moves_between_postgresql_and_sqlite_by_a_backup(
    tmp_path: Path, postgres_server: str
) -> None:
    first_address, second_address = new_database(postgres_server), new_database(postgres_server)
    services = library(tmp_path, database_url=first_address)
    services.keys.create("reader", Scope.READ)
    folder = BackupFolder(tmp_path / "backups", create=True)
    make(services, folder)
    restore(folder, tmp_path / "in-sqlite")
    in_sqlite = fake_services(tmp_path / "in-sqlite")
    make(in_sqlite, folder)
    Restorer(folder).restore(folder.find(), tmp_path / "in-postgres", second_address)
    in_postgres = fake_services(tmp_path / "in-postgres", database_url=second_address)
    for elsewhere in (in_sqlite, in_postgres):
        assert elsewhere.repairer.verify(deep=True).clean
        assert hits(elsewhere, QUESTION, "manuals") == hits(services, QUESTION, "manuals")
        assert elsewhere.keys.all() == services.keys.all()
        add(elsewhere, "garden", write_pdf(tmp_path / "tulips.pdf", "Tulips bloom in April."))
    with pytest.raises(CatalogNotEmpty):
        Restorer(folder).restore(folder.find(), tmp_path / "once-more", second_address)
