"""Planted faults: every one is found, and repaired from the original."""

from __future__ import annotations

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
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.pdf import Rasterizer
from indexer.inputs.sources import Source
from indexer.maintenance.repair import Repairer
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.stores import Stores
from tests.conftest import DrawPdf


@pytest.fixture
def pipeline(stores: Stores) -> Pipeline:
    encoder, settings = FakeEncoder(), IndexerSettings(encoder="fake")
    return Pipeline(
        stores,
        Rasterizer(settings),
        WordSource("never", PageReader),
        LazyEncoder(lambda: encoder.fingerprint, lambda: encoder),
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


def test_a_lost_original_takes_the_document_out_until_the_file_comes_again(
    repairer: Repairer,
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
) -> None:
    stores.originals.path(stores.catalog.documents.of_collection(collection.id)[1].sha256).unlink()
    assert repair(repairer, pipeline) == [Verdict.FAILED]
    again = pipeline.ingest(collection, Source(draw_pdf("b.pdf", ["gamma"]), "b.pdf"))
    assert again.verdict is Verdict.INDEXED
    assert repairer.verify(deep=True).clean


def test_garbage_harms_nothing_and_repair_removes_it(
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


def test_a_page_that_stands_in_two_segments_is_a_fault(
    repairer: Repairer, stores: Stores, collection: Collection, database: Database
) -> None:
    from sqlalchemy import insert

    from indexer.catalog.segments import segment_values
    from indexer.catalog.tables import segments

    page_id = stores.catalog.pages.of_document(
        stores.catalog.documents.of_collection(collection.id)[0].id
    )[0].id
    page = PageEmbedding(np.eye(1, 32, dtype=np.float16), np.zeros((1, 4), np.uint16))
    record = stores.vectors.write(collection.id, [page_id], [page])
    with database.writing() as connection:
        connection.execute(insert(segments).values(**segment_values(record)))
    assert any("2 segments" in fault.message for fault in repairer.verify().faults)


def test_what_a_deleted_document_leaves_is_garbage_not_damage(
    repairer: Repairer, pipeline: Pipeline, stores: Stores, collection: Collection
) -> None:
    stores.delete_document(stores.catalog.documents.of_collection(collection.id)[0].id)
    report = repairer.verify(deep=True)
    assert report.clean and len(report.garbage) == 3  # the original and two page images
    repair(repairer, pipeline)
    assert repairer.verify(deep=True).garbage == []


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
