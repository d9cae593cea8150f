"""Lists of documents: which of a collection, in which order, from where on."""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Select, select, tuple_

from indexer.catalog.database import Transaction
from indexer.catalog.document_records import Document, document_of
from indexer.catalog.names import with_names
from indexer.catalog.properties import is_tagged, with_properties
from indexer.catalog.tables import document_names, documents
from indexer.inputs.names import same_name

_AT_ONCE = 1000  # documents whose names are read at a time

SortField = Literal["name", "pages", "bytes", "created_at"]
SortKey = str | int | datetime
_COLUMNS: dict[SortField, ColumnElement[str | int | datetime]] = {
    "name": documents.c.name,
    "pages": documents.c.n_pages,
    "bytes": documents.c.n_bytes,
    "created_at": documents.c.created_at,
}
SORT_FIELDS: tuple[SortField, ...] = get_args(SortField)


@dataclass(frozen=True, slots=True)
class DocumentListing:
    """Which documents are listed, and in which order.

    search      only those with a name that holds this, letters large or small
    tag         only those with this tag, as it is stored
    is_refused  only those that were refused, or only those that were not; None: all
    sort        of documents that are equal in it the ids decide
    descending  the largest, last or newest first
    """

    search: str = ""
    tag: str | None = None
    is_refused: bool | None = None
    sort: SortField = "name"
    descending: bool = False

    def key_of(self, document: Document) -> tuple[SortKey, str]:
        """Return the place of a document in the list, behind which it goes on."""
        values: dict[SortField, SortKey] = {
            "name": document.name,
            "pages": document.n_pages,
            "bytes": document.n_bytes,
            "created_at": document.created_at,
        }
        return values[self.sort], document.id


def listed_documents(
    transaction: Transaction,
    collection_id: str,
    listing: DocumentListing,
    after: tuple[SortKey, str] | None,
    limit: int | None,
) -> list[Document]:
    """Return at most `limit` documents of a collection, each with its names and properties.

    It has the name of its own row, and all that it goes by in `names`.

    after  place of the last document that was seen
    """
    in_order = _rows_in_order(transaction, collection_id, listing, after, limit)
    complete: list[Document] = []
    for start in range(0, len(in_order), _AT_ONCE):
        batch = in_order[start : start + _AT_ONCE]
        batch = with_properties(transaction, collection_id, batch)
        complete += with_names(transaction, collection_id, batch)
    return [
        document.under_own_name(row.name) for document, row in zip(complete, in_order, strict=True)
    ]


def _rows_in_order(
    transaction: Transaction,
    collection_id: str,
    listing: DocumentListing,
    after: tuple[SortKey, str] | None,
    limit: int | None,
) -> list[Document]:
    query = _in_order(listing, after).where(documents.c.collection_id == collection_id)
    if listing.tag is not None:
        query = query.where(is_tagged(collection_id, documents.c.sha256, listing.tag))
    if listing.is_refused is not None:
        is_refused = documents.c.first_page_id.is_(None)
        query = query.where(is_refused if listing.is_refused else ~is_refused)
    if not listing.search:
        return [document_of(row) for row in transaction.execute(query.limit(limit))]
    # Not by the database: SQLite knows small and large letters of ASCII alone.
    also_named = _also_named(transaction, collection_id, listing.search)
    with closing(_matches(transaction, query, listing.search, also_named)) as matches:
        return list(islice(matches, limit))


def _in_order(
    listing: DocumentListing, after: tuple[SortKey, str] | None
) -> Select[tuple[object, ...]]:
    column, document_id = _COLUMNS[listing.sort], documents.c.id
    query: Select[tuple[object, ...]] = select(documents)
    if after is not None:
        place = tuple_(column, document_id)
        query = query.where(place < after if listing.descending else place > after)
    if listing.descending:
        return query.order_by(column.desc(), document_id.desc())
    return query.order_by(column, document_id)


def _matches(
    transaction: Transaction,
    query: Select[tuple[object, ...]],
    search: str,
    also_named: Collection[str],
) -> Generator[Document]:
    with transaction.execute(query, execution_options={"yield_per": 200}) as rows:
        for row in rows:
            if _holds(row.name, search) or row.sha256 in also_named:
                yield document_of(row)


def _also_named(transaction: Transaction, collection_id: str, search: str) -> set[str]:
    """Return the SHA-256 of what goes by a name that holds the words, whatever its row says."""
    names = select(document_names.c.sha256, document_names.c.name).where(
        document_names.c.collection_id == collection_id
    )
    return {row.sha256 for row in transaction.execute(names) if _holds(row.name, search)}


def _holds(name: str, search: str) -> bool:
    return same_name(search).casefold() in same_name(name).casefold()
