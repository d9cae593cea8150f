"""Tags and metadata of documents: the rows that say them.

Like names they belong to the bytes and not to the row of a document: they are there before it, from the
upload on, and outlast it when it is made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, delete, insert, select

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.catalog.collections import raise_generation
from indexer.catalog.database import Transaction
from indexer.catalog.document_records import Document
from indexer.catalog.tables import document_metadata, document_tags

_TABLES = (document_tags, document_metadata)


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
    properties = properties_of_bytes(transaction, collection_id, sha256)
    set_properties(transaction, collection_id, sha256, properties.with_more(additions))


def set_properties(
    transaction: Transaction, collection_id: str, sha256: str, properties: DocumentProperties
) -> None:
    """Let bytes have exactly these properties."""
    forget_properties(transaction, collection_id, sha256)
    of_bytes = {"collection_id": collection_id, "sha256": sha256}
    if properties.tags:
        transaction.execute(
            insert(document_tags), [of_bytes | {"tag": tag} for tag in properties.tags]
        )
    if properties.metadata:
        transaction.execute(
            insert(document_metadata),
            [of_bytes | {"name": name, "value": value} for name, value in properties.metadata],
        )


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
