from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from indexer.base.errors import StorageError
from indexer.catalog.backups import KEPT, CatalogBackups
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.stores import Stores
from tests.support.factories import FINGERPRINT

DAY_S = 24 * 3600


@pytest.fixture
def backups(stores: Stores, database: Database) -> CatalogBackups:
    return CatalogBackups(stores.folder, database)


def copies(stores: Stores) -> list[Path]:
    return sorted((stores.folder.root / "backups").glob("*"), key=lambda path: path.stat().st_mtime)


def age(path: Path, days: int) -> None:
    then = time.time() - days * DAY_S
    os.utime(path, (then, then))


def test_a_copy_is_a_catalog_that_opens(stores: Stores, backups: CatalogBackups) -> None:
    stores.catalog.collections.create("c", FINGERPRINT)
    assert backups.daily()
    (path,) = copies(stores)
    assert backups.newest() == path and path.stat().st_mode & 0o077 == 0
    copy = Database(f"sqlite:///{path}")
    assert copy.faults() == []
    assert [collection.name for collection in Catalog(copy).collections.all()] == ["c"]
    copy.engine.dispose()


def test_it_is_copied_daily_if_it_has_changed_and_three_are_kept(
    stores: Stores, backups: CatalogBackups
) -> None:
    assert backups.daily() and not backups.daily()
    for n in range(5):
        for path in copies(stores):
            age(path, days=8 - n)
        stores.catalog.collections.create(f"c{n}", FINGERPRINT)
        assert backups.daily()
        copies(stores)[-1].rename(copies(stores)[-1].with_name(f"catalog-daily-2030010{n}.sqlite3"))
    assert len(copies(stores)) == KEPT
    for path in copies(stores):
        age(path, days=2)
    database_path = stores.folder.root / "catalog.sqlite3"
    for path in database_path.parent.glob("catalog.sqlite3*"):
        age(path, days=9)
    assert not backups.daily()  # nothing has changed since


def test_before_a_migration_the_catalog_is_copied(
    stores: Stores, backups: CatalogBackups, database: Database
) -> None:
    backups.before_migration()
    assert copies(stores) == []
    with database.writing() as transaction:
        transaction.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    backups.before_migration()
    (path,) = copies(stores)
    with sqlite3.connect(path) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0004",)


def test_a_copy_that_cannot_be_made_leaves_nothing_and_is_told(
    stores: Stores, backups: CatalogBackups
) -> None:
    (stores.folder.root / "backups").write_text("in the way")
    with pytest.raises(StorageError, match="cannot write"):
        backups.daily()
    assert list((stores.folder.root / "tmp").iterdir()) == []


def test_a_copy_that_is_damaged_does_not_count(
    stores: Stores, backups: CatalogBackups, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = sqlite3.connect

    def harmed(path: str, **options: bool) -> sqlite3.Connection:
        file = Path(path.removeprefix("file://").removesuffix("?mode=ro"))
        file.write_bytes(file.read_bytes()[: 3 * 4096] + bytes(4096))
        return really(path, **options)

    monkeypatch.setattr(sqlite3, "connect", harmed)
    with pytest.raises(StorageError, match="cannot be copied"):
        backups.daily()
    assert copies(stores) == []
