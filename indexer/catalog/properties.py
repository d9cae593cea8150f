"""Tags and metadata of documents: the rows that say them.

Like names they belong to the bytes and not to the row of a document: they are there before it, from the
upload on, and outlast it when it is made anew. What people say counts more than what a side file says, and
that more than the file itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, delete, insert, select

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.catalog.collections import raise_generation
from indexer.catalog.database import Transaction
from indexer.catalog.document_records import Document
from indexer.catalog.tables import document_metadata, document_tags

_TABLES = (document_tags, document_metadata)


class Origin(StrEnum):
    """Who says a property, when it is not people: the side file of a file, or the file itself."""

    FILE = "file"
    SIDE_FILE = "side_file"


def properties_in(
    transaction: Transaction, collection_id: str, sha256s: Collection[str] | None = None
) -> dict[str, DocumentProperties]:
    """Return the properties of bytes that have any, by their SHA-256.

    sha256s  only of these; None: of the whole collection
    """
    tags: dict[str, list[str]] = defaultdict(list)
    metadata: dict[str, dict[str, str]] = defaultdict(dict)
    for table in _TABLES:
        query = select(table).where(table.c.collection_id == collection_id)
        if sha256s is not None:
            query = query.where(table.c.sha256.in_(sha256s))
        for row in transaction.execute(query):
            if table is document_tags:
                tags[row.sha256].append(row.tag)
            else:
                metadata[row.sha256][row.name] = row.value
    return {
        sha256: DocumentProperties(
            tuple(sorted(tags.get(sha256, ()))), tuple(sorted(metadata.get(sha256, {}).items()))
        )
        for sha256 in tags.keys() | metadata.keys()
    }


def properties_of_bytes(
    transaction: Transaction, collection_id: str, sha256: str
) -> DocumentProperties:
    """Return the properties of bytes, which may have none."""
    return properties_in(transaction, collection_id, [sha256]).get(sha256, NO_PROPERTIES)


def stated_by(
    transaction: Transaction, collection_id: str, sha256: str, origin: Origin
) -> DocumentProperties:
    """Return what bytes have because a file says it."""
    tags, metadata = (
        transaction.execute(
            select(table).where(
                table.c.collection_id == collection_id,
                table.c.sha256 == sha256,
                table.c.origin == origin.value,
            )
        )
        for table in _TABLES
    )
    entries = sorted((row.name, row.value) for row in metadata)
    return DocumentProperties(tuple(sorted(row.tag for row in tags)), tuple(entries))


def with_properties(
    transaction: Transaction,
    collection_id: str,
    documents: Sequence[Document],
    *,
    whole_collection: bool = False,
) -> list[Document]:
    """Return the documents of a collection with their properties.

    whole_collection  they are all or most of it: its properties are read at once
    """
    sha256s = None if whole_collection else [document.sha256 for document in documents]
    properties = properties_in(transaction, collection_id, sha256s)
    return [
        replace(document, properties=properties[document.sha256])
        if document.sha256 in properties
        else document
        for document in documents
    ]


def add_properties(
    transaction: Transaction, collection_id: str, sha256: str, additions: DocumentProperties
) -> None:
    """Give bytes more properties, whose values win; holds the row of the collection.

    Raises CollectionNotFound, and InvalidProperties when they are too many.
    """
    raise_generation(transaction, collection_id)
    properties_of_bytes(transaction, collection_id, sha256).with_more(
        additions
    )  # or they are too many
    _delete(transaction, collection_id, sha256, additions)
    _insert(transaction, collection_id, sha256, additions, None)


def set_properties(
    transaction: Transaction, collection_id: str, sha256: str, properties: DocumentProperties
) -> None:
    """Let bytes have exactly these properties; those that they had stay what a file said."""
    before = properties_of_bytes(transaction, collection_id, sha256)
    _delete(transaction, collection_id, sha256, before.without(properties))
    _insert(transaction, collection_id, sha256, properties.without(before), None)


def state_properties(
    transaction: Transaction,
    collection_id: str,
    sha256: str,
    file_properties: DocumentProperties,
    origin: Origin,
) -> bool:
    """Let bytes have what a file says of them now, where nobody who counts more says otherwise.

    What it said before and says no more is gone; what is more than a document may have is left out.
    Returns whether anything has changed.
    """
    before = properties_of_bytes(transaction, collection_id, sha256)
    weaker = [Origin.FILE] if origin is Origin.SIDE_FILE else []
    for table in _TABLES:
        of_bytes = (table.c.collection_id == collection_id, table.c.sha256 == sha256)
        transaction.execute(delete(table).where(*of_bytes, table.c.origin == origin.value))
    names = [name for name, _ in file_properties.metadata]
    transaction.execute(
        delete(document_metadata).where(
            document_metadata.c.collection_id == collection_id,
            document_metadata.c.sha256 == sha256,
            document_metadata.c.name.in_(names),
            document_metadata.c.origin.in_([row.value for row in weaker]),
        )
    )
    remaining_properties = properties_of_bytes(transaction, collection_id, sha256)
    additions = remaining_properties.room_for(file_properties)
    _insert(transaction, collection_id, sha256, additions, origin)
    return properties_of_bytes(transaction, collection_id, sha256) != before


def _delete(
    transaction: Transaction, collection_id: str, sha256: str, properties: DocumentProperties
) -> None:
    """Delete the rows of these tags, and of metadata of these names."""
    keys = (
        (document_tags, document_tags.c.tag, properties.tags),
        (document_metadata, document_metadata.c.name, [name for name, _ in properties.metadata]),
    )
    for table, column, values in keys:
        of_bytes = (table.c.collection_id == collection_id, table.c.sha256 == sha256)
        transaction.execute(delete(table).where(*of_bytes, column.in_(values)))


def _insert(
    transaction: Transaction,
    collection_id: str,
    sha256: str,
    properties: DocumentProperties,
    origin: Origin | None,
) -> None:
    row = {"collection_id": collection_id, "sha256": sha256, "origin": origin}
    if properties.tags:
        rows = [row | {"tag": tag} for tag in properties.tags]
        transaction.execute(insert(document_tags), rows)
    if properties.metadata:
        rows = [row | {"name": name, "value": value} for name, value in properties.metadata]
        transaction.execute(insert(document_metadata), rows)


def forget_properties(transaction: Transaction, collection_id: str, sha256: str) -> None:
    """Forget the properties of bytes, whose document is gone."""
    for table in _TABLES:
        transaction.execute(
            delete(table).where(table.c.collection_id == collection_id, table.c.sha256 == sha256)
        )


def forget_properties_of_collection(transaction: Transaction, collection_id: str) -> None:
    """Forget all properties of a collection that is gone."""
    for table in _TABLES:
        transaction.execute(delete(table).where(table.c.collection_id == collection_id))


def is_tagged(collection_id: str, sha256: ColumnElement[str], tag: str) -> ColumnElement[bool]:
    """Return the condition that bytes of a collection have a tag, which is as it is stored."""
    query: Select[tuple[str]] = select(document_tags.c.tag).where(
        document_tags.c.collection_id == collection_id,
        document_tags.c.sha256 == sha256,
        document_tags.c.tag == tag,
    )
    return query.exists()
