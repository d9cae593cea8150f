"""Each failure of a database has its own true text."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from indexer.base.errors import CatalogDamaged, CatalogUnavailable, DiskFull, PagesightError
from indexer.catalog.database import Database
from indexer.catalog.driver_errors import driver_errors_translated


def sqlite_error(code: int, name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


@pytest.mark.parametrize(
    ("code", "name", "kind", "words"),
    [
        (sqlite3.SQLITE_FULL, "SQLITE_FULL", DiskFull, "no space is left"),
        (sqlite3.SQLITE_IOERR | 19 << 8, "SQLITE_IOERR_SHMSIZE", DiskFull, "no space is left"),
        (sqlite3.SQLITE_IOERR | 1 << 8, "SQLITE_IOERR_READ", CatalogUnavailable, "its disk fails"),
        (sqlite3.SQLITE_CORRUPT, "SQLITE_CORRUPT", CatalogDamaged, "backup"),
        (sqlite3.SQLITE_NOTADB, "SQLITE_NOTADB", CatalogDamaged, "backup"),
        (sqlite3.SQLITE_BUSY, "SQLITE_BUSY", CatalogUnavailable, "another process keeps it locked"),
        (sqlite3.SQLITE_READONLY, "SQLITE_READONLY", CatalogUnavailable, "let this user write"),
    ],
)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_what_sqlite_says_is_told_for_what_it_is(
    code: int, name: str, kind: type[PagesightError], words: str, is_wrapped: bool
) -> None:
    error: Exception = sqlite_error(code, name)
    if is_wrapped:
        error = OperationalError("SELECT", {}, error)
    with pytest.raises(kind, match=words), driver_errors_translated():
        raise error


@pytest.mark.parametrize(
    ("state", "kind"),
    [("53100", DiskFull), ("XX001", CatalogDamaged), ("57P01", CatalogUnavailable)],
)
def test_what_postgres_says_is_told_for_what_it_is(state: str, kind: type[PagesightError]) -> None:
    error = type("DriverError", (Exception,), {"sqlstate": state})("what PostgreSQL says")
    with pytest.raises(kind), driver_errors_translated():
        raise OperationalError("SELECT", {}, error)


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_damaged_catalog_file_is_called_damaged(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "catalog.sqlite3"
    if content is None:
        Database(f"sqlite:///{path}").engine.dispose()
        data = bytearray(path.read_bytes())
        for start in range(4096, len(data), 4096):
            data[start : start + 4096] = b"\xaa" * 4096
        path.write_bytes(data)
    else:
        path.write_bytes(content)
    with pytest.raises(CatalogDamaged, match="put a backup"):
        Database(f"sqlite:///{path}")
