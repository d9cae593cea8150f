"""Catalogs of every schema that there has been are migrated, and hold what they held."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from api.services.conversations import Conversations
from api.services.keys import Keys
from api.services.places import open_stores
from indexer.base.document_properties import properties_of
from indexer.base.errors import CatalogMismatch, DataFolderTooNew
from indexer.catalog import database as database_module
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import HEAD, Database
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.schema import upgrade
from indexer.encoders.fake import FakeEncoder
from indexer.maintenance.migration import pending_steps
from indexer.maintenance.pairing import Pairing
from indexer.storage.durable import DurableFolder
from indexer.storage.pair_mark import PairMark, write_mark
from tests.builders import fake_services, settings_of
from tests.conftest import ROOT
from tests.support.kill_points import kill_everywhere
from tests.support.old_catalogs import MOMENT, SCHEMAS, old_database, write_rows
from tests.support.postgres import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    return new_database(request.getfixturevalue("postgres_server"))


def assert_holds_all(database: Database, schema: str, mark: str = "1") -> None:
    """Read through the catalog of now what a pagesight of that schema has written."""
    catalog = Catalog(database)
    collection = catalog.collections.get(f"letters{mark}")
    assert (collection.fingerprint, collection.generation) == (FakeEncoder().fingerprint, 3)
    broken, lease = catalog.documents.of_collection(collection.id)
    assert (broken.name, broken.error.code) == ("broken.pdf", "corrupt")  # type: ignore[union-attr]
    assert (lease.name, lease.warnings) == ("lease.pdf", ("a font is missing",))
    [page] = catalog.pages.of_document(lease.id)
    assert (page.label, page.image_width_px) == ("iv", 10)
    assert catalog.pages.words([page.id])[page.id].texts == ("six", "months")
    assert [record.name for record in catalog.snapshot(collection.name).segments] == [f"s{mark}"]
    if schema >= "0002":
        assert [job.name for job in JobQueue(database).jobs(collection.id)] == ["late.pdf"]
    if schema >= "0003":
        question, answer = Conversations(database).messages(f"t{mark}")
        assert (question.text, answer.text) == ("When does it end?", "In six months.")
        assert answer.feedback is not None and answer.feedback.comment == "yes"
    if schema >= "0004":
        [key] = [key for key in Keys(database).all() if key.id == f"k{mark}"]
        assert (key.collection_ids, key.created_at) == (frozenset({f"c{mark}"}), MOMENT)
    if schema >= "0009":
        assert (lease.aliases, broken.attachment_of) == (("contract.pdf",), "lease.pdf")
    if schema >= "0010":
        assert lease.properties == properties_of(["legal", "house"], {"year": "2026"})
    if schema >= "0005":
        assert int(mark) in [removal.number for removal in catalog.removals.after(int(mark) - 1, 1)]


MARKS = {schema: str(number) for number, schema in enumerate(SCHEMAS, 1)}


def test_a_catalog_of_every_schema_is_migrated_with_all_it_holds(address: str) -> None:
    """One catalog goes through all of them, and the pagesight of each writes its rows into it."""
    database = Database(address, migrate=False)
    for schema, mark in MARKS.items():
        with database.writing() as transaction:
            upgrade(transaction, schema)
            write_rows(transaction, schema, mark)
    assert database.revision() == HEAD
    for schema, mark in MARKS.items():
        assert_holds_all(database, schema, mark)
    assert Catalog(database).pages.reserve_ids(1) >= 1
    database.engine.dispose()


def test_a_pagesight_of_before_goes_on_beside_a_catalog_that_was_migrated(address: str) -> None:
    """What each writes fits the tables of now, and the pagesight of now reads it."""
    database = Database(address)
    for schema, mark in MARKS.items():
        with database.writing() as transaction:
            write_rows(transaction, schema, mark)
        assert_holds_all(database, schema, mark)
    database.engine.dispose()


def tables_at(address: str, schema: str) -> dict[tuple[str, str], bool]:
    """Return (table, column) -> whether it may be left out, of that schema."""
    database = Database(address, migrate=False)
    tables = MetaData()
    with database.writing() as transaction:
        upgrade(transaction, schema)
        tables.reflect(transaction)
    database.engine.dispose()
    return {
        (table.name, column.name): bool(column.nullable or column.server_default is not None)
        for table in tables.tables.values()
        for column in table.columns
    }


def test_migrations_only_add_and_what_they_add_may_be_left_out(tmp_path: Path) -> None:
    """So that versions may run side by side, and opening may migrate by itself. Change it with care."""
    address = f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    columns_before: dict[tuple[str, str], bool] = {}
    for schema in SCHEMAS:
        columns = tables_at(address, schema)
        assert columns_before.items() <= columns.items()
        old_tables = {table for table, _ in columns_before}
        for column in columns.keys() - columns_before.keys():
            assert column[0] not in old_tables or columns[column], column
        columns_before = columns


@pytest.mark.parametrize(
    "schema", [SCHEMAS[0], SCHEMAS[-2]]
)  # all the steps, and the last by itself
def test_a_migration_that_is_killed_anywhere_is_ended_by_the_next_opening(
    tmp_path: Path, schema: str
) -> None:
    old_path, path = tmp_path / "old.sqlite3", tmp_path / "catalog.sqlite3"
    old_database(f"sqlite:///{old_path}", schema).engine.dispose()
    shutil.copyfile(old_path, path)
    address = f"sqlite:///{path}"
    n_kills = 0
    for _ in kill_everywhere(lambda: Database(address), step=7):
        n_kills += 1
        database = Database(address, migrate=False)
        assert database.revision() in (schema, HEAD)
        database.migrate()
        assert_holds_all(database, schema)
        database.engine.dispose()
        for stale_path in tmp_path.glob("catalog.sqlite3*"):
            stale_path.unlink()
        shutil.copyfile(old_path, path)
    assert n_kills >= 2


def test_a_dry_run_names_the_steps_and_changes_nothing(tmp_path: Path) -> None:
    database = old_database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}", "0002")
    DurableFolder(tmp_path)
    *steps, pairing = pending_steps(tmp_path, database)
    assert [step.after for step in steps] == SCHEMAS[2:]
    assert [step.before for step in steps] == SCHEMAS[1:-1]
    assert (pairing.part, pairing.after) == ("data folder", "paired")
    assert steps[0].summary == "Conversations, their messages, and what people say of the answers."
    assert database.revision() == "0002"
    database.migrate()
    write_mark(DurableFolder(tmp_path), PairMark("0" * 32, 1))
    assert pending_steps(tmp_path, database) == []


def test_a_pagesight_of_before_refuses_what_was_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    Database(address).engine.dispose()
    monkeypatch.setattr(database_module, "HEAD", SCHEMAS[-2])
    with pytest.raises(DataFolderTooNew, match="install the pagesight that wrote it"):
        Database(address)


@pytest.fixture
def old_dir(tmp_path: Path) -> Path:
    """The data folder that 0.1.0 wrote, of schema 0004 and without an id."""
    with tarfile.open(ROOT / "tests/fixtures/data-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


def test_a_folder_of_before_whose_first_opening_is_killed_anywhere_opens_the_next_time(
    tmp_path: Path, old_dir: Path
) -> None:
    data_dir = tmp_path / "copy"
    shutil.copytree(old_dir, data_dir)
    n_kills = 0
    for _ in kill_everywhere(lambda: fake_services(data_dir), step=19):
        n_kills += 1
        services = fake_services(data_dir)
        assert services.database.revision() == HEAD
        report = services.repairer.verify()
        assert report.clean and report.n_documents == 3
        services.database.engine.dispose()
        shutil.rmtree(data_dir)
        shutil.copytree(old_dir, data_dir)
    assert n_kills >= 5


def test_the_copy_made_before_a_migration_is_the_way_back(
    old_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the way forward again is `verify --adopt`, because the catalog is then older than the folder."""
    fake_services(old_dir).database.engine.dispose()
    [copy_path] = old_dir.glob(f"backups/catalog-before-{HEAD}-*.sqlite3")
    for path in old_dir.glob("catalog.sqlite3*"):
        path.unlink()
    shutil.copyfile(copy_path, old_dir / "catalog.sqlite3")
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "HEAD", "0004")
        database = Database(f"sqlite:///{old_dir / 'catalog.sqlite3'}")  # the older one opens it
        with database.reading() as transaction:
            names = transaction.exec_driver_sql("SELECT name FROM collections ORDER BY name")
            assert list(names.scalars()) == ["archive", "plain"]
        database.engine.dispose()
    with pytest.raises(CatalogMismatch, match="verify --adopt"):
        fake_services(old_dir)
    database, stores = open_stores(settings_of(old_dir))
    Pairing(stores, database).adopt()
    assert fake_services(old_dir).repairer.verify(deep=True).clean
