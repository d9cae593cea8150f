"""The whole way of a document over a real PostgreSQL: upload, workers, search, deletion."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.errors import CollectionNotFound
from indexer.catalog.database import Database
from indexer.catalog.tables import metadata
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter
from tests.builders import fake_services
from tests.conftest import DrawPdf
from tests.support.old_catalogs import is_in_metadata
from tests.support.postgres import new_database


@pytest.fixture
def address(postgres_server: str) -> str:
    return new_database(postgres_server)


@pytest.fixture
def services(tmp_path: Path, address: str) -> Services:
    return fake_services(tmp_path / "data", page_dpi=48, database_url=address)


def test_migrations_make_exactly_the_tables(address: str) -> None:
    database = Database(address)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_in_metadata})
        assert compare_metadata(context, metadata) == []
    database.engine.dispose()


def test_many_can_open_an_empty_database_at_once(address: str) -> None:
    databases: list[Database] = []
    threads = [
        threading.Thread(target=lambda: databases.append(Database(address))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    for database in databases:
        database.engine.dispose()
    assert len(databases) == 6


def test_four_workers_index_each_document_once_and_all_are_found(
    services: Services, draw_pdf: DrawPdf
) -> None:
    collection = services.create_collection("c")
    sources = [
        Source(draw_pdf(f"{n}.pdf", ["shared words", f"number{n}"]), f"{n}.pdf") for n in range(12)
    ]
    services.intake.copy_in(collection, sources)
    threads = [
        threading.Thread(target=Worker(services).run, kwargs={"drain": True}) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    jobs = services.queue.jobs()
    assert {job.state for job in jobs} == {"done"} and {job.attempts for job in jobs} == {1}
    report = services.repairer.verify(deep=True)
    assert report.clean and (report.n_documents, report.n_pages) == (12, 24)
    hit = services.searcher.search("number7", ["c"], 1).hits[0]
    assert (hit.document.name, hit.page.page_number) == ("7.pdf", 2)
    services.stores.delete_collection("c")
    assert services.queue.jobs() == []
    assert list(services.stores.vectors.entries()) == []


def test_a_key_sees_what_it_reaches(services: Services, draw_pdf: DrawPdf) -> None:
    own, foreign = services.create_collection("ours"), services.create_collection("theirs")
    for collection in (own, foreign):
        services.intake.copy_in(collection, [Source(draw_pdf("a.pdf", ["shared words"]), "a.pdf")])
    Worker(services).run(drain=True)
    key, text = services.keys.create("k", Scope.READ, [own.id])
    assert services.keys.authenticate(text) == key
    caller = Caller(services, key)
    assert [collection.name for collection in caller.collections()] == ["ours"] == caller.askable()
    (job,) = services.queue.jobs(within=caller.collection_ids)
    assert job.collection == "ours"
    own_pages = caller.held_to(["ours"], SearchFilter())
    (hit,) = services.searcher.search("shared words", ["ours"], 5, own_pages).hits
    assert hit.document.collection_id == own.id
    with pytest.raises(CollectionNotFound):
        services.searcher.search("shared words", ["ours", "theirs"], 5, own_pages)
    conversation = caller.begin_conversation(["ours"], "mine")
    services.conversations.create(["theirs"], "nobody's")
    (listed_conversation,) = caller.conversations(10, 0, None)
    assert listed_conversation.id == conversation.id
