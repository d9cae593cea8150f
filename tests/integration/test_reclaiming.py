"""Deleted is gone from the disk, soon and for good; what others share or rely on stays."""

from __future__ import annotations

import gc
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.catalog.collections import Collection
from indexer.catalog.tables import removals
from indexer.inputs.sources import Source
from indexer.maintenance.compaction import Compactor
from indexer.stores import Stores
from tests.builders import fake_services, write_pdf


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data", page_dpi=48)


@pytest.fixture
def stores(services: Services) -> Stores:
    return services.stores


@pytest.fixture
def collection(services: Services) -> Collection:
    return services.create_collection("c")


def add(services: Services, collection: Collection, folder: Path, name: str) -> str:
    path = write_pdf(folder / f"{name}.pdf", f"{name} one", f"{name} two")
    outcome = services.pipeline.ingest(collection, Source(path, path.name))
    assert outcome.verdict.searchable and outcome.document_id
    return outcome.document_id


def stored(stores: Stores) -> tuple[int, int, int]:
    """How many originals, page images and segments are stored."""
    folder = stores.folder
    n_originals, n_images, n_segments = (
        len(list(folder.paths(folder.root / name, 2)))
        for name in ("originals", "images", "collections")
    )
    return n_originals, n_images, n_segments


def test_a_deleted_document_is_gone_from_the_disk(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    add(services, collection, tmp_path, "kept")
    stores.delete_document(add(services, collection, tmp_path, "gone"))
    pending = services.reclaimer.pending()
    assert (pending.n_files, pending.n_bytes > 0) == (3, True)
    services.reclaimer.run_once()
    assert stored(stores) == (1, 2, 1) and stores.quarantine.batches() == []
    assert services.reclaimer.pending().n_files == 0
    report = services.repairer.verify(deep=True)
    assert report.clean and report.garbage == []


def test_a_deleted_collection_is_gone_with_what_waited_in_it(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    add(services, collection, tmp_path, "gone")
    waiting = write_pdf(tmp_path / "waiting.pdf", "waiting")
    services.intake.copy_in(collection, [Source(waiting, "waiting.pdf")])
    assert stored(stores)[0] == 2
    stores.delete_collection("c")
    services.reclaimer.remove_deleted()
    assert stored(stores) == (0, 0, 0)


def test_what_another_document_shares_stays(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    document_id = add(services, collection, tmp_path, "a")
    add(services, services.create_collection("other"), tmp_path, "a")
    stores.delete_document(document_id)
    services.reclaimer.remove_deleted()
    assert stored(stores) == (1, 2, 1)
    assert services.repairer.verify(deep=True).clean


def test_a_process_that_died_between_the_deletion_and_the_removal_loses_nothing_of_it(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    stores.catalog.documents.delete(add(services, collection, tmp_path, "gone"))
    services.reclaimer.remove_deleted()
    assert stored(stores) == (0, 0, 0) and stores.quarantine.batches() == []


def test_an_upload_that_drips_keeps_nobody_from_removing_or_repairing(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    document_id = add(services, collection, tmp_path, "gone")
    with stores.folder.staging_folder("upload-") as upload:
        (upload / "0.pdf").write_bytes(b"half")
        stores.delete_document(document_id)
        services.reclaimer.remove_deleted()
        assert stored(stores) == (0, 0, 0)
        services.repairer.repair(services.repairer.verify(deep=True))
        services.repairer.sweep()
        assert (upload / "0.pdf").read_bytes() == b"half"


def test_what_a_writer_relies_on_waits_until_it_has_committed_or_given_up(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    stores.delete_document(add(services, collection, tmp_path, "again"))
    (original,) = stores.originals.entries()
    with stores.folder.writing():
        stores.originals.add_file(original[1], original[0])  # somebody ingests the same file
        services.reclaimer.remove_deleted()
        assert stored(stores) == (1, 0, 0)
    services.reclaimer.remove_deleted()
    assert stored(stores) == (0, 0, 0)


def test_the_same_file_deleted_and_ingested_over_and_over_is_never_torn(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    stop, errors = threading.Event(), []

    def remove() -> None:
        while not stop.is_set():
            try:
                services.reclaimer.remove_deleted()
            except Exception as error:  # noqa: BLE001 - told to the test below
                errors.append(error)

    thread = threading.Thread(target=remove)
    thread.start()
    try:
        for _ in range(12):
            document_id = add(services, collection, tmp_path, "a")
            report = services.repairer.verify(deep=True)
            assert report.clean and report.n_pages == 2, report.faults
            stores.delete_document(document_id)
    finally:
        stop.set()
        thread.join()
    assert not errors
    services.reclaimer.remove_deleted()
    assert stored(stores) == (0, 0, 0)


def test_a_refused_upload_can_be_tried_again_for_a_day(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    (tmp_path / "notes.pdf").write_bytes(b"no PDF")
    (job,) = services.intake.copy_in(collection, [Source(tmp_path / "notes.pdf", "notes.pdf")])
    Worker(services).run(drain=True)
    services.reclaimer.run_once()
    assert services.intake.retry(job.id).state == "queued"
    Worker(services).run(drain=True)
    with services.database.writing() as transaction:
        two_days_ago = datetime.now(UTC) - timedelta(days=2)
        transaction.execute(update(removals).values(since=two_days_ago))
    services.reclaimer.run_once()
    assert stored(stores) == (0, 0, 0)


def test_vectors_of_deleted_pages_leave_a_shared_segment_when_their_time_has_come(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    ids = [add(services, collection, tmp_path, f"word{n}") for n in range(8)]
    Compactor(stores).run("c", eager=True)
    (before,) = stores.catalog.segments.all()
    stores.delete_document(
        ids[0]
    )  # two pages of sixteen: too few to write it anew for their own sake
    Compactor(stores).run("c")
    assert stores.catalog.segments.all() == [before]
    assert services.reclaimer.pending().n_segments == 1
    Compactor(stores, drop_deleted_after=timedelta(0)).run("c")
    (after,) = stores.catalog.segments.all()
    assert (before.n_pages, after.n_pages) == (16, 14)
    services.reclaimer.remove_deleted()
    assert services.reclaimer.pending().n_segments == 0
    assert stored(stores)[2] == 1 and stores.catalog.removals.names() == set()


def test_what_lies_in_quarantine_for_long_enough_is_removed(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    add(services, collection, tmp_path, "kept")
    stores.originals.add(b"nobody's")
    services.repairer.repair(services.repairer.verify())
    services.reclaimer.run_once()
    (batch,) = stores.quarantine.batches()
    assert stores.quarantine.purge_older(timedelta(days=1)) == 0
    assert stores.quarantine.purge_older(timedelta(0)) == 1
    assert stores.quarantine.batches() == [] and batch.n_files == 1
    assert list((stores.folder.root / "quarantine").iterdir()) == []


def mapped_and_deleted() -> set[str]:
    """The files that this process maps although their names are gone."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[5] for line in lines if line.endswith("vectors.npy (deleted)")}


@pytest.mark.parametrize("deleted", ["document", "collection"])
def test_a_search_engine_lets_go_of_the_files_of_what_was_deleted(
    services: Services, stores: Stores, collection: Collection, tmp_path: Path, deleted: str
) -> None:
    document_id = add(services, collection, tmp_path, "gone")
    add(services, collection, tmp_path, "kept")
    before = mapped_and_deleted()
    assert services.searcher.search("gone", ["c"], 1).hits[0].document.name == "gone.pdf"
    stores.delete_document(document_id) if deleted == "document" else stores.delete_collection("c")
    assert mapped_and_deleted() > before
    services.searcher.refresh()
    gc.collect()
    assert mapped_and_deleted() <= before
