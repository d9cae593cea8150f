"""Copies a whole catalog into another, whatever the two databases are: SQLite or PostgreSQL.

One transaction reads, one writes: the copy is a consistent view, and there wholly or not at all. The rows go
through the same tables as always, so that every constraint is checked again on the way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, Select, Table, delete, func, insert, inspect, select

from indexer.base.errors import CatalogNotEmpty
from indexer.catalog.column_values import utc
from indexer.catalog.database import Database, Transaction
from indexer.catalog.tables import (
    collections,
    counters,
    document_metadata,
    document_names,
    document_tags,
    documents,
    metadata,
    page_words,
    pages,
    pair_mark,
    segments,
)

_BATCH_ROWS = 1000
# Tables that have rows before anybody has stored anything.
_IN_AN_EMPTY_CATALOG = {counters, pair_mark}


def copy_url(path: Path) -> str:
    """Return the address of a catalog that no other process opens.

    SQLite then shares no memory by a file beside it, which network file systems do not offer.
    """
    uri_path = quote(str(path.absolute()))
    return f"sqlite:///file:{quote(uri_path)}?vfs=unix-excl&uri=true"


def copy_tables(
    source: Database, target: Database, *, collection_id: str | None = None
) -> dict[str, int]:
    """Copy every row of a catalog into an empty one; returns how many, by table. Both have the newest schema.

    collection_id  copy the searchable documents of this collection alone, and nobody's keys or conversations

    Raises CatalogNotEmpty, CatalogUnavailable; the target is then as it was.
    """
    queries = {table: select(table) for table in metadata.sorted_tables}
    if collection_id is not None:
        queries = _of_collection(collection_id)
    with source.reading() as reader, target.writing() as writer:
        _require_empty(writer, target.address)
        for table in _IN_AN_EMPTY_CATALOG:
            writer.execute(delete(table))
        return {
            table.name: _copy_rows(reader, writer, table, queries[table])
            for table in metadata.sorted_tables
            if table in queries
        }


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


def _of_collection(collection_id: str) -> dict[Table, Select[Any]]:
    """Return what a collection has in each table; other tables have nothing of it."""
    searchable = documents.c.collection_id == collection_id, documents.c.first_page_id.is_not(None)
    ids = select(documents.c.id).where(*searchable)
    sums = select(documents.c.sha256).where(*searchable)
    page_ids = select(pages.c.id).where(pages.c.document_id.in_(ids))
    by_bytes = (document_names, document_tags, document_metadata)
    is_searched = ~segments.c.is_shadow
    without_shadow = [c for c in documents.c if c is not documents.c.shadow_segment]
    return {
        collections: select(collections).where(collections.c.id == collection_id),
        segments: select(segments).where(segments.c.collection_id == collection_id, is_searched),
        documents: select(*without_shadow).where(*searchable),
        **{
            table: select(table).where(
                table.c.collection_id == collection_id, table.c.sha256.in_(sums)
            )
            for table in by_bytes
        },
        pages: select(pages).where(pages.c.id.in_(page_ids)),
        page_words: select(page_words).where(page_words.c.page_id.in_(page_ids)),
        counters: select(counters),
        pair_mark: select(pair_mark),
    }


def _copy_rows(reader: Transaction, writer: Transaction, table: Table, query: Select[Any]) -> int:
    n_rows = 0
    result = reader.execute(query, execution_options={"yield_per": _BATCH_ROWS})
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
