"""Both databases find pages by their words, and in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from indexer.base.language.search_terms import question_terms
from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Database
from indexer.catalog.full_text.dialect import CollectionPages
from indexer.catalog.full_text.postgres import vector_text
from indexer.catalog.table_copy import copy_tables
from indexer.stores import Stores
from tests.builders import open_stores
from tests.support.postgres import new_database
from tests.support.searching import AddDocument, add_document, fake_searcher

EVERY_PAGE = (0, 10**9)


def all_pages(mean_length: float = 5.0) -> CollectionPages:
    first, last = EVERY_PAGE
    return CollectionPages.of_ranges(np.array([first]), np.array([last + 1]), mean_length)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    if request.param == "postgres":
        url = new_database(request.getfixturevalue("postgres_server"))
    database = Database(url)
    yield database
    database.engine.dispose()


@pytest.fixture
def stores(database: Database, tmp_path: Path) -> Stores:
    return open_stores(tmp_path / "data", database)


@pytest.fixture
def add(stores: Stores) -> AddDocument:
    return add_document(stores)


def pages_with(stores: Stores, *phrase: str, most_pages: int = 100) -> dict[int, float] | None:
    """Page id -> saturation."""
    [matches] = stores.catalog.page_index.matches([phrase], all_pages(), most_pages)
    if matches is None:
        return None
    return dict(zip(matches.page_ids.tolist(), matches.saturation.tolist(), strict=True))


def first_page(stores: Stores, document_id: str) -> int:
    page_id = stores.catalog.documents.get(document_id).first_page_id
    assert page_id is not None
    return page_id


def test_a_page_is_found_by_its_words_in_the_transaction_that_shows_it(
    stores: Stores, add: AddDocument
) -> None:
    pump = first_page(stores, add("c", "a.pdf", ["the pump KD-340/B costs 1,480 euros"]))
    add("c", "b.pdf", ["a valve"])
    for term in ("pump", "kd-340/b", "340", "1480", "euro"):
        assert pages_with(stores, term) == {pump: pytest.approx(0.5, abs=0.45)}
    assert pages_with(stores, "crane") == {}


def test_words_that_follow_each_other_are_a_phrase(stores: Stores, add: AddDocument) -> None:
    page = first_page(stores, add("c", "a.pdf", ["working capital of the pump"]))
    assert pages_with(stores, "work", "capital")
    assert pages_with(stores, "work", "capital") == {page: pytest.approx(0.5, abs=0.45)}
    assert pages_with(stores, "capital", "work") == {}
    assert pages_with(stores, "work", "pump") == {}


def test_more_mentions_say_more_and_a_longer_page_less(stores: Stores, add: AddDocument) -> None:
    rest = "\n".join(f"word{n}" for n in range(20))
    longer = "\n".join(f"a{n} b{n} c{n} d{n}" for n in range(20))
    once = first_page(stores, add("c", "a.pdf", [f"pump\n{rest}"]))
    often = first_page(stores, add("c", "b.pdf", [f"pump pump pump pump\n{rest}"]))
    long = first_page(stores, add("c", "c.pdf", [f"pump\n{longer}"]))
    saturation = pages_with(stores, "pump")
    assert saturation is not None
    assert saturation[often] > saturation[once] > saturation[long] > 0
    assert max(saturation.values()) <= 1


def test_a_word_on_too_many_pages_is_not_listed(stores: Stores, add: AddDocument) -> None:
    for n in range(3):
        add("c", f"{n}.pdf", ["a pump"])
    assert pages_with(stores, "pump", most_pages=2) is None
    assert len(pages_with(stores, "pump", most_pages=3) or {}) == 3


def test_only_the_pages_in_range_are_listed(stores: Stores, add: AddDocument) -> None:
    pages = [first_page(stores, add("c", f"{n}.pdf", ["a pump"])) for n in range(3)]
    second = CollectionPages(np.array([pages[1]]), np.array([pages[1] + 1]), 5.0)
    [matches] = stores.catalog.page_index.matches([("pump",)], second, 100)
    assert matches is not None and matches.page_ids.tolist() == [pages[1]]


def test_pages_of_other_collections_change_no_score(stores: Stores, add: AddDocument) -> None:
    texts = ["a pump and a valve " + "filler\n" * n for n in range(0, 16, 4)]
    searcher = fake_searcher(stores)
    scores: list[dict[str, float]] = []

    def look() -> None:
        by_searcher = [
            {hit.document.name: hit.score for hit in each.search("pump valve", ["c"]).hits}
            for each in (searcher, fake_searcher(stores))
        ]
        assert by_searcher[0] == by_searcher[1]
        scores.append(by_searcher[0])

    add("d", "between.pdf", ["pump pump " + "word\n" * 20])
    for n, words_of_page in enumerate(texts):
        add("c", f"{n}.pdf", [words_of_page])
        add("d", f"between-{n}.pdf", ["a pump"])
    look()
    others = [add("d", f"{n}.pdf", ["pump pump valve " + "word\n" * 24]) for n in range(20)]
    look()
    for document in others[::2]:
        stores.catalog.documents.delete(document)
    look()
    stores.catalog.delete_collection("d")
    look()
    assert len(scores[0]) == 4 and scores == [scores[0]] * 4
    add("c", "long.pdf", ["crane\n" * 24])  # a page of its own makes all others short
    look()
    assert all(scores[-1][name] > score for name, score in scores[0].items())


def test_a_word_that_others_use_on_many_pages_is_not_too_common(
    stores: Stores, add: AddDocument
) -> None:
    pages = [first_page(stores, add("c", "a.pdf", ["a pump"]))]
    for n in range(5):
        add("d", f"{n}.pdf", ["a pump"])
    pages.append(first_page(stores, add("c", "b.pdf", ["a pump"])))
    ids = np.array(pages)
    [matches] = stores.catalog.page_index.matches(
        [("pump",)], CollectionPages(ids, ids + 1, 5.0), 2
    )
    assert matches is not None and matches.page_ids.tolist() == pages


def test_places_are_found_where_they_begin(stores: Stores, add: AddDocument) -> None:
    caption = first_page(stores, add("c", "a.pdf", ["Figure 3: Pumps\nand more"]))
    add("c", "b.pdf", ["as Figure 3 shows"])
    index = stores.catalog.page_index
    assert index.with_places(["figure:3"], EVERY_PAGE).tolist() == [caption]
    assert index.with_places(["figure:4", "figure:3"], EVERY_PAGE).tolist() == [caption]
    assert len(index.with_places(["page:1"], EVERY_PAGE)) == 2
    assert index.with_places(["table:3"], EVERY_PAGE).tolist() == []


def test_the_names_of_a_document_count_for_its_pages(stores: Stores, add: AddDocument) -> None:
    page = first_page(stores, add("c", "Norvik-ferry.pdf", ["life rafts"]))
    assert pages_with(stores, "norvik") == {page: pytest.approx(0.5, abs=0.45)}


@pytest.mark.parametrize(
    "word",
    ["o'neil", 'a"b', "a\\b", "c:d", "x*", "NEAR", "AND", "-minus", "{words}", "(", "&", "期間は"],
)
def test_no_word_of_a_question_breaks_the_query(
    stores: Stores, add: AddDocument, word: str
) -> None:
    add("c", "a.pdf", [f"the {word} pump"])
    phrases = [(term,) for term in question_terms(f"{word} pump")]
    for matches in stores.catalog.page_index.matches(phrases, all_pages(), 100):
        assert matches is not None and len(matches.page_ids) == 1


def test_long_terms_and_full_pages_are_taken_all_the_same(database: Database) -> None:
    """Beyond the limits of PostgreSQL: 2 KB a term, 16,383 positions."""
    terms = PageTerms(("x" * 5_000, *["pump"] * 20_000), (), (), (), ())
    database_text = vector_text(terms)
    if database.engine.dialect.name == "postgresql":
        with database.reading() as transaction:
            vector = transaction.execute(text("SELECT CAST(:t AS tsvector)"), {"t": database_text})
            assert "pump" in vector.scalar_one()


def test_what_is_deleted_is_found_no_more(stores: Stores, add: AddDocument) -> None:
    document = add("c", "a.pdf", ["a pump", "a pump"])
    add("d", "b.pdf", ["a crane"])
    stores.catalog.documents.delete(document)
    assert pages_with(stores, "pump") == {}
    stores.catalog.delete_collection("d")
    assert pages_with(stores, "crane") == {}


def test_what_a_pagesight_of_before_deletes_goes_too(
    database: Database, stores: Stores, add: AddDocument
) -> None:
    document = add("c", "a.pdf", ["a pump"])
    with database.writing() as transaction:
        page_id = first_page(stores, document)
        for table, column in (("page_words", "page_id"), ("pages", "id")):
            statement = text(f"DELETE FROM {table} WHERE {column} = :id")
            transaction.execute(statement, {"id": page_id})
    assert pages_with(stores, "pump") == {}


def test_pages_that_lack_their_words_are_filled_in(
    database: Database, stores: Stores, add: AddDocument
) -> None:
    page = first_page(stores, add("c", "norvik.pdf", ["a pump"]))
    add("d", "b.pdf", ["a pump"])
    with database.writing() as transaction:
        transaction.execute(text("DELETE FROM page_index"))
    index = stores.catalog.page_index
    collection = stores.catalog.collections.get("c")
    assert index.n_missing(collection.id) == 1
    assert index.fill(collection.id) == 1
    assert index.n_missing(collection.id) == 0
    assert set(pages_with(stores, "pump") or {}) == {page}
    assert set(pages_with(stores, "norvik") or {}) == {page}
    assert index.fill() == 1
    assert len(pages_with(stores, "pump") or {}) == 2
    assert index.fill() == 0


def test_an_index_that_is_whole_is_left_as_it_is(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["a pump and a pump", "a crane"])
    before = pages_with(stores, "pump")
    assert stores.catalog.page_index.mend() == 0
    assert pages_with(stores, "pump") == before


def test_a_copied_catalog_is_filled_in(
    database: Database, stores: Stores, add: AddDocument, tmp_path: Path
) -> None:
    page = first_page(stores, add("c", "a.pdf", ["a pump"]))
    target = Database(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    copy_tables(database, target)
    copied = open_stores(tmp_path / "data", target)
    assert copied.catalog.page_index.fill() == 1
    assert set(pages_with(copied, "pump") or {}) == {page}
    target.engine.dispose()


def test_deleted_words_are_overwritten(tmp_path: Path) -> None:
    """SQLite keeps what was deleted from a full-text index until its parts are merged."""
    path = tmp_path / "catalog.sqlite3"
    database = Database(f"sqlite:///{path}")
    stores = open_stores(tmp_path / "data", database)
    add = add_document(stores)
    document = add("c", "a.pdf", ["the zzyzxpump"])
    add("c", "b.pdf", ["a valve"])

    def is_on_the_disk() -> bool:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"zzyzxpump" in path.read_bytes()

    stores.catalog.page_index.forget_deleted()
    assert is_on_the_disk()
    stores.catalog.documents.delete(document)
    stores.catalog.page_index.forget_deleted()
    assert not is_on_the_disk()
    database.engine.dispose()


def test_a_damaged_index_of_sqlite_is_made_anew(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    stores = open_stores(tmp_path / "data", database)
    add = add_document(stores)
    for n in range(5):
        add("c", f"{n}.pdf", ["a pump and a pump", "a crane"])
    before = pages_with(stores, "pump")
    with database.writing() as transaction:
        transaction.execute(text("UPDATE page_index_data SET block = x'ffffff' WHERE id > 10"))
    [hit, *_] = fake_searcher(stores).search("pump", ["c"]).hits  # by its vectors
    assert hit.score == hit.similarity
    assert stores.catalog.page_index.mend() == len(before or {})
    assert pages_with(stores, "pump") == before
    [hit, *_] = fake_searcher(stores).search("pump", ["c"]).hits
    assert hit.score > hit.similarity
    database.engine.dispose()


def test_matches_are_arrays_of_equal_length(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["a pump"])
    [found, nothing] = stores.catalog.page_index.matches([("pump",), ("x",)], all_pages(), 10)
    assert found is not None and nothing is not None
    assert found.page_ids.dtype == np.int64 and found.saturation.dtype == np.float32
    assert (len(found.page_ids), len(nothing.page_ids)) == (1, 0)


def test_both_databases_say_the_same_of_a_page(postgres_server: str, tmp_path: Path) -> None:
    words = ["pump", "valve", "pump", "oil", "the", "pump", "valve", "machine", "number", "seven"]
    texts = [" ".join(words[: n % 9 + 1]) + "\n" + f"filler{n} " * (n % 7) for n in range(20)]
    texts += ["Figure 3: Pumps\npump", "working capital of the pump, working capital"]
    phrases = [("pump",), ("valve",), ("pump", "valve"), ("work", "capital"), ("norvik",), ("3",)]
    matches_of_both = []
    for url in (f"sqlite:///{tmp_path / 'catalog.sqlite3'}", new_database(postgres_server)):
        database = Database(url)
        stores = open_stores(tmp_path / url[:6], database)
        for n, words_of_page in enumerate(texts):
            add_document(stores)("c", f"Norvik-{n}.pdf", [words_of_page])
        matches_of_both.append(stores.catalog.page_index.matches(phrases, all_pages(30.0), 100))
        database.engine.dispose()
    assert sum(len(matches.page_ids) > 1 for matches in matches_of_both[0] if matches) >= 4
    for ours, theirs in zip(*matches_of_both, strict=True):
        assert ours is not None and theirs is not None
        order = np.argsort(ours.page_ids), np.argsort(theirs.page_ids)
        assert ours.page_ids[order[0]].tolist() == theirs.page_ids[order[1]].tolist()
        assert ours.saturation[order[0]].tolist() == theirs.saturation[order[1]].tolist()
