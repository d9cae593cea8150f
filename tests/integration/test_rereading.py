"""Documents are read anew in their place: same ids, no gap for searches, never half, never worse off."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from sqlalchemy import update

from api.services.wiring import Services
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.base.reader_version import READER
from indexer.base.verdicts import Verdict
from indexer.catalog import documents as catalog_documents
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document
from indexer.catalog.tables import documents
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.pipeline import Pipeline
from indexer.ingest.rereading import Rereader
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.stores import Stores
from tests.builders import fake_services, settings_of, write_pdf

QUERY = "alpha"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """Three documents that an older reader has read, two of them in one segment."""
    services = fake_services(tmp_path / "data")
    collection = services.create_collection("c")
    for name in ("a", "b", "c"):
        path = write_pdf(tmp_path / f"{name}.pdf", f"alpha {name}1", f"alpha {name}2")
        services.pipeline.ingest(collection, Source(path, path.name))
    services.compactor.run("c", eager=True)
    path = write_pdf(tmp_path / "d.pdf", "alpha d1")
    services.pipeline.ingest(collection, Source(path, path.name))
    make_older(services)
    return services


def make_older(services: Services) -> None:
    with services.database.writing() as transaction:
        transaction.execute(update(documents).values(reader=None))


def collection_of(services: Services) -> Collection:
    return services.stores.catalog.collections.get("c")


def documents_of(services: Services) -> list[Document]:
    return services.stores.catalog.documents.of_collection(collection_of(services).id)


def places(services: Services) -> list[tuple[str, int]]:
    hits = services.searcher.search(QUERY, ["c"], 50, exact=True).hits
    return sorted((hit.document.name, hit.page.page_number) for hit in hits)


def page_ids(services: Services) -> dict[str, list[int]]:
    pages = services.stores.catalog.pages
    return {d.name: [page.id for page in pages.of_document(d.id)] for d in documents_of(services)}


def reread_all(services: Services) -> None:
    rereader = services.rereader
    for document in rereader.documents(collection_of(services)):
        outcome = rereader.read(collection_of(services), document)
        assert outcome.verdict is Verdict.INDEXED, outcome.error


class Watched(FakeEncoder):
    """Calls `meanwhile` before it encodes; makes every vector another than it was."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        self._meanwhile()
        embeddings = super().encode_pages(pages)
        return [PageEmbedding(-page.vectors, page.boxes) for page in embeddings]


def rereader_with(services: Services, encoder: FakeEncoder) -> Rereader:
    pipeline = Pipeline(
        services.stores,
        Rasterizer(services.settings),
        WordSource("never", PageReader),
        KnownEncoders(LazyEncoder(lambda: encoder.fingerprint, lambda: encoder)),
    )
    return Rereader(services.stores, pipeline)


def test_everything_is_read_once_and_keeps_its_ids(services: Services) -> None:
    ids_before, documents_before = page_ids(services), documents_of(services)
    places_before = places(services)
    reread_all(services)
    assert page_ids(services) == ids_before
    assert [d.id for d in documents_of(services)] == [d.id for d in documents_before]
    assert [d.created_at for d in documents_of(services)] == [
        d.created_at for d in documents_before
    ]
    assert {d.reader for d in documents_of(services)} == {READER}
    assert places(services) == places_before
    assert services.rereader.documents(collection_of(services)) == []
    assert len(services.rereader.documents(collection_of(services), also_read_today=True)) == 4


def test_names_and_versions_stay(services: Services, tmp_path: Path) -> None:
    collection = collection_of(services)
    services.pipeline.ingest(collection, Source(tmp_path / "a.pdf", "also.pdf"))
    newer = write_pdf(tmp_path / "newer" / "b.pdf", "alpha newer b1")
    services.pipeline.ingest(collection, Source(newer, "b.pdf"))
    make_older(services)
    before = [(d.id, d.name, d.aliases, d.version) for d in documents_of(services)]
    places_before = places(services)
    assert any(aliases for _, _, aliases, _ in before)
    assert any(version for _, _, _, version in before)
    reread_all(services)
    assert [(d.id, d.name, d.aliases, d.version) for d in documents_of(services)] == before
    assert places(services) == places_before


def test_old_vectors_of_a_segment_that_others_stand_in_are_in_no_answer(services: Services) -> None:
    first = documents_of(services)[0]
    before = services.searcher.page_embedding("c", first.first_page_id or 0)
    outcome = rereader_with(services, Watched()).read(collection_of(services), first)
    assert outcome.verdict is Verdict.INDEXED
    after = services.searcher.page_embedding("c", first.first_page_id or 0)
    assert before is not None and after is not None
    assert (after.vectors == -before.vectors).all()
    assert len(places(services)) == len(set(places(services))) == 7
    assert services.repairer.verify(deep=True).clean
    services.compactor.run("c", eager=True)  # writes what is left, without them
    assert len(places(services)) == 7
    kept = services.searcher.page_embedding("c", first.first_page_id or 0)
    assert kept is not None and (kept.vectors == after.vectors).all()
    assert services.repairer.verify(deep=True).clean
    assert services.stores.catalog.snapshot("c").segments[0].n_pages == 7


def test_a_search_during_a_reread_is_answered_and_a_failure_changes_nothing(
    services: Services,
) -> None:
    places_before, seen = places(services), []
    target = documents_of(services)[0]

    def search_then_fail() -> None:
        seen.append(places(services))
        raise OSError("the disk is gone")

    outcome = rereader_with(services, Watched(search_then_fail)).read(
        collection_of(services), target
    )
    assert outcome.verdict is Verdict.FAILED
    assert outcome.error is not None and outcome.error.message.startswith("left as it was: ")
    assert seen == [places_before] and places(services) == places_before
    assert services.stores.catalog.documents.get(target.id) == target
    services.repairer.sweep()
    assert services.repairer.verify(deep=True).clean


def test_a_document_that_is_deleted_meanwhile_stays_deleted(services: Services) -> None:
    target = documents_of(services)[0]
    rereader = rereader_with(services, Watched(lambda: services.stores.delete_document(target.id)))
    outcome = rereader.read(collection_of(services), target)
    assert outcome.verdict is Verdict.FAILED
    assert target.id not in {document.id for document in documents_of(services)}
    assert services.repairer.verify(deep=True).clean


@pytest.mark.parametrize("damage", ["lost", "damaged"])
def test_a_lost_or_damaged_original_is_said_and_its_document_left_alone(
    services: Services, damage: str
) -> None:
    target = documents_of(services)[0]
    path = services.stores.originals.path(target.sha256)
    path.chmod(0o600)
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9] + b"different")
    places_before = places(services)
    outcome = services.rereader.read(collection_of(services), target)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.error is not None and "left as it was" in outcome.error.message
    assert places(services) == places_before
    assert services.stores.catalog.documents.get(target.id) == target
    if damage == "lost":
        assert services.rereader.lost_original(target) is not None


def test_words_and_vectors_change_with_the_reader(tmp_path: Path) -> None:
    """A scan that was ingested without text recognition is read with it."""
    page = pymupdf.open().new_page(width=400, height=200)
    page.insert_text((40, 100), "Invoice 4711 paid", fontsize=28)
    scan = pymupdf.open()
    scan.new_page(width=400, height=200).insert_image(
        (0, 0, 400, 200), pixmap=page.get_pixmap(dpi=200)
    )
    path = tmp_path / "scan.pdf"
    scan.save(path)
    without = fake_services(tmp_path / "data")
    collection = without.create_collection("c")
    assert without.pipeline.ingest(collection, Source(path, path.name)).verdict.searchable
    (document,) = documents_of(without)
    page_id = document.first_page_id or 0
    assert without.stores.catalog.pages.words([page_id])[page_id].texts == ()
    today = fake_services(tmp_path / "data", ocr="auto")
    (target,) = today.rereader.documents(collection, also_read_today=True)
    assert today.rereader.read(collection, target).verdict.searchable
    words = today.stores.catalog.pages.words([page_id])[page_id]
    assert (words.source, "4711" in words.texts) == ("ocr", True)
    (stored,) = today.stores.catalog.pages.of_document(document.id)
    assert (stored.id, stored.text_source) == (page_id, "ocr")
    assert without.searcher.search("4711", ["c"], 1).hits[0].page.id == page_id


def read_until_killed(data_dir: Path, moment: str) -> int:
    """Read all anew in a forked child that dies at that moment; return its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            owner, name = {
                "amid the pages": (FakeEncoder, "encode_pages"),
                "before the commit": (catalog_documents.Documents, "commit"),
                "amid the commit": (catalog_documents, "insert_pages"),
                "behind the commit": (Stores, "remove_segments"),
            }[moment]
            setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
            reread_all(fake_services(data_dir))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize(
    ("moment", "n_read"),
    [
        ("amid the pages", 0),
        ("before the commit", 0),
        ("amid the commit", 0),
        ("behind the commit", 1),
    ],
)
def test_a_killed_reread_leaves_the_old_answers_or_the_new_and_goes_on_later(
    services: Services, moment: str, n_read: int
) -> None:
    places_before, ids_before = places(services), page_ids(services)
    data_dir = services.settings.data_dir
    assert read_until_killed(data_dir, moment) == -signal.SIGKILL
    again = fake_services(data_dir)
    assert places(again) == places(services) == places_before
    assert [d.reader for d in documents_of(again)].count(READER) == n_read
    again.repairer.sweep()
    assert again.repairer.verify(deep=True).clean
    reread_all(again)
    assert places(again) == places(services) == places_before
    assert page_ids(again) == ids_before
    assert {d.reader for d in documents_of(again)} == {READER}
    assert again.repairer.verify(deep=True).clean


def test_one_document_is_chosen_by_name_or_id_and_an_unknown_one_is_said(
    services: Services,
) -> None:
    from indexer.base.errors import DocumentNotFound

    collection = collection_of(services)
    (by_name,) = services.rereader.documents(collection, "b.pdf")
    assert services.rereader.documents(collection, by_name.id) == [by_name]
    with pytest.raises(DocumentNotFound):
        services.rereader.documents(collection, "nothing.pdf")


def test_settings_of_another_encoder_are_refused_before_anything_is_read(
    services: Services, tmp_path: Path
) -> None:
    from api.services.wiring import wire
    from indexer.base.errors import EncoderMismatch

    other: Any = wire(settings_of(tmp_path / "data", encoder="lite"))
    with pytest.raises(EncoderMismatch):
        other.rereader.read(collection_of(services), documents_of(services)[0])
