"""Copies a catalog into an SQLite file of its own, and says which files it names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.table_copy import copy_tables, copy_url
from indexer.maintenance.backups.copying import require_room
from indexer.maintenance.named_files import named_files
from indexer.storage.files import sync_file
from indexer.stores import Stores


@dataclass(frozen=True, slots=True)
class CatalogCopy:
    """A copied catalog: its rows by table, the SHA-256 of the files it names, what is wrong with others."""

    n_rows: dict[str, int]
    sums: dict[str, str]
    faults: tuple[str, ...] = ()


def copy_catalog(
    stores: Stores, database: Database, path: Path, *, collection_id: str | None = None
) -> CatalogCopy:
    """Copy the catalog, or what a collection has in it, into a new SQLite file.

    Raises OSError, StorageError.
    """
    for stale_path in path.parent.glob(f"{path.name}*"):
        stale_path.unlink()
    if database.sqlite_path is not None:
        require_room([database.sqlite_path], path.parent)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy = Database(copy_url(path))
    try:
        n_rows = copy_tables(database, copy, collection_id=collection_id)
        sums = dict(named_files(stores, Catalog(copy)))
    finally:
        copy.engine.dispose()  # the last connection moves the log into the file
    sync_file(path)
    return CatalogCopy(n_rows, sums)
