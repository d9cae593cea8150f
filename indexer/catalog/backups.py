"""Copies of an SQLite catalog inside its data folder: before each migration, and daily. Some are kept.

backups/catalog-daily-<moment>.sqlite3 · backups/catalog-before-<schema>-<moment>.sqlite3

A copy is made by SQLite itself (`VACUUM INTO`) beside readers and writers, and checked before it counts.
What was deleted since is still in it, until newer copies take its place.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from indexer.base.disk_errors import storage_error
from indexer.base.errors import StorageError
from indexer.catalog.database import HEAD, Database
from indexer.storage.durable import DurableFolder
from indexer.storage.files import FILE_MODE, sync_file, sync_folder

KEPT = 3  # of the daily ones, and of those before a migration

_DAY_S = 24 * 3600.0


class CatalogBackups:
    """The copies of one SQLite catalog. A database server has means of its own: nothing is done for it."""

    def __init__(self, folder: DurableFolder, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._root = folder.root / "backups"

    def before_migration(self) -> None:
        """Copy the catalog if it is to be migrated, and is not where that fails. Raises StorageError."""
        revision = self._database.revision()
        if revision is not None and revision != HEAD:
            self._make(f"catalog-before-{HEAD}-")

    def daily(self) -> bool:
        """Copy the catalog if it has changed and the last copy is a day old; say whether it was.

        Raises StorageError.
        """
        path = self._database.sqlite_path
        if path is None or self._database.revision() != HEAD:
            return False
        last_copy = next(reversed(self._copies("catalog-daily-")), None)
        if last_copy is not None:
            copied_at = last_copy.stat().st_mtime
            if time.time() - copied_at < _DAY_S or _changed_at(path) <= copied_at:
                return False
        return self._make("catalog-daily-")

    def newest(self) -> Path | None:
        """Return the newest copy of all, None where there is none."""
        return max(self._copies("catalog-"), key=lambda path: path.stat().st_mtime, default=None)

    def _copies(self, prefix: str) -> list[Path]:
        return sorted(self._root.glob(f"{prefix}*.sqlite3"))

    def _make(self, prefix: str) -> bool:
        if self._database.sqlite_path is None:
            return False
        target = self._root / f"{prefix}{datetime.now(UTC):%Y%m%d-%H%M%S}.sqlite3"
        staging_path = self._folder.root / "tmp" / uuid4().hex
        with self._folder.writing():
            try:
                self._copy(staging_path)
                self._folder.publish(staging_path, target)
                sync_folder(self._root)
            except sqlite3.Error as error:
                raise StorageError(
                    f"the catalog cannot be copied to {target} ({error}): free as much space as it takes, or "
                    "look at it with `pagesight verify`"
                ) from error
            except OSError as error:
                raise storage_error(target, error) from error
            finally:
                staging_path.unlink(missing_ok=True)
        for path in self._copies(prefix)[:-KEPT]:
            with suppress(OSError):
                path.unlink()
        return True

    def _copy(self, target: Path) -> None:
        """Copy the catalog and prove the copy. Raises sqlite3.Error, OSError."""
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
        with closing(self._database.engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM INTO ?", (str(target),))
        with closing(sqlite3.connect(f"{target.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            faults = [line for (line,) in copy.execute("PRAGMA quick_check") if line != "ok"]
        if faults:
            raise sqlite3.DatabaseError(faults[0])
        sync_file(target)


def _changed_at(path: Path) -> float:
    """Return when an SQLite database was written last, in seconds since 1970."""
    paths = (path, path.with_name(f"{path.name}-wal"))
    return max(file.stat().st_mtime for file in paths if file.exists())
