"""A long document is searchable before its last page is read, and never there twice or half for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from indexer.base.errors import JobStopped
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import Document
from indexer.catalog.jobs.leases import JobLeases
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import JobDraft, Lease
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.leased_job import LeasedJob
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.maintenance.compaction import Compactor
from indexer.maintenance.repair import Repairer
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.storage.files import sha256_of
from indexer.stores import Stores
from tests.conftest import DrawPdf
from tests.support.searching import fake_searcher, places

N_PAGES = 24
AT_ONCE = 1e-9  # shown as soon as there is a page; later as often as the pauses allow


class Watched(FakeEncoder):
    """Calls `meanwhile` with the number of pages that were encoded before, once for each window."""

    def __init__(self, meanwhile: Callable[[int], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile
        self._done = 0

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        self._meanwhile(self._done)
        self._done += len(pages)
        return super().encode_pages(pages)


@pytest.fixture
def collection(stores: Stores) -> Collection:
    return stores.catalog.collections.create("c", FakeEncoder().fingerprint)


@pytest.fixture
def path(draw_pdf: DrawPdf) -> Path:
    return draw_pdf("long.pdf", [f"word{n} alpha" for n in range(1, N_PAGES + 1)])


def pipeline(
    stores: Stores, meanwhile: Callable[[int], None] = lambda _: None, shown_s: float = AT_ONCE
) -> Pipeline:
    encoder = Watched(meanwhile)
    return Pipeline(
        stores,
        Rasterizer(IndexerSettings(encoder="fake")),
        WordSource("never", PageReader),
        KnownEncoders(LazyEncoder(lambda: encoder.fingerprint, lambda: encoder)),
        shown_s,
    )


def only_document(stores: Stores, collection: Collection) -> Document:
    (document,) = stores.catalog.documents.of_collection(collection.id)
    return document


def assert_whole(stores: Stores, database: Database, collection: Collection) -> None:
    document = only_document(stores, collection)
    assert (document.verdict, document.n_pages) == (Verdict.INDEXED, N_PAGES)
    (record,) = stores.catalog.segments.all()
    assert record.n_pages == N_PAGES
    assert list(stores.vectors.entries()) == [(record.collection_id, record.name)]
    report = Repairer(stores, database).verify(deep=True)
    assert report.clean and not report.garbage and report.n_pages == N_PAGES


def test_what_others_do_during_a_verification_is_no_damage(
    stores: Stores, database: Database, collection: Collection, path: Path, draw_pdf: DrawPdf
) -> None:
    """Documents grow, are merged and deleted, and a collection comes and goes, while it looks."""
    other_path = draw_pdf("short.pdf", ["alpha", "beta"])

    def write() -> None:
        writer = pipeline(stores)
        for _ in range(2):
            other = stores.catalog.collections.create("other", FakeEncoder().fingerprint)
            for into in (collection, other):
                for one in (path, other_path):
                    assert writer.ingest(into, Source(one, one.name)).verdict.searchable
            Compactor(stores, min_copied=1).run("c", eager=True)
            for document in stores.catalog.documents.of_collection(collection.id):
                stores.delete_document(document.id)
            stores.delete_collection("other")

    repairer, n_looks = Repairer(stores, database), 0
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        while not written.done():
            assert repairer.verify(deep=True).faults == []
            n_looks += 1
            wait([written], timeout=0.01)  # leaves the writer some of the machine
        written.result()
    assert n_looks > 10


def test_first_pages_are_found_while_the_others_are_still_to_come(
    stores: Stores, database: Database, collection: Collection, path: Path
) -> None:
    searcher = fake_searcher(stores)
    seen: list[int] = []

    def look(done: int) -> None:
        if done == 0:
            assert stores.catalog.documents.of_collection(collection.id) == []
            return
        document = only_document(stores, collection)
        assert (document.verdict, document.n_pages) == (Verdict.INDEXING, N_PAGES)
        assert places(searcher, "word1") and places(searcher, "word1")[0] == ("long.pdf", 1)
        shown = stores.catalog.pages.of_document(document.id)
        seen.append(len(shown))
        assert len(places(searcher, "alpha", k=50)) == len(shown) < N_PAGES
        assert Repairer(stores, database).verify(deep=True).clean
        Compactor(stores, min_copied=1).run("c", eager=True)

    outcome = pipeline(stores, look).ingest(collection, Source(path, path.name))
    assert outcome.verdict is Verdict.INDEXED
    assert seen and seen == sorted(seen) and seen[0] >= 1
    assert len(places(searcher, "alpha", k=50)) == N_PAGES
    assert places(searcher, f"word{N_PAGES}")[0] == ("long.pdf", N_PAGES)
    assert_whole(stores, database, collection)


def test_a_page_keeps_its_id_when_the_document_is_whole(
    stores: Stores, collection: Collection, path: Path
) -> None:
    early: dict[int, int] = {}

    def look(done: int) -> None:
        if done:
            shown = stores.catalog.pages.of_document(only_document(stores, collection).id)
            early.update({page.page_number: page.id for page in shown})

    outcome = pipeline(stores, look).ingest(collection, Source(path, path.name))
    whole = stores.catalog.pages.of_document(outcome.document_id or "")
    assert early and early.items() <= {page.page_number: page.id for page in whole}.items()


def test_a_document_appears_as_a_whole_when_that_is_wanted(
    stores: Stores, collection: Collection, path: Path
) -> None:
    def look(_: int) -> None:
        assert stores.catalog.documents.of_collection(collection.id) == []

    wanted = pipeline(stores, look, shown_s=0)
    assert wanted.ingest(collection, Source(path, path.name)).verdict is Verdict.INDEXED


def test_a_fault_midway_takes_the_first_pages_back(
    stores: Stores, database: Database, collection: Collection, path: Path
) -> None:
    def break_off(done: int) -> None:
        if done:
            raise RuntimeError("weights melted")

    outcome = pipeline(stores, break_off).ingest(collection, Source(path, path.name))
    assert outcome.verdict is Verdict.FAILED
    assert only_document(stores, collection).first_page_id is None
    assert places(fake_searcher(stores), "alpha") == [] and stores.catalog.segments.all() == []
    assert pipeline(stores).ingest(collection, Source(path, path.name)).verdict is Verdict.INDEXED
    assert_whole(stores, database, collection)


class Killed(BaseException):
    """As if the process had ended: nothing behind it runs."""


def left_by_a_crash(
    stores: Stores, collection: Collection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> Document:
    def die(done: int) -> None:
        if done >= 4:
            raise Killed

    with monkeypatch.context() as context:
        context.setattr(
            "indexer.ingest.partial_document.PartialDocument.withdraw", lambda self: None
        )
        with pytest.raises(Killed):
            pipeline(stores, die).ingest(collection, Source(path, path.name))
    return only_document(stores, collection)


def test_what_a_crash_left_stays_until_the_next_ingest_has_it_all(
    stores: Stores,
    database: Database,
    collection: Collection,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = left_by_a_crash(stores, collection, path, monkeypatch)
    assert left.verdict is Verdict.INDEXING
    searcher = fake_searcher(stores)
    n_left = len(places(searcher, "alpha", k=50))

    def look(_: int) -> None:
        assert only_document(stores, collection).id == left.id
        assert len(places(searcher, "alpha", k=50)) == n_left >= 1

    assert pipeline(stores, look).ingest(collection, Source(path, path.name)).verdict is (
        Verdict.INDEXED
    )
    assert_whole(stores, database, collection)


def test_repair_ends_what_a_crash_left(
    stores: Stores,
    database: Database,
    collection: Collection,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left_by_a_crash(stores, collection, path, monkeypatch)
    repairer = Repairer(stores, database)
    report = repairer.verify(deep=True)
    assert report.clean and "long.pdf: half indexed" in report.garbage
    (again,) = repairer.repair(report)
    assert places(fake_searcher(stores), "alpha") == []
    assert pipeline(stores).ingest(again.collection, again.source).verdict is Verdict.INDEXED
    assert_whole(stores, database, collection)


def test_a_document_deleted_meanwhile_does_not_come_back(
    stores: Stores, collection: Collection, path: Path
) -> None:
    def delete(done: int) -> None:
        for document in stores.catalog.documents.of_collection(collection.id):
            if document.first_page_id is not None:
                stores.delete_document(document.id)

    outcome = pipeline(stores, delete).ingest(collection, Source(path, path.name))
    assert outcome.error is not None and "was deleted while" in outcome.error.message
    assert places(fake_searcher(stores), "alpha") == [] and stores.catalog.segments.all() == []


@pytest.fixture
def held(
    database: Database, collection: Collection, path: Path
) -> Iterator[tuple[LeasedJob, Lease, JobLeases]]:
    leases = JobLeases(database)
    JobQueue(database).submit(collection.id, [JobDraft(path.name, sha256_of(path), 1)])
    taken = leases.claim("worker", [collection.id])
    assert taken is not None
    _, lease = taken
    with LeasedJob(leases, lease, lambda: False, 600.0) as job:
        yield job, lease, leases


def test_who_lost_the_job_shows_no_page(
    stores: Stores, collection: Collection, path: Path, held: tuple[LeasedJob, Lease, JobLeases]
) -> None:
    job, lease, leases = held
    leases.give_back(lease)
    with pytest.raises(JobStopped):
        pipeline(stores).ingest(collection, Source(path, path.name), leased_job=job)
    assert stores.catalog.documents.of_collection(collection.id) == []
    assert list(stores.vectors.entries()) == []


def test_a_cancelled_job_takes_its_first_pages_back(
    stores: Stores,
    database: Database,
    collection: Collection,
    path: Path,
    held: tuple[LeasedJob, Lease, JobLeases],
) -> None:
    job, lease, _ = held

    def cancel(done: int) -> None:
        if done:
            assert only_document(stores, collection).verdict is Verdict.INDEXING
            JobQueue(database).cancel(lease.job_id)

    with pytest.raises(JobStopped):
        pipeline(stores, cancel).ingest(collection, Source(path, path.name), leased_job=job)
    assert stores.catalog.documents.of_collection(collection.id) == []
    assert list(stores.vectors.entries()) == []
