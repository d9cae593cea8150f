"""The rows of documents: how they are looked up, added and deleted inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from indexer.base.errors import DocumentNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.database import Transaction
from indexer.catalog.document_records import (
    WITHDRAWN,
    Document,
    GivenName,
    document_of,
    document_values,
)
from indexer.catalog.names import (
    detach_all,
    forget_names,
    given_names,
    keep_own_name,
    names_like,
    take_name,
)
from indexer.catalog.pages import delete_pages
from indexer.catalog.properties import forget_properties
from indexer.catalog.removals import RemovalKind, schedule, schedule_blobs
from indexer.catalog.segments import delete_unused_segment
from indexer.catalog.tables import document_names, documents, pages
from indexer.storage.segments import SegmentRecord


def searchable_documents(transaction: Transaction, collection_id: str) -> list[Document]:
    rows = transaction.execute(
        select(documents).where(
            documents.c.collection_id == collection_id, documents.c.first_page_id.is_not(None)
        )
    )
    return [document_of(row) for row in rows]


def withdrawn_documents(
    transaction: Transaction, collection_id: str | None = None
) -> list[Document]:
    """Return the documents that are taken out of every answer until they are indexed anew.

    collection_id  only those of one collection
    """
    query = select(documents).where(documents.c.error_code == WITHDRAWN)
    if collection_id is not None:
        query = query.where(documents.c.collection_id == collection_id)
    return [document_of(row) for row in transaction.execute(query)]


def delete_documents(transaction: Transaction, condition: ColumnElement[bool]) -> None:
    """Delete the documents for which the condition holds, with their pages; their files are to go."""
    document_ids = select(documents.c.id).where(condition)
    image_names = select(pages.c.image_sha256).where(pages.c.document_id.in_(document_ids))
    schedule_blobs(transaction, RemovalKind.IMAGE, image_names.distinct())
    original_names = select(documents.c.sha256).where(condition)
    schedule_blobs(transaction, RemovalKind.ORIGINAL, original_names.distinct())
    delete_pages(transaction, condition)
    transaction.execute(delete(documents).where(condition))


def keep_names(transaction: Transaction, document: Document) -> bool:
    """Keep the names of a document that is made anew; whether this name is one of them, and no news."""
    row = row_of_bytes(transaction, document.collection_id, document.sha256)
    if row is None:
        return False
    is_withdrawn = row.error_code == WITHDRAWN
    is_read_anew = row.id == document.id and row.verdict != Verdict.INDEXING.value
    if not (is_withdrawn or is_read_anew):
        return False
    names = keep_own_name(transaction, document.collection_id, document.sha256)
    return document.name in [name.name for name in names]


def delete_for_good(transaction: Transaction, row: Row[Any]) -> list[SegmentRecord]:
    """Delete one document, its names, and what is attached to it and goes by no other name."""
    unused_segments = delete_row(transaction, row)
    forget_names(transaction, row.collection_id, row.sha256)
    forget_properties(transaction, row.collection_id, row.sha256)
    return unused_segments + delete_attachments(transaction, row.collection_id, row.sha256)


def delete_named(transaction: Transaction, collection_id: str, name: str) -> list[SegmentRecord]:
    """Take a name from all documents that go by it, its versions; with its last name a document is deleted.

    Returns segments that are not needed any more.
    """
    unused_segments: list[SegmentRecord] = []
    for name_given in names_like(transaction, collection_id, name):
        take_name(transaction, collection_id, name_given)
        row = row_of_bytes(transaction, collection_id, name_given.sha256)
        of_bytes = document_names.c.sha256 == name_given.sha256
        remaining = given_names(transaction, collection_id, of_bytes)
        if row is not None and remaining:
            show_under_one_of(transaction, row, remaining)
        elif row is not None:
            unused_segments += delete_for_good(transaction, row)
    return unused_segments


def delete_attachments(
    transaction: Transaction, collection_id: str, sha256: str
) -> list[SegmentRecord]:
    unused_segments: list[SegmentRecord] = []
    for child in detach_all(transaction, collection_id, sha256):
        row = row_of_bytes(transaction, collection_id, child)
        if row is None:
            forget_names(transaction, collection_id, child)
            continue
        names = given_names(transaction, collection_id, document_names.c.sha256 == child)
        if names:
            show_under_one_of(transaction, row, names)
        else:
            unused_segments += delete_for_good(transaction, row)
    return unused_segments


def show_under_one_of(transaction: Transaction, row: Row[Any], names: Sequence[GivenName]) -> None:
    """Let the row of a document have one of its names; it may have had one that is gone."""
    if row.name not in [name.name for name in names]:
        newest = max(names, key=lambda name: name.given_at)
        transaction.execute(
            update(documents).where(documents.c.id == row.id).values(name=newest.name)
        )


class AlreadyIndexed(Exception):
    """Somebody else's document of the same bytes stays; undoes the transaction."""


def make_way(
    transaction: Transaction, document: Document, *, was_shown: bool = False
) -> list[SegmentRecord]:
    """Delete what the same bytes have so far, for `document` to take its place.

    Returns segments that are not needed any more. Raises AlreadyIndexed, and DocumentNotFound when
    `document` was there before (`was_shown`) and is not.
    """
    row = row_of_bytes(transaction, document.collection_id, document.sha256)
    if was_shown and (row is None or row.first_page_id is None):
        raise DocumentNotFound(f"{document.name} was deleted while it was being indexed")
    if row is None:
        return []
    is_unfinished = row.verdict == Verdict.INDEXING.value
    may_replace = row.id == document.id or document.verdict is not Verdict.INDEXING
    if row.first_page_id is not None and not (is_unfinished and may_replace):
        raise AlreadyIndexed
    return delete_row(transaction, row)


def make_way_for_itself(transaction: Transaction, document: Document) -> list[SegmentRecord]:
    """Delete a document that is about to come back as it was read anew; as `make_way`.

    Raises DocumentNotFound when it was deleted or withdrawn meanwhile.
    """
    row = row_of(transaction, document.id)
    if row.first_page_id is None:
        raise DocumentNotFound(f"{document.name} was withdrawn while it was read anew")
    return delete_row(transaction, row)


def row_of(transaction: Transaction, document_id: str) -> Row[Any]:
    row = transaction.execute(select(documents).where(documents.c.id == document_id)).first()
    if row is None:
        raise DocumentNotFound(f"no document {document_id!r}")
    return row


def row_of_bytes(transaction: Transaction, collection_id: str, sha256: str) -> Row[Any] | None:
    return transaction.execute(
        select(documents).where(
            documents.c.collection_id == collection_id, documents.c.sha256 == sha256
        )
    ).first()


def insert_row(transaction: Transaction, document: Document, segment: str | None = None) -> None:
    transaction.execute(insert(documents).values(**document_values(document), segment=segment))


def delete_row(transaction: Transaction, row: Row[Any]) -> list[SegmentRecord]:
    """Delete one document, and the segments in which no other document stands then."""
    delete_documents(transaction, documents.c.id == row.id)
    unused_segments = []
    for name in filter(None, (row.segment, row.shadow_segment)):
        segments = delete_unused_segment(transaction, name)
        if not segments:
            schedule(transaction, RemovalKind.VECTORS, row.collection_id, [name])
        unused_segments += segments
    return unused_segments
