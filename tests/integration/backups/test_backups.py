"""Backups: made beside everything that goes on, restored elsewhere."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.errors import (
    CatalogMismatch,
    CatalogNotEmpty,
    DataFolderBusy,
    StorageError,
)
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.table_copy import copy_tables, copy_url
from indexer.inputs.sources import Source
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.manifest import NO_CONTENT, Backup
from indexer.maintenance.backups.restoring import Restorer
from indexer.storage.durable import DurableFolder
from indexer.storage.pair_mark import read_mark
from tests.builders import fake_services, write_pdf
from tests.support.backups import add, hits, make, names, restore
from tests.support.kill_points import kill_everywhere
from tests.support.postgres import new_database
from tests.support.searching import WORDS
from tests.support.small_library import QUESTION, library

N_QUERIES = 1_000


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
            services.reclaimer.remove_deleted()

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


def test_the_catalog_of_a_backup_shares_no_memory_by_a_file(
    tmp_path: Path, services: Services
) -> None:
    """Network file systems do not offer that; and any path will do."""
    path = tmp_path / "a folder of 100% ä?#" / "catalog.sqlite3"
    path.parent.mkdir()
    copy = Database(copy_url(path))
    assert copy.sqlite_path == path and copy.revision() is not None
    copy_tables(services.database, copy)
    assert Catalog(copy).named_blobs() == services.stores.catalog.named_blobs()
    assert not list(path.parent.glob("*-shm"))
    copy.engine.dispose()
    assert [file.name for file in path.parent.iterdir()] == ["catalog.sqlite3"]


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


def test_what_was_restored_is_a_pair_of_its_own(
    tmp_path: Path, services: Services, folder: BackupFolder
) -> None:
    make(services, folder)
    first_dir, second_dir = services.settings.data_dir, tmp_path / "elsewhere"
    restore(folder, second_dir)
    first, second = (read_mark(DurableFolder(root)) for root in (first_dir, second_dir))
    assert first is not None and second is not None and first.id != second.id
    with pytest.raises(CatalogMismatch, match="belongs to"):
        fake_services(first_dir, database_url=f"sqlite:///{second_dir / 'catalog.sqlite3'}")


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
        if any(path.name not in NO_CONTENT for path in data_dir.glob("*")):
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


# -- over a database server ----------------------------------------------------------------------------


def test_a_catalog_moves_between_postgresql_and_sqlite_by_a_backup(
    tmp_path: Path, postgres_server: str
) -> None:
    first_address, second_address = new_database(postgres_server), new_database(postgres_server)
    services = library(tmp_path, database_url=first_address)
    services.keys.create("reader", Scope.READ)
    services.stores.delete_document(
        add(services, "garden", write_pdf(tmp_path / "weeds.pdf", "Weeds come back."))
    )
    assert services.stores.catalog.removals.after(
        0, 1
    )  # numbered by the database, as others to come
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
        path = write_pdf(tmp_path / "tulips.pdf", "Tulips bloom in April.")
        elsewhere.stores.delete_document(add(elsewhere, "garden", path))
    with pytest.raises(CatalogNotEmpty):
        Restorer(folder).restore(folder.find(), tmp_path / "once-more", second_address)
