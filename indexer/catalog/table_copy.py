"""Copies a whole catalog into another, whatever the two databases are: SQLite or PostgreSQL.

One transaction reads, one writes: the copy is a consistent view, and there wholly or not at all. The rows go
through the same tables as always, so that every constraint is checked again on the way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, Table, delete, func, insert, inspect, select

from indexer.base.errors import CatalogNotEmpty
from indexer.catalog.column_values import utc
from indexer.catalog.database import Database, Transaction
from indexer.catalog.tables import counters, metadata, pair_mark

_BATCH_ROWS = 1000
# Tables that have rows before anybody has stored anything.
_IN_AN_EMPTY_CATALOG = {counters, pair_mark}


def copy_url(path: Path) -> str:
    """Return the address of a catalog that no other process opens.

    SQLite then shares no memory by a file beside it, which network file systems do not offer.
    """
    uri_path = quote(str(path.absolute()))
    return f"sqlite:///file:{quote(uri_path)}?vfs=unix-excl&uri=true"


def copy_tables(source: Database, target: Database) -> dict[str, int]:
    """Copy every row of a catalog into an empty one; returns how many, by table. Both have the newest schema.

    Raises CatalogNotEmpty, CatalogUnavailable; the target is then as it was.
    """
    with source.reading() as reader, target.writing() as writer:
        _require_empty(writer, target.address)
        for table in _IN_AN_EMPTY_CATALOG:
            writer.execute(delete(table))
        return {table.name: _copy_table(reader, writer, table) for table in metadata.sorted_tables}


def require_empty(database: Database) -> None:
    """Raise CatalogNotEmpty where somebody has stored something. It changes nothing, whatever the schema."""
    if database.revision() is not None:
        with database.reading() as transaction:
            _require_empty(transaction, database.address)


def _require_empty(transaction: Transaction, address: str) -> None:
    known_tables = set(inspect(transaction).get_table_names())  # an old schema lacks some
    for table in metadata.sorted_tables:
        if table in _IN_AN_EMPTY_CATALOG or table.name not in known_tables:
            continue
        if transaction.execute(select(func.count()).select_from(table)).scalar_one():
            raise CatalogNotEmpty(
                f"the catalog at {address} is not empty ({table.name}): set PAGESIGHT_DATABASE_URL to "
                "a new database"
            )


def _copy_table(reader: Transaction, writer: Transaction, table: Table) -> int:
    n_rows = 0
    result = reader.execute(select(table), execution_options={"yield_per": _BATCH_ROWS})
    for rows in result.partitions():
        writer.execute(insert(table), [_values(row) for row in rows])
        n_rows += len(rows)
    number = table.autoincrement_column
    if number is not None and n_rows and writer.dialect.name == "postgresql":
        # Its next number is kept apart from the rows.
        sequence = func.pg_get_serial_sequence(table.name, number.name)
        writer.execute(select(func.setval(sequence, select(func.max(number)).scalar_subquery())))
    return n_rows


def _values(row: Row[Any]) -> dict[str, Any]:
    """Return the values of a row, its moments in UTC: SQLite forgets the zone, PostgreSQL has its own."""
    return {name: _in_utc(value) for name, value in row._mapping.items()}


def _in_utc(value: Any) -> Any:
    return utc(value).astimezone(UTC) if isinstance(value, datetime) else value
