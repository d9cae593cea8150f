"""What a database driver raises, as our own errors: each says what is wrong and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from indexer.base.errors import CatalogDamaged, CatalogUnavailable, DiskFull, StorageError

_PRIMARY = 0xFF  # of SQLite's extended result codes (sqlite.org/rescode.html)
_FULL = "the catalog cannot be written: no space is left on its disk: free some and try again"
_DAMAGED = (
    "the catalog is damaged ({reason}): stop pagesight and put a backup of the catalog in its place, "
    "without the -wal and -shm files of the old one; the files in the data folder are not touched"
)
_UNAVAILABLE = "the catalog does not answer ({reason}): {remedy}, then try again"
_ADDRESS = "check PAGESIGHT_DATABASE_URL and the database server"
_SQLITE_REMEDIES = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked: wait for that one",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked: wait for that one",
    sqlite3.SQLITE_READONLY: "let this user write catalog.sqlite3 and the data folder",
    sqlite3.SQLITE_PERM: "let this user read and write catalog.sqlite3",
    sqlite3.SQLITE_CANTOPEN: "check PAGESIGHT_DATABASE_URL, and that this user may write to its folder",
    sqlite3.SQLITE_IOERR: "its disk fails to read or write: check the disk",
}
_DISK_FULL_STATES = ("53100",)  # SQLSTATE of PostgreSQL: disk_full
_DAMAGED_STATES = ("XX001", "XX002")  # data_corrupted, index_corrupted


@contextmanager
def driver_errors_translated() -> Iterator[None]:
    """Turn a driver's error into ours, except a broken constraint, which is an answer.

    Raises CatalogUnavailable, CatalogDamaged, DiskFull.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise _our_error(error.orig or error) from error
    except sqlite3.Error as error:  # while a connection is set up
        raise _our_error(error) from error
    except PoolTimeout as error:
        raise CatalogUnavailable(
            "the catalog is busy: too many requests wait for a connection, try again later"
        ) from error


def _our_error(error: BaseException) -> StorageError:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error, reason)
    state = str(getattr(error, "sqlstate", None) or "")
    if state in _DISK_FULL_STATES:
        return DiskFull(_FULL)
    if state in _DAMAGED_STATES:
        return CatalogDamaged(_DAMAGED.format(reason=reason))
    return CatalogUnavailable(_UNAVAILABLE.format(reason=reason, remedy=_ADDRESS))


def _of_sqlite(error: sqlite3.Error, reason: str) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    name = getattr(error, "sqlite_errorname", "")
    if code == sqlite3.SQLITE_FULL or name in ("SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN"):
        return DiskFull(_FULL)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return CatalogDamaged(_DAMAGED.format(reason=reason))
    remedy = _SQLITE_REMEDIES.get(code, _ADDRESS)
    return CatalogUnavailable(_UNAVAILABLE.format(reason=reason, remedy=remedy))
