"""Tells workers of new jobs at once, whichever process queued them: LISTEN and NOTIFY of PostgreSQL.

A worker looks at the queue every now and then anyway, so a bell that nobody hears costs time and no job.
SQLite has none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from indexer.base.periodic_task import PeriodicTask
from indexer.catalog.database import Database, Transaction

_CHANNEL = "pagesight_jobs"
_AGAIN_S = 5.0  # after the connection broke
_LOOK_S = 1.0  # whether it is time to end
_log = logging.getLogger(__name__)


def ring(transaction: Transaction) -> None:
    """Ring when the transaction is committed."""
    if transaction.dialect.name == "postgresql":
        transaction.execute(text(f"NOTIFY {_CHANNEL}"))


def listening(database: Database, on_ring: Callable[[], None]) -> PeriodicTask | None:
    """Return the task that listens, not started; None where no bell rings."""
    if database.engine.dialect.driver != "psycopg":
        return None
    task = PeriodicTask(
        _AGAIN_S,
        lambda: _listen(database, on_ring, task),
        name="job bell",
        on_error=lambda error: _log.info("the bell of jobs is silent, trying again: %s", error),
    )
    return task


def _listen(database: Database, on_ring: Callable[[], None], task: PeriodicTask) -> None:
    """Listen until the task ends or the connection breaks. Raises psycopg.Error, CatalogUnavailable."""
    with database.engine.connect() as connection:
        listener: Any = connection.connection.driver_connection
        connection.detach()  # it is nobody else's, and closed at the end
        listener.autocommit = True
        listener.execute(f"LISTEN {_CHANNEL}")
        on_ring()  # for what was queued before
        while not task.stopping:
            for _ in listener.notifies(timeout=_LOOK_S, stop_after=1):
                on_ring()
