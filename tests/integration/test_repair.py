"""Planted faults: every one is found, and repaired from the original."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import DataFolderBusy
from indexer.base.pages import PageEmbedding
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.maintenance.garbage import MUCH
from indexer.maintenance.repair import Repairer
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.storage import files, folder_files
from indexer.stores import Stores
from tests.conftest import DrawPdf


@pytest.fixture
def pipeline(stores: Stores) -> Pipeline:
    encoder, settings = FakeEncoder(), IndexerSettings(encoder="fake")
    return Pipeline(
        stores,
        Rasterizer(settings),
        WordSource("never", PageReader),
        KnownEncoders(LazyEncoder(lambda: encoder.fingerprint, lambda: encoder)),
    )


@pytest.fixture
def collection(stores: Stores) -> Collection:
    return stores.catalog.collections.create("c", FakeEncoder().fingerprint)


@pytest.fixture(autouse=True)
def two_documents(pipeline: Pipeline, collection: Collection, draw_pdf: DrawPdf) -> None:
    for name, pages in (("a.pdf", ["alpha", "beta"]), ("b.pdf", ["gamma"])):
        assert pipeline.ingest(collection, Source(draw_pdf(name, pages), name)).verdict.searchable


@pytest.fixture
def repairer(stores: Stores, database: Database) -> Repairer:
    return Repairer(stores, database)


def first_file(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def repair(repairer: Repairer, pipeline: Pipeline) -> list[Verdict]:
    tasks = repairer.repair(repairer.verify(deep=True))
    return [pipeline.ingest(task.collection, task.source).verdict for task in tasks]


def test_an_unharmed_folder_is_clean(repairer: Repairer) -> None:
    report = repairer.verify(deep=True)
    assert report.clean and report.garbage == []
    assert (report.n_documents, report.n_pages) == (2, 3)


@pytest.mark.parametrize(
    "pattern",
    ["collections/*/*/vectors.npy", "collections/*/*/boxes.npy", "collections/*/*/pages.npy",
     "collections/*/*/offsets.npy", "images/*/*.webp"],
)  # fmt: skip
@pytest.mark.parametrize("harm", ["flip", "truncate", "remove"])
def test_a_damaged_file_is_found_and_repaired_from_the_original(
    repairer: Repairer, pipeline: Pipeline, stores: Stores, pattern: str, harm: str
) -> None:
    path = first_file(stores.folder.root, pattern)
    content = path.read_bytes()
    if harm == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-1] + (bytes([content[-1] ^ 1]) if harm == "flip" else b""))
    report = repairer.verify(deep=True)
    assert not report.clean and any(fault.document_id for fault in report.faults)
    assert sum(path.name in fault.message for fault in report.faults) <= 1  # each file once
    assert repair(repairer, pipeline) == [Verdict.INDEXED]
    after = repairer.verify(deep=True)
    assert after.clean and after.garbage == [] and after.n_pages == 3


def lose(path: Path) -> None:
    path.unlink()


def rot(path: Path) -> None:
    """Flip a bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("harm", [lose, rot])
def test_a_document_whose_original_is_lost_stays_searchable_and_is_named_until_the_file_comes_again(
    repairer: Repairer,
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    harm: Callable[[Path], None],
) -> None:
    document = stores.catalog.documents.of_collection(collection.id)[1]
    path = stores.originals.path(document.sha256)
    harm(path)
    left = path.read_bytes() if path.exists() else None
    for _ in range(2):
        assert repair(repairer, pipeline) == []
        report = repairer.verify(deep=True)
        assert not report.clean and (report.n_documents, report.n_pages) == (2, 3)
        ((degraded, reason),) = report.degraded_documents
        assert degraded.id == document.id and "original" in reason
        assert (path.read_bytes() if path.exists() else None) == left  # never removed by a repair
    now = stores.catalog.documents.get(document.id)
    assert now.verdict is Verdict.INDEXED and now.degraded and "original" in now.degraded
    again = pipeline.ingest(collection, Source(draw_pdf("b.pdf", ["gamma"]), "b.pdf"))
    assert again.verdict is Verdict.UNCHANGED
    assert stores.catalog.documents.get(document.id).degraded is None
    assert repairer.verify(deep=True).clean
    assert len(stores.quarantine.batches()) == (0 if left is None else 1)  # what was rotten is kept


@pytest.mark.parametrize("pattern", ["collections/*/*/vectors.npy", "images/*/*.webp"])
def test_a_document_that_cannot_be_made_anew_is_left_as_it_is(
    repairer: Repairer,
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    pattern: str,
) -> None:
    for document in stores.catalog.documents.of_collection(collection.id):
        lose(stores.originals.path(document.sha256))
    rot(first_file(stores.folder.root, pattern))
    assert repair(repairer, pipeline) == []
    documents = stores.catalog.documents.of_collection(collection.id)
    assert all(document.verdict.searchable and document.degraded for document in documents)
    for name, pages in (("a.pdf", ["alpha", "beta"]), ("b.pdf", ["gamma"])):
        assert pipeline.ingest(collection, Source(draw_pdf(name, pages), name)).verdict.searchable
    assert repair(repairer, pipeline) == [Verdict.INDEXED]
    assert repairer.verify(deep=True).clean


READ_ERRORS = ["EIO", "EMFILE", "ENFILE", "ENOMEM", "ESTALE"]


@pytest.mark.parametrize("name", READ_ERRORS)
@pytest.mark.parametrize(
    "pattern", ["originals/*/*.pdf", "images/*/*.webp", "collections/*/*/vectors.npy"]
)
def test_a_read_error_changes_nothing_and_is_told(
    repairer: Repairer,
    pipeline: Pipeline,
    stores: Stores,
    monkeypatch: pytest.MonkeyPatch,
    pattern: str,
    name: str,
) -> None:
    path = first_file(stores.folder.root, pattern)
    files_before = sorted(p for p in stores.folder.root.rglob("*") if p.is_file())
    monkeypatch.setattr(files, "_PAUSES_S", (0.0,))
    with monkeypatch.context() as failing:
        failing.setattr(folder_files, "sha256_of", unreadable_at(path, getattr(errno, name)))
        report = repairer.verify(deep=True)
        assert report.faults == [] and not report.clean
        (message,) = report.unreadable
        assert str(path) in message and "cannot be read now" in message
        assert repair(repairer, pipeline) == []
    assert sorted(p for p in stores.folder.root.rglob("*") if p.is_file()) == files_before
    report = repairer.verify(deep=True)
    assert report.clean and report.garbage == [] and report.n_pages == 3


def unreadable_at(path: Path, number: int) -> Callable[[Path], str]:
    """What hashes every file but this one, whose reading fails."""

    def read(other: Path) -> str:
        if other == path:
            raise OSError(number, os.strerror(number))
        return files.sha256_of(other)

    return read


def test_garbage_harms_nothing_and_repair_moves_it_to_quarantine(
    repairer: Repairer, pipeline: Pipeline, stores: Stores, collection: Collection
) -> None:
    page = PageEmbedding(np.eye(1, 32, dtype=np.float16), np.zeros((1, 4), np.uint16))
    stores.vectors.write(collection.id, [999], [page])
    stores.images.add(b"nobody's")
    stores.originals.add(b"nobody's")
    (stores.folder.root / "tmp" / "half").write_text("x")
    report = repairer.verify(deep=True)
    assert report.clean and len(report.garbage) == 3
    assert repair(repairer, pipeline) == []
    assert repairer.verify(deep=True).garbage == []
    assert list((stores.folder.root / "tmp").iterdir()) == []
    (batch,) = stores.quarantine.batches()
    assert len(batch.paths) == 3 and batch.n_files == 7 and batch.n_bytes > 0
    assert stores.quarantine.restore(batch) == 3
    assert len(repairer.verify(deep=True).garbage) == 3 and stores.quarantine.batches() == []


@pytest.mark.parametrize("force", [False, True])
def test_nothing_moves_by_itself_when_it_is_most_of_what_is_stored(
    repairer: Repairer, stores: Stores, database: Database, force: bool
) -> None:
    """As after a catalog that was emptied by hand, or restored from an old copy."""
    for n in range(MUCH):
        stores.originals.add(b"nobody's %d" % n)
    page = PageEmbedding(np.eye(1, 32, dtype=np.float16), np.zeros((1, 4), np.uint16))
    stores.vectors.write("c", [999], [page])
    repairer.sweep()
    report = repairer.verify()
    assert report.garbage_is_most and len(report.garbage) == MUCH + 1
    repairer.repair(report, force=force)
    assert len(repairer.verify().garbage) == (0 if force else MUCH + 1)
    assert len(stores.quarantine.batches()) == int(force)


def test_a_page_that_stands_elsewhere_than_its_document_is_a_fault(
    repairer: Repairer, stores: Stores, collection: Collection, database: Database
) -> None:
    from sqlalchemy import insert, update

    from indexer.catalog.segments import segment_values
    from indexer.catalog.tables import documents, segments

    page_id = stores.catalog.pages.of_document(
        stores.catalog.documents.of_collection(collection.id)[0].id
    )[0].id
    page = PageEmbedding(np.eye(1, 32, dtype=np.float16), np.zeros((1, 4), np.uint16))
    record = stores.vectors.write(collection.id, [page_id], [page])
    with database.writing() as connection:
        connection.execute(insert(segments).values(**segment_values(record)))
    assert repairer.verify().clean  # left of a time before the document was read anew
    with database.writing() as connection:
        connection.execute(update(documents).values(segment=record.name))
    assert any(
        "stands 0 times in its document's segment" in fault.message
        for fault in repairer.verify().faults
    )


def test_what_a_deleted_document_leaves_is_neither_garbage_nor_damage_and_goes(
    repairer: Repairer, pipeline: Pipeline, stores: Stores, collection: Collection
) -> None:
    stores.delete_document(stores.catalog.documents.of_collection(collection.id)[0].id)
    report = repairer.verify(deep=True)
    assert report.clean and report.garbage == []
    repair(repairer, pipeline)
    assert len(list(stores.originals.entries())) == len(list(stores.images.entries())) == 1
    assert stores.quarantine.batches() == []


def test_repair_is_refused_while_another_writes_and_sweeping_waits(
    repairer: Repairer, stores: Stores
) -> None:
    (stores.folder.root / "tmp" / "upload").write_text("x")
    with stores.folder.writing():
        with pytest.raises(DataFolderBusy):
            repairer.repair(repairer.verify())
        repairer.sweep()
        assert (stores.folder.root / "tmp" / "upload").exists()
    repairer.sweep()
    assert not (stores.folder.root / "tmp" / "upload").exists()
