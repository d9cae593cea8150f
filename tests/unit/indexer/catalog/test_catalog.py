from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from indexer.base.errors import (
    CatalogUnavailable,
    CollectionExists,
    CollectionNotFound,
    DataFolderTooNew,
    DocumentNotFound,
    InvalidName,
    PageNotFound,
)
from indexer.base.verdicts import Verdict
from indexer.catalog import database as database_module
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import HEAD, Database
from indexer.catalog.document_records import DocumentError
from indexer.catalog.tables import metadata
from indexer.stores import Stores
from tests.support.factories import FINGERPRINT, draft, embedding
from tests.support.old_catalogs import is_in_metadata


@pytest.fixture
def catalog(stores: Stores) -> Catalog:
    return stores.catalog


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_in_metadata})
        assert compare_metadata(context, metadata) == []


def test_head_names_the_newest_migration() -> None:
    versions = Path(database_module.__file__).parent / "migrations" / "versions"
    newest = max(path.name for path in versions.glob("[0-9]*.py"))
    assert newest.startswith(HEAD)


def test_a_catalog_of_a_newer_schema_is_refused(tmp_path: Path, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataFolderTooNew, match="9999"):
        Database(str(database.engine.url))


def test_commits_survive_power_loss_by_settings(database: Database) -> None:
    with database.reading() as connection:
        pragma = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all.db", "oracle+none://x"])
def test_a_bad_database_url_is_one_clear_line(url: str) -> None:
    with pytest.raises(CatalogUnavailable, match="PAGESIGHT_DATABASE_URL"):
        Database(url)


@pytest.mark.parametrize("name", ["", "a b", "../x", ".hidden", "ä", "a" * 101, "a/b"])
def test_a_name_that_cannot_be_a_collection_is_refused(catalog: Catalog, name: str) -> None:
    with pytest.raises(InvalidName):
        catalog.collections.create(name, FINGERPRINT)


def test_a_collection_keeps_its_fingerprint(catalog: Catalog) -> None:
    catalog.collections.create("a", FINGERPRINT)
    assert catalog.collections.get("a").fingerprint == FINGERPRINT
    with pytest.raises(CollectionExists):
        catalog.collections.create("a", FINGERPRINT)


def test_an_unknown_collection_names_the_ones_there_are(catalog: Catalog) -> None:
    catalog.collections.create("reports", FINGERPRINT)
    with pytest.raises(CollectionNotFound, match="reports"):
        catalog.collections.get("report")


def test_page_ids_are_never_given_out_twice(catalog: Catalog) -> None:
    page_ids: list[int] = []

    def reserve() -> None:
        for n in (1, 5, 3):
            first = catalog.pages.reserve_ids(n)
            page_ids.extend(range(first, first + n))

    threads = [threading.Thread(target=reserve) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(page_ids) == len(set(page_ids)) == 54
    assert min(page_ids) >= 1


def test_a_committed_document_is_visible_wholly(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    document_draft = draft(catalog, stores.vectors, collection, [embedding(3), embedding(0)])
    assert catalog.documents.commit(document_draft)
    assert catalog.snapshot("c").documents == (document_draft.document,)
    assert catalog.snapshot("c").segments == (document_draft.segment,)
    pages = catalog.pages.of_document(document_draft.document.id)
    assert [page.n_vectors for page in pages] == [3, 0]
    page_id = document_draft.pages[0].page.id
    assert catalog.pages.words([page_id])[page_id].texts == ("some", "words")
    totals = catalog.collections.totals(collection.id)
    assert (totals.n_documents, totals.n_pages, totals.n_vectors) == (1, 2, 3)


def test_the_same_bytes_are_committed_once(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    first = draft(catalog, stores.vectors, collection, [embedding(1)])
    second = draft(catalog, stores.vectors, collection, [embedding(1)])
    assert catalog.documents.commit(first)
    assert not catalog.documents.commit(second)
    assert [d.id for d in catalog.documents.of_collection(collection.id)] == [first.document.id]
    assert catalog.segments.all() == [first.segment]


def test_every_change_raises_the_generation(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    document_draft = draft(catalog, stores.vectors, collection, [embedding(1)])
    catalog.documents.commit(document_draft)
    after_commit = catalog.collections.generation("c")[1]
    catalog.documents.delete(document_draft.document.id)
    assert 0 < after_commit < catalog.collections.generation("c")[1]


def test_a_document_of_a_collection_deleted_meanwhile_is_not_committed(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    document_draft = draft(catalog, stores.vectors, collection, [embedding(1)])
    catalog.delete_collection("c")
    with pytest.raises(CollectionNotFound):
        catalog.documents.commit(document_draft)


def test_a_deleted_document_takes_pages_words_and_segment_with_it(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    document_draft = draft(catalog, stores.vectors, collection, [embedding(1)])
    catalog.documents.commit(document_draft)
    page_id = document_draft.pages[0].page.id
    assert catalog.documents.delete(document_draft.document.id) == [document_draft.segment]
    assert catalog.pages.words([page_id]) == {} and catalog.pages.by_id([page_id]) == {}
    with pytest.raises(PageNotFound):
        catalog.pages.with_document(page_id)
    with pytest.raises(DocumentNotFound):
        catalog.documents.delete(document_draft.document.id)


def test_a_refusal_is_replaced_when_the_file_is_indexed_after_all(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    document_draft = draft(catalog, stores.vectors, collection, [embedding(1)])
    refusal = replace(
        document_draft.document,
        id="refused",
        verdict=Verdict.TIMEOUT,
        error=DocumentError("timeout", "took too long"),
        first_page_id=None,
        n_pages=0,
    )
    catalog.documents.record_refusal(refusal)
    assert catalog.documents.of_collection(collection.id) == [refusal]
    assert catalog.documents.commit(document_draft)
    assert catalog.documents.of_collection(collection.id) == [document_draft.document]
    catalog.documents.record_refusal(refusal)  # too late: the indexed document stays
    assert catalog.documents.of_collection(collection.id) == [document_draft.document]


def test_a_withdrawn_document_is_in_no_answer_but_keeps_its_row(stores: Stores) -> None:
    catalog = stores.catalog
    collection = catalog.collections.create("c", FINGERPRINT)
    document_draft = draft(catalog, stores.vectors, collection, [embedding(1)])
    catalog.documents.commit(document_draft)
    catalog.documents.withdraw(document_draft.document.id, DocumentError("withdrawn", "damaged"))
    assert catalog.snapshot("c").documents == ()
    assert catalog.documents.get(document_draft.document.id).verdict is Verdict.FAILED
    assert document_draft.document.sha256 in catalog.named_blobs()[0]
