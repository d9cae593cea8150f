"""Locks and pins of processes that share a catalog and no disk: rows that end unless they are renewed.

A holder that falls silent loses its lock to the next one that asks. That rests on clocks, and clocks err;
safety does not: whoever writes to the catalog under a shared lock finds it in the same transaction, or the
transaction is undone (`require`), and who takes a lock over has removed it before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from threading import Lock
from uuid import uuid4

from sqlalchemy import delete, func, insert, select, update

from indexer.base.errors import DataFolderBusy, PagesightError
from indexer.base.periodic_task import PeriodicTask
from indexer.catalog.database import Database, Transaction, database_time
from indexer.catalog.tables import holds, pins

HOLD_S = 60.0  # after which a silent process has lost its locks
_WRITING, _PINS = "writing", "pins"
_SWEEP_S = 5.0
_REMOVAL_S = 60.0
_POLL_S = 0.1
_ADVISORY_LOCK = 7061676574  # any number, as long as every pagesight takes the same
_CLEANING = "files are being removed by another process: try again later"
_log = logging.getLogger(__name__)


class CatalogLocks:
    """The locks of one catalog, as this process holds them. Safe to use from several threads."""

    def __init__(self, database: Database, hold_s: float = HOLD_S) -> None:
        """`hold_s`: after which another process may take over what this one does not renew."""
        self._database = database
        self._hold_s = hold_s
        self._hold_ids: set[str] = set()
        self._writers: set[str] = set()
        self._mutex = Lock()
        self._renewal: PeriodicTask | None = None
        self._of_context: ContextVar[tuple[str, ...]] = ContextVar("holds", default=())
        database.last_step = self.require

    # -- locks -------------------------------------------------------------------------------------

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep sweeps away, and what is pinned meanwhile. Raises DataFolderBusy."""
        refusal = "the stored files are being repaired by another process: try again later"
        with self._hold(_WRITING, refusal, _SWEEP_S, is_exclusive=False) as hold_id:
            with self._mutex:
                self._writers.add(hold_id)
            try:
                yield
            finally:
                with self._mutex:
                    self._writers.discard(hold_id)

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Keep everybody out of `keeping`. Raises DataFolderBusy."""
        with self._hold(_WRITING, "another process is writing: try again later", 0.0):
            yield

    @contextmanager
    def alone(self, name: str, refusal: str, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the lock of that name. Raises DataFolderBusy with `refusal`."""
        refusal += f" (a killed process counts as at work for {self._hold_s:g} s)"
        if self._database.is_migrated():
            with self._hold(f"alone:{name}", refusal, wait_s):
                yield
        else:  # the first process of all, or of a new version: there are no rows to hold yet
            with self._database.alone():
                yield

    def require(self, transaction: Transaction) -> None:
        """Take part in a transaction that only who still holds its locks may make. Raises DataFolderBusy."""
        ids = self._of_context.get()
        if not ids:
            return
        rows = select(holds.c.id).where(holds.c.id.in_(ids)).with_for_update(read=True)
        if len(transaction.execute(rows).all()) < len(ids):
            raise DataFolderBusy(
                "this process fell silent for too long, and another one went on: try again"
            )

    # -- pins --------------------------------------------------------------------------------------

    def pin(self, name: str) -> None:
        """Let nobody remove a blob for as long as each `keeping` that is open now."""
        with self._mutex:
            rows = [{"hold_id": hold_id, "sha256": name} for hold_id in self._writers]
        deadline = time.monotonic() + _REMOVAL_S
        while rows:
            with self._database.writing() as transaction:
                self._alone_in(transaction)
                if not self._others(transaction, _PINS, is_exclusive=False):
                    pinning_ids = select(pins.c.hold_id).where(pins.c.sha256 == name)
                    pinned_by = set(transaction.execute(pinning_ids).scalars())
                    fresh = [row for row in rows if row["hold_id"] not in pinned_by]
                    if fresh:
                        transaction.execute(insert(pins), fresh)
                    return
            if time.monotonic() > deadline:
                raise DataFolderBusy(_CLEANING)
            time.sleep(_POLL_S)

    @contextmanager
    def removing(self) -> Iterator[frozenset[str]]:
        """Hand out the names that are pinned; nobody pins another until the block ends."""
        with self._hold(_PINS, _CLEANING, _REMOVAL_S):
            with self._database.writing() as transaction:
                self._forget_silent(transaction)
            with self._database.reading() as transaction:
                names = frozenset(transaction.execute(select(pins.c.sha256)).scalars())
            yield names

    # -- rows --------------------------------------------------------------------------------------

    @contextmanager
    def _hold(
        self, name: str, refusal: str, wait_s: float, *, is_exclusive: bool = True
    ) -> Iterator[str]:
        hold_id = uuid4().hex
        deadline = time.monotonic() + wait_s
        while not self._take(hold_id, name, is_exclusive=is_exclusive):
            if time.monotonic() >= deadline:
                raise DataFolderBusy(refusal)
            time.sleep(_POLL_S)
        context = self._of_context.set((*self._of_context.get(), hold_id))
        self._renew_from_now_on(hold_id)
        try:
            yield hold_id
        finally:
            self._of_context.reset(context)
            self._release(hold_id)

    def _take(self, hold_id: str, name: str, *, is_exclusive: bool) -> bool:
        with self._database.writing() as transaction:
            self._alone_in(transaction)
            self._forget_silent(transaction)
            if self._others(transaction, name, is_exclusive=is_exclusive):
                return False
            ends_at = database_time(transaction) + timedelta(seconds=self._hold_s)
            row = {"id": hold_id, "name": name, "is_exclusive": is_exclusive, "ends_at": ends_at}
            transaction.execute(insert(holds).values(row))
        return True

    def _alone_in(self, transaction: Transaction) -> None:
        """Let one transaction after the other look at the locks; SQLite has one writer at a time anyway."""
        if transaction.dialect.name != "sqlite":
            transaction.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))

    def _forget_silent(self, transaction: Transaction) -> None:
        transaction.execute(delete(holds).where(holds.c.ends_at < database_time(transaction)))

    def _others(self, transaction: Transaction, name: str, *, is_exclusive: bool) -> bool:
        """Say whether somebody holds what the lock does not go with."""
        query = select(holds.c.id).where(
            holds.c.name == name, holds.c.ends_at >= database_time(transaction)
        )
        if not is_exclusive:
            query = query.where(holds.c.is_exclusive)
        return transaction.execute(query.limit(1)).first() is not None

    def _release(self, hold_id: str) -> None:
        with self._mutex:
            self._hold_ids.discard(hold_id)
            if not self._hold_ids and self._renewal is not None:
                self._renewal.stop()
                self._renewal = None
        try:
            with self._database.writing() as transaction:
                transaction.execute(delete(holds).where(holds.c.id == hold_id))
        except PagesightError as error:  # it ends by itself
            _log.info("a lock in the catalog was not released: %s", error)

    def _renew_from_now_on(self, hold_id: str) -> None:
        with self._mutex:
            self._hold_ids.add(hold_id)
            if self._renewal is None:
                self._renewal = PeriodicTask(self._hold_s / 4, self._renew, name="locks")
                self._renewal.start()

    def _renew(self) -> None:
        with self._mutex:
            ids = list(self._hold_ids)
        try:
            with self._database.writing() as transaction:
                ends_at = database_time(transaction) + timedelta(seconds=self._hold_s)
                transaction.execute(
                    update(holds).where(holds.c.id.in_(ids)).values(ends_at=ends_at)
                )
        except PagesightError as error:
            _log.warning("the locks in the catalog were not renewed, trying again: %s", error)
