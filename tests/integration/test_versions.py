"""The same name with new bytes is a new version; the same bytes under a second name are found under both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.errors import DocumentNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import WITHDRAWN, Document, DocumentError
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter
from tests.builders import fake_services, write_pdf
from tests.support.kill_points import kill_everywhere
from tests.support.postgres import new_database

NEWEST = SearchFilter()
ALL = SearchFilter(versions="all")


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    options = {}
    if request.param == "postgresql":
        options["database_url"] = new_database(request.getfixturevalue("postgres_server"))
    wired = fake_services(tmp_path / "data", **options)
    yield wired
    wired.database.engine.dispose()


@pytest.fixture
def collection(services: Services) -> Collection:
    return services.create_collection("c")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def ingest(
    services: Services, collection: Collection, path: Path, text: str, name: str = "list.pdf"
) -> IngestOutcome:
    source = Source(write_pdf(path / f"{text}.pdf", f"price {text}"), name)
    return services.pipeline.ingest(collection, source)


def prices(services: Services, asked: SearchFilter = NEWEST, collection: str = "c") -> set[str]:
    hits = services.searcher.search("price", [collection], 20, asked).hits
    return {hit.snippet.removeprefix("price ") for hit in hits}


def listing(services: Services, collection: Collection) -> list[Document]:
    return services.stores.catalog.documents.of_collection(collection.id)


def by_name(name: str, versions: str = "newest") -> SearchFilter:
    return SearchFilter((name,), versions=versions)  # type: ignore[arg-type]


def test_searches_see_the_newest_version_unless_asked(
    services: Services, collection: Collection, folder: Path
) -> None:
    ids = {
        text: ingest(services, collection, folder, text).document_id
        for text in ("one", "two", "three")
    }
    other = ingest(services, collection, folder, "apart", "other.pdf")
    assert other.verdict is Verdict.INDEXED
    assert prices(services) == {"three", "apart"}
    assert prices(services, by_name("list.pdf")) == {"three"}
    assert prices(services, by_name("list.pdf", "all")) == {"one", "two", "three"}
    assert prices(services, ALL) == {"one", "two", "three", "apart"}
    assert prices(services, by_name(str(ids["one"]))) == {"one"}
    assert prices(services, SearchFilter(page_range=(2, 2), versions="all")) == set()
    versions = {row.id: row.version for row in listing(services, collection)}
    assert [versions[str(ids[text])].number for text in ("one", "two", "three")] == [1, 2, 3]  # type: ignore[union-attr]
    assert versions[str(other.document_id)] is None
    (hit,) = services.searcher.search("price", ["c"], 1, by_name("list.pdf")).hits
    assert hit.document.version is not None and hit.document.version.n_versions == 3


def test_deleting_the_newest_version_brings_the_one_before_back(
    services: Services, collection: Collection, folder: Path
) -> None:
    ingest(services, collection, folder, "one")
    two = ingest(services, collection, folder, "two")
    services.stores.delete_document(str(two.document_id))
    assert prices(services) == {"one"}
    assert [row.version for row in listing(services, collection)] == [None]
    services.reclaimer.remove_deleted()
    assert services.repairer.verify(deep=True).clean


def test_old_bytes_that_are_ingested_again_are_the_newest_version_again(
    services: Services, collection: Collection, folder: Path
) -> None:
    ingest(services, collection, folder, "one")
    ingest(services, collection, folder, "two")
    again = ingest(services, collection, folder, "one")
    assert (again.verdict, again.note) == (Verdict.UNCHANGED, "the newest version again")
    assert prices(services) == {"one"}
    generation = services.stores.catalog.collections.generation("c")
    assert ingest(services, collection, folder, "one").note is None
    assert services.stores.catalog.collections.generation("c") == generation, "nothing has changed"


def test_the_same_bytes_under_a_second_name_are_found_under_both(
    services: Services, collection: Collection, folder: Path
) -> None:
    first = ingest(services, collection, folder, "one", "first.pdf")
    second = ingest(services, collection, folder, "one", "second.pdf")
    assert (second.verdict, second.note) == (Verdict.UNCHANGED, "known as first.pdf")
    assert second.document_id == first.document_id
    for name in ("first.pdf", "second.pdf"):
        (hit,) = services.searcher.search("price", ["c"], 5, by_name(name)).hits
        assert hit.document.name == name
    assert prices(services) == {"one"}
    (row,) = listing(services, collection)
    assert (row.name, row.aliases) == ("first.pdf", ("second.pdf",))


def test_deleting_one_name_leaves_the_other(
    services: Services, collection: Collection, folder: Path
) -> None:
    first = ingest(services, collection, folder, "one", "first.pdf")
    ingest(services, collection, folder, "one", "second.pdf")
    document_id = str(first.document_id)
    services.stores.delete_name(document_id, "first.pdf")
    (row,) = listing(services, collection)
    assert (row.name, row.aliases) == ("second.pdf", ())
    assert prices(services, by_name("second.pdf")) == {"one"}
    with pytest.raises(DocumentNotFound):
        prices(services, by_name("first.pdf"))
    with pytest.raises(DocumentNotFound, match="does not go by"):
        services.stores.delete_name(document_id, "first.pdf")
    services.stores.delete_name(document_id, "second.pdf")
    assert listing(services, collection) == [] and prices(services) == set()


def test_a_second_name_that_is_current_keeps_an_old_version_in_searches(
    services: Services, collection: Collection, folder: Path
) -> None:
    ingest(services, collection, folder, "one")
    ingest(services, collection, folder, "one", "archive.pdf")
    ingest(services, collection, folder, "two")
    hits = services.searcher.search("price", ["c"], 5).hits
    assert {(hit.document.name, hit.snippet) for hit in hits} == {
        ("archive.pdf", "price one"),
        ("list.pdf", "price two"),
    }


def test_each_collection_has_its_own_versions(
    services: Services, collection: Collection, folder: Path
) -> None:
    other = services.create_collection("d")
    ingest(services, collection, folder, "one")
    ingest(services, other, folder, "two")
    assert (prices(services), prices(services, collection="d")) == ({"one"}, {"two"})
    hits = services.searcher.search("price", ["c", "d"], 5, by_name("list.pdf")).hits
    assert len(hits) == 2


def test_a_refused_version_leaves_the_one_before(
    services: Services, collection: Collection, folder: Path
) -> None:
    ingest(services, collection, folder, "one")
    broken = folder / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    outcome = services.pipeline.ingest(collection, Source(broken, "list.pdf"))
    assert outcome.verdict is Verdict.CORRUPT
    assert prices(services) == {"one"}
    assert prices(services, by_name("list.pdf")) == {"one"}


def test_first_pages_of_a_new_version_wait_for_the_last(
    services: Services, collection: Collection, folder: Path
) -> None:
    ingest(services, collection, folder, "one")
    two = ingest(services, collection, folder, "two")
    _set_verdict(services, str(two.document_id), Verdict.INDEXING)
    assert prices(services) == {"one"}
    _set_verdict(services, str(two.document_id), Verdict.INDEXED)
    assert prices(services) == {"two"}


def test_a_withdrawn_version_is_missing_and_comes_back_as_what_it_was(
    services: Services, collection: Collection, folder: Path
) -> None:
    """The older one must not answer in its place without a word; made anew, it is no newer than it was."""
    one = ingest(services, collection, folder, "one")
    ingest(services, collection, folder, "one", "alias.pdf")
    two = ingest(services, collection, folder, "two")
    documents = services.stores.catalog.documents
    documents.withdraw(str(two.document_id), DocumentError(WITHDRAWN, "damaged"))
    result = services.searcher.search("price", ["c"], 5, by_name("list.pdf", "all"))
    assert {hit.snippet for hit in result.hits} == {"price one"}
    assert result.missing_pages is not None and result.missing_pages.documents == ("list.pdf",)
    documents.withdraw(str(one.document_id), DocumentError(WITHDRAWN, "damaged"))
    for _, document in services.stores.catalog.withdrawn():
        path = services.stores.originals.path(document.sha256)
        services.pipeline.ingest(collection, Source(path, document.name))
    assert prices(services, by_name("list.pdf")) == {"two"}
    assert prices(services, by_name("alias.pdf")) == {"one"}


def test_concurrent_ingests_of_two_versions_leave_both(
    services: Services, collection: Collection, folder: Path
) -> None:
    threads = [
        threading.Thread(target=ingest, args=(services, collection, folder, text))
        for text in ("one", "two", "three")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert prices(services, ALL) == {"one", "two", "three"}
    assert len(prices(services)) == 1


def test_the_version_that_was_uploaded_last_is_the_newest_whichever_ends_first(
    services: Services, collection: Collection, folder: Path
) -> None:
    first = Source(write_pdf(folder / "1.pdf", "price one"), "list.pdf")
    second = Source(write_pdf(folder / "2.pdf", "price two"), "list.pdf")
    services.intake.copy_in(collection, [first], priority=0)
    services.intake.copy_in(collection, [second], priority=5)  # is run first
    Worker(services).run(drain=True)
    assert prices(services) == {"two"}


def test_a_clock_that_is_put_back_does_not_make_the_new_version_the_older_one(
    services: Services, collection: Collection, folder: Path
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    path = write_pdf(folder / "1.pdf", "price one")
    services.pipeline.ingest(collection, Source(path, "list.pdf", given_at=tomorrow))
    ingest(services, collection, folder, "two")
    assert prices(services) == {"two"}
    assert ingest(services, collection, folder, "one").note == "the newest version again"
    assert prices(services) == {"one"}


def test_deleting_a_collection_forgets_its_names(
    services: Services, collection: Collection, folder: Path
) -> None:
    ingest(services, collection, folder, "one", "first.pdf")
    ingest(services, collection, folder, "one", "second.pdf")
    services.stores.delete_collection("c")
    with services.database.reading() as transaction:
        rows = transaction.exec_driver_sql("SELECT name FROM document_names")
        assert list(rows) == []


def test_a_kill_at_any_change_leaves_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    services = fake_services(data_dir)
    collection = services.create_collection("c")
    ingest(services, collection, tmp_path, "one")
    services.database.engine.dispose()

    def add_version() -> None:
        own = fake_services(data_dir)
        ingest(own, own.stores.catalog.collections.get("c"), tmp_path, "two")

    n_old = 0
    for _ in kill_everywhere(add_version, step=4):
        after = fake_services(data_dir)
        now = prices(after)
        assert now in ({"one"}, {"two"})
        n_old += now == {"one"}
        after.database.engine.dispose()
    last = fake_services(data_dir)
    assert n_old and prices(last) == {"two"} and prices(last, ALL) == {"one", "two"}
    last.database.engine.dispose()


def _set_verdict(services: Services, document_id: str, verdict: Verdict) -> None:
    with services.database.writing() as transaction:
        transaction.exec_driver_sql(
            f"UPDATE documents SET verdict = '{verdict.value}' WHERE id = '{document_id}'"
        )
        transaction.exec_driver_sql("UPDATE collections SET generation = generation + 1")
