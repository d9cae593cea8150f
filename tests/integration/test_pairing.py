"""A folder and a catalog that do not belong together are refused, and nothing is touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from api.services.places import open_stores
from api.services.wiring import Services, wire
from indexer.base.errors import CatalogMismatch, CollectionNotFound
from indexer.catalog import database as database_module
from indexer.inputs.sources import Source
from indexer.maintenance.pairing import Pairing
from tests.builders import FAKE_MODELS, fake_services, settings_of, write_pdf
from tests.support.postgres import new_database

FAKE = FAKE_MODELS | {"page_dpi": 48}


def ingest(services: Services, folder: Path, *names: str) -> None:
    try:
        collection = services.stores.catalog.collections.get("c")
    except CollectionNotFound:
        collection = services.create_collection("c")
    for name in names:
        source = Source(write_pdf(folder / f"{name}.pdf", name), f"{name}.pdf")
        assert services.pipeline.ingest(collection, source).verdict.searchable


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two documents, whose service has ended."""
    folder = tmp_path_factory.mktemp("filled")
    services = fake_services(folder / "data", page_dpi=48)
    ingest(services, folder, "alpha", "beta")
    services.database.engine.dispose()
    return folder / "data"


@pytest.fixture
def data_dir(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "data"))


def opened(data_dir: Path, **settings: Any) -> Services:
    services = fake_services(data_dir, page_dpi=48, **settings)
    services.repairer.sweep()
    services.reclaimer.run_once()
    return services


def files_of(data_dir: Path) -> dict[str, bytes]:
    """All that a person would miss."""
    return {
        str(path.relative_to(data_dir)): path.read_bytes()
        for family in ("originals", "images", "collections")
        for path in (data_dir / family).rglob("*")
        if path.is_file()
    }


def remove_catalog(data_dir: Path) -> None:
    for path in data_dir.glob("catalog.sqlite3*"):
        path.unlink()


def empty_catalog(data_dir: Path) -> None:
    remove_catalog(data_dir)
    (data_dir / "catalog.sqlite3").write_bytes(b"")


def foreign_catalog(data_dir: Path) -> None:
    other = data_dir.parent / "other"
    services = fake_services(other, page_dpi=48)
    ingest(services, other.parent, "gamma")
    services.database.engine.dispose()
    remove_catalog(data_dir)
    shutil.copy(other / "catalog.sqlite3", data_dir)


def older_catalog(data_dir: Path) -> None:
    """Put a copy back that was made before the last change."""
    kept = shutil.copy(data_dir / "catalog.sqlite3", data_dir.parent / "kept")
    services = fake_services(data_dir, page_dpi=48)
    ingest(services, data_dir.parent, "delta")
    services.database.engine.dispose()
    remove_catalog(data_dir)
    shutil.copy(kept, data_dir / "catalog.sqlite3")


def catalog_of_an_older_version(data_dir: Path) -> None:
    remove_catalog(data_dir)
    engine = create_engine(f"sqlite:///{data_dir / 'catalog.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0004')"))
    engine.dispose()


def lost_folder(data_dir: Path) -> None:
    """What is seen where the disk of the data folder is not mounted, and the catalog is elsewhere."""
    for path in list(data_dir.iterdir()):
        if not path.name.startswith("catalog"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def lost_mark(data_dir: Path) -> None:
    (data_dir / "PAIR").unlink()


def rotten_mark(data_dir: Path) -> None:
    (data_dir / "PAIR").write_text("x")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (remove_catalog, "missing, empty"),
        (empty_catalog, "missing, empty"),
        (foreign_catalog, "belongs to catalog"),
        (older_catalog, "a backup was restored"),
        (catalog_of_an_older_version, "older than the files"),
        (lost_folder, "not mounted"),
        (lost_mark, "is not the folder"),
    ],
)  # fmt: skip
def test_a_catalog_that_is_not_the_folders_own_is_refused_with_the_way_out_and_nothing_is_touched(
    data_dir: Path, harm: Callable[[Path], None], reason: str
) -> None:
    harm(data_dir)
    before, catalog = files_of(data_dir), list(data_dir.glob("*.sqlite3"))
    for _ in range(2):  # refused again, not only once
        with pytest.raises(CatalogMismatch, match=reason) as refusal:
            opened(data_dir)
        assert "PAGESIGHT_DATABASE_URL" in str(refusal.value) and "--adopt" in str(refusal.value)
        assert "\n" not in str(refusal.value)
    assert files_of(data_dir) == before
    assert list(data_dir.glob("*.sqlite3")) == catalog  # none was made


def test_a_mistyped_address_makes_no_catalog_and_the_right_one_finds_all(data_dir: Path) -> None:
    wrong = data_dir.parent / "wrong.sqlite3"
    before = files_of(data_dir)
    with pytest.raises(CatalogMismatch, match="missing, empty"):
        opened(data_dir, database_url=f"sqlite:///{wrong}")
    assert not wrong.exists() and files_of(data_dir) == before
    services = opened(data_dir)
    assert services.repairer.verify(deep=True).clean
    assert services.searcher.search("beta", ["c"], 1).hits[0].document.name == "beta.pdf"


def test_a_damaged_mark_names_the_way_out(data_dir: Path) -> None:
    rotten_mark(data_dir)
    with pytest.raises(Exception, match=r"damaged.*--adopt"):
        opened(data_dir)
    Pairing(*reversed(open_stores(settings_of(data_dir, **FAKE)))).adopt()
    assert opened(data_dir).repairer.verify(deep=True).clean


def test_two_new_ones_are_paired_without_a_word(tmp_path: Path) -> None:
    services = opened(tmp_path / "data")
    assert services.repairer.verify().clean
    services.database.engine.dispose()
    assert opened(tmp_path / "data").repairer.verify().clean


def test_a_process_that_died_while_pairing_is_followed_by_the_next(tmp_path: Path) -> None:
    services = opened(tmp_path / "data")
    services.database.engine.dispose()
    mark = (tmp_path / "data" / "PAIR").read_text().split()[0]
    remove_catalog(tmp_path / "data")
    (tmp_path / "data" / "PAIR").write_text(f"{mark} 0\n")
    assert opened(tmp_path / "data").repairer.verify().clean


def test_a_copy_of_the_catalog_is_adopted_and_what_it_does_not_name_is_kept(data_dir: Path) -> None:
    older_catalog(data_dir)
    before = files_of(data_dir)
    database, stores = open_stores(settings_of(data_dir, **FAKE))
    Pairing(stores, database).adopt()
    services = opened(data_dir)
    report = services.repairer.verify(deep=True)
    assert report.clean and report.n_documents == 2 and len(report.garbage) == 2
    services.repairer.repair(report)
    for batch in services.stores.quarantine.batches():
        services.stores.quarantine.restore(batch)
    assert files_of(data_dir) == before  # nothing is lost, and can be ingested again
    ingest(services, data_dir.parent, "delta")
    assert services.repairer.verify(deep=True).garbage == [
        f"segment {name}"
        for collection_id, name in services.stores.vectors.entries()
        if name not in {record.name for record in services.stores.catalog.segments.all()}
    ]


def test_an_empty_catalog_that_was_adopted_moves_nothing(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", page_dpi=48)
    ingest(services, tmp_path, *(f"word{n}" for n in range(8)))
    services.database.engine.dispose()
    before = files_of(tmp_path / "data")
    remove_catalog(tmp_path / "data")
    database, stores = open_stores(settings_of(tmp_path / "data", **FAKE))
    Pairing(stores, database).adopt()
    report = (services := opened(tmp_path / "data")).repairer.verify()
    services.repairer.repair(report)
    assert report.garbage_is_most and files_of(tmp_path / "data") == before


def test_a_running_service_stops_removing_when_its_catalog_becomes_another(data_dir: Path) -> None:
    """A server that failed over to a replica that lagged behind, seen by a process that goes on."""
    services = opened(data_dir)
    before = files_of(data_dir)
    with services.database.writing() as transaction:
        transaction.execute(text("UPDATE pair_mark SET epoch = epoch - 1"))
        transaction.execute(text("UPDATE documents SET n_pages = 0"))  # it names less than there is
    for work in (
        services.repairer.sweep,
        services.reclaimer.run_once,
        services.reclaimer.remove_deleted,
        lambda: services.repairer.repair(services.repairer.verify()),
    ):
        with pytest.raises(CatalogMismatch, match="lagged behind"):
            work()
    assert files_of(data_dir) == before


def test_the_folder_remembers_that_its_catalog_was_written(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = opened(data_dir)
    epoch = int((data_dir / "PAIR").read_text().split()[1])
    services.create_collection("d")
    assert int((data_dir / "PAIR").read_text().split()[1]) == epoch + 1
    services.create_collection("e")  # within the same minute
    assert int((data_dir / "PAIR").read_text().split()[1]) == epoch + 1
    monkeypatch.setattr(database_module, "EPOCH_S", 0.0)
    services = opened(data_dir)  # a new process
    services.create_collection("f")
    services.create_collection("g")
    assert int((data_dir / "PAIR").read_text().split()[1]) == epoch + 3


def test_what_was_committed_stays_committed_when_the_folder_cannot_remember(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = opened(data_dir)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "open", full)
    services.create_collection("d")
    monkeypatch.undo()
    assert services.stores.catalog.collections.get("d")


def test_postgresql_that_fails_over_to_a_replica_that_lags_is_refused(
    tmp_path: Path, postgres_server: str
) -> None:
    import psycopg

    address = new_database(postgres_server)
    services = opened(tmp_path / "data", database_url=address)
    ingest(services, tmp_path, "alpha")
    services.database.engine.dispose()
    name, server = address.rsplit("/", 1)[1], postgres_server.replace("+psycopg", "")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}_replica" TEMPLATE "{name}"')
    services = opened(tmp_path / "data", database_url=address)
    ingest(services, tmp_path, "beta")
    services.database.engine.dispose()
    before = files_of(tmp_path / "data")
    with pytest.raises(CatalogMismatch, match="lagged behind"):
        opened(tmp_path / "data", database_url=f"{address}_replica")
    with pytest.raises(CatalogMismatch, match="missing, empty"):
        opened(tmp_path / "data", database_url=new_database(postgres_server))
    with pytest.raises(CatalogMismatch, match="is not the folder"):
        wire(settings_of(tmp_path / "unmounted", database_url=address, **FAKE))
    assert files_of(tmp_path / "data") == before
    assert opened(tmp_path / "data", database_url=address).repairer.verify(deep=True).clean
