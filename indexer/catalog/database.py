"""How the catalog's database is reached: engine, transactions, schema version.

SQLite runs in WAL mode with `synchronous=FULL`: a committed transaction survives power loss. Every
writing transaction begins IMMEDIATE, because a deferred one that turns into a writer fails at once
when another process writes, whatever the busy timeout.
"""

from __future__ import annotations

import atexit
import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from indexer.base.errors import CatalogUnavailable, DataFolderTooNew
from indexer.catalog.driver_errors import driver_errors_translated
from indexer.catalog.tables import pair_mark
from indexer.catalog.whole_schema import create_schema
from indexer.catalog.writer_queue import WriterQueue

HEAD = "0020"  # the newest migration; a test keeps it equal to the folder `migrations/versions`
BUSY_TIMEOUT_S = 30
EPOCH_S = 60.0  # a transaction that writes begins a new epoch when the last one is so old
_MIGRATION_LOCK = 7061676573  # any number, as long as every pagesight takes the same
_OPENING_LOCK = 7061676575
# What the address does not say itself. Several hosts may be named: the one that can be written is chosen.
_OF_POSTGRES: dict[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # ms
    "target_session_attrs": "read-write",
}
_NOT_THE_PRIMARY = ("25006",)  # SQLSTATE read_only_sql_transaction
_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


Transaction = Connection  # what `reading` and `writing` hand out, to be handed on
TransactionStep = Callable[[Transaction], None]  # joins a transaction; undoes it by raising
Clock = Callable[[Transaction], datetime]


def database_time(transaction: Transaction) -> datetime:
    """Read the clock that all share: PostgreSQL's, or with SQLite that of the one machine."""
    if transaction.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = transaction.execute(select(func.clock_timestamp())).scalar_one()
    return now


class Database:
    """An engine with two kinds of transactions, its schema brought up to date when it is opened.

    migrate      leave it as it is, or not there, until `migrate` is called
    make_room    called before it is opened or written: the disk may be full
    keep_epoch   called with each new epoch, after the transaction that began it

    Raises:
        CatalogUnavailable: the database cannot be reached, or stays locked.
        CatalogDamaged, DiskFull: as they say.
        DataFolderTooNew: a newer pagesight has migrated it.
    """

    def __init__(
        self, url: str, *, migrate: bool = True, make_room: Callable[[], None] = lambda: None
    ) -> None:
        self._make_room = make_room
        make_room()
        try:
            self.engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise CatalogUnavailable(
                f"PAGESIGHT_DATABASE_URL is not usable ({error}): give an SQLAlchemy URL such as "
                "postgresql+psycopg://user@host/name, and install its driver "
                "(pip install 'pagesight[postgres]')"
            ) from error
        self._writers = WriterQueue()
        self._writer = self.engine.execution_options(writes=True)
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite reads one snapshot per transaction by itself.
        view = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self.engine.execution_options(**view)
        self.keep_epoch: Callable[[int], None] | None = None
        self.last_step: TransactionStep | None = None  # of every transaction that writes
        self._next_epoch_at = 0.0
        if migrate:
            self.migrate()

    @property
    def address(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database; None for others, and for one in memory."""
        name = self.engine.url.database
        if not self._is_sqlite or name in (None, "", ":memory:"):
            return None
        uri_path = str(name).removeprefix("file:")
        return Path(str(name) if uri_path == name else unquote(uri_path))

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that reads one consistent view."""
        with driver_errors_translated(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, patience_s: float | None = None) -> Iterator[Transaction]:
        """Open a transaction that is committed when the block succeeds: the commit point.

        patience_s  seconds to wait for other writers, if not as long as usual
        """
        self._make_room()
        with (
            driver_errors_translated(),
            self._writers.place(patience_s),
            self._writer.connect().execution_options(patience_s=patience_s) as connection,
            connection.begin(),
        ):
            epoch = self._begin_epoch(connection)
            yield connection
            if self.last_step is not None:
                self.last_step(connection)
        if epoch is not None and self.keep_epoch is not None:
            self._next_epoch_at = time.monotonic() + EPOCH_S
            self.keep_epoch(epoch)

    def _begin_epoch(self, transaction: Transaction) -> int | None:
        """Raise the epoch when it is time; first of all, so that two writers never wait for each other."""
        if self.keep_epoch is None or time.monotonic() < self._next_epoch_at:
            return None
        new_epoch = update(pair_mark).values(epoch=pair_mark.c.epoch + 1)
        return transaction.execute(new_epoch.returning(pair_mark.c.epoch)).scalar()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others out of such blocks, also where there are no tables yet; SQLite keeps nobody out."""
        with driver_errors_translated(), self.engine.connect() as connection:
            if not self._is_sqlite:
                connection.execute(select(func.pg_advisory_lock(_OPENING_LOCK)))
            try:
                yield
            finally:
                if not self._is_sqlite:
                    connection.execute(select(func.pg_advisory_unlock(_OPENING_LOCK)))

    def revision(self) -> str | None:
        """Return the schema's version, None where there is no catalog yet. It makes no file.

        Raises CatalogUnavailable, DataFolderTooNew.
        """
        path = self.sqlite_path
        if path is not None and not (path.exists() and path.stat().st_size):
            return None
        with self.reading() as connection:
            revision = _revision(connection)
        if revision is not None and revision > HEAD:
            raise DataFolderTooNew(
                f"the catalog has schema {revision}, this pagesight knows {HEAD}: "
                "install the pagesight that wrote it"
            )
        return revision

    def is_migrated(self) -> bool:
        """Whether the schema is the one that this pagesight knows. Raises CatalogUnavailable."""
        with self.reading() as connection:
            return _revision(connection) == HEAD

    def faults(self) -> list[str]:
        """Return what SQLite's own integrity check finds; nothing for other databases."""
        if not self._is_sqlite:
            return []
        with self.reading() as connection:
            lines = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        return [f"catalog: {line}" for line in lines if line != "ok"]

    def migrate(self) -> None:
        """Bring the schema up to date, in one transaction. Raises CatalogUnavailable, DataFolderTooNew."""
        if self.revision() == HEAD:
            return
        if self.sqlite_path is not None:
            _make_private(self.sqlite_path)
        with self.writing() as connection:
            if not self._is_sqlite:  # SQLite has one writer at a time anyway
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            elif _revision(connection) is None:
                create_schema(connection)
            if _revision(connection) != HEAD:
                # Imported here: nearly every start finds the schema up to date.
                from indexer.catalog.schema import upgrade

                upgrade(connection)


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, which would let others read it."""
    with suppress(OSError):  # it is there, or SQLite says better why it cannot be
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def catalog_url(data_dir: Path, database_url: str | None) -> str:
    """Return the address of a catalog: the one that is set, or an SQLite file in the data folder."""
    return database_url or f"sqlite:///{data_dir / 'catalog.sqlite3'}"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _server_engine(address: URL) -> Engine:
    """Return an engine whose connections notice a server that restarts, fails over, or is cut off."""
    options = _OF_POSTGRES if address.get_driver_name() == "psycopg" else {}
    engine = create_engine(
        address,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={name: value for name, value in options.items() if name not in address.query},
    )

    @event.listens_for(engine, "handle_error")
    def leave(context: ExceptionContext) -> None:
        state = getattr(context.original_exception, "sqlstate", None)
        if (
            state in _NOT_THE_PRIMARY
        ):  # it answers, and is not written to any more: all go elsewhere
            context.is_disconnect = True

    return engine


@atexit.register
def _close_connections() -> None:
    """Close what is open: SQLite's last connection moves its log into the file and removes the log."""
    for engine in list(_engines):
        engine.dispose()


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return _server_engine(address)
    # An error shows its statement, never the words and questions that went with it.
    engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)
    _engines.add(engine)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what was deleted is overwritten
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        patience_s = options.get("patience_s")
        if patience_s is not None:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience_s * 1000)}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
        finally:
            if patience_s is not None:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")

    return engine
