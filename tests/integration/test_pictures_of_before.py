"""What the reader of before has read: of reader 5 only the pictures that are read otherwise now."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from indexer.catalog.tables import documents
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf
from tests.support.kind_files import image_bytes, picture_of


def test_only_pictures_that_are_read_otherwise_are_older(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", page_dpi=48)
    collection = services.create_collection("c")
    write_pdf(tmp_path / "lease.pdf", "rent 1", "rent 2")
    (tmp_path / "one.jpg").write_bytes(image_bytes(picture_of("Meter"), "JPEG"))
    (tmp_path / "depth.jpg").write_bytes(image_bytes(picture_of("Gauge"), "JPEG"))
    (tmp_path / "logo.png").write_bytes(image_bytes(picture_of("Logo").convert("RGBA"), "PNG"))
    for path in sorted(tmp_path.glob("*.*")):
        services.pipeline.ingest(collection, Source(path, path.name))
    with services.database.writing() as transaction:
        transaction.execute(update(documents).values(reader=5))
        had_two_pages = update(documents).where(documents.c.name == "depth.jpg")
        transaction.execute(had_two_pages.values(n_pages=2))
    older = services.rereader.documents(collection)
    assert sorted(document.name for document in older) == ["depth.jpg", "logo.png"]
    assert services.stores.catalog.older_readers.counts() == {collection.id: 2}
    assert services.rereader.read(collection, older[0]).verdict.searchable
    assert len(services.rereader.documents(collection)) == 1

    path = write_pdf(tmp_path / "lease.pdf", "rent 1 anew", "rent 2")
    newer = services.pipeline.ingest(collection, Source(path, path.name))
    assert newer.n_copied_pages == 1, "pages of reader 5 have the words of today"
