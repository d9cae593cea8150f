"""Writers who wait behind somebody else's lock: they are told in bounded time, and readers go on."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from indexer.base.errors import CatalogUnavailable
from indexer.catalog import database as database_module
from indexer.catalog.database import Database
from indexer.catalog.writer_queue import WriterQueue


def test_a_line_that_moves_is_waited_in_and_one_that_stands_is_not() -> None:
    queue = WriterQueue(n_writers=1, stuck_s=0.2)
    order: list[str] = []
    held, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with queue.place():
            held.set()
            leave.wait(600)
        order.append("first")

    def follow() -> None:
        with queue.place():
            order.append("second")

    first = threading.Thread(target=hold)
    first.start()
    assert held.wait(600)
    with pytest.raises(CatalogUnavailable, match="try again"), queue.place(0):
        pass
    with pytest.raises(CatalogUnavailable, match="try again"), queue.place():
        pass
    queue = WriterQueue(n_writers=1, stuck_s=30)
    leave.set()
    first.join(600)
    held.clear(), leave.clear()
    first, second = threading.Thread(target=hold), threading.Thread(target=follow)
    first.start()
    assert held.wait(600)
    second.start()
    leave.set()
    first.join(600), second.join(600)
    assert sorted(order) == ["first", "first", "second"]


def test_readers_never_wait_behind_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty-five writers wait for a lock that another process holds; every reader has a connection."""
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 2)
    path = tmp_path / "catalog.sqlite3"
    database = Database(f"sqlite:///{path}")
    database._writers = WriterQueue(stuck_s=0.5)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refusals: list[str] = []

    def write() -> None:
        try:
            with database.writing():
                pass
        except CatalogUnavailable as error:
            refusals.append(str(error))

    writers = [threading.Thread(target=write) for _ in range(45)]
    for writer in writers:
        writer.start()
    n_read = 0
    while any(writer.is_alive() for writer in writers):
        with database.reading() as transaction:
            n_read += transaction.execute(text("SELECT 1")).scalar_one()
        with pytest.raises(CatalogUnavailable), database.writing(patience_s=0):
            pass
    other.execute("ROLLBACK")
    other.close()
    assert len(refusals) == 45 and n_read > 100
    with database.writing(), database.reading():
        pass


def test_no_connection_in_time_is_a_busy_catalog(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    pool = database.engine.pool
    pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [database.engine.connect() for _ in range(15)]
    with pytest.raises(CatalogUnavailable, match="busy"), database.reading():
        pass
    for connection in held:
        connection.close()
