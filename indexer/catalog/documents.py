"""Documents: each becomes visible in one transaction, wholly, and is gone when its row is deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from indexer.base.errors import DocumentNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import raise_generation
from indexer.catalog.database import Database, Transaction, TransactionStep
from indexer.catalog.document_records import (
    WITHDRAWN,
    CommitResult,
    Document,
    DocumentDraft,
    DocumentError,
    document_of,
    document_values,
)
from indexer.catalog.full_text.page_index import index_pages
from indexer.catalog.pages import delete_pages, insert_pages
from indexer.catalog.removals import RemovalKind, schedule, schedule_blobs
from indexer.catalog.segments import delete_unused_segment, insert_segment
from indexer.catalog.tables import documents, pages
from indexer.storage.segments import SegmentRecord


class Documents:
    """The documents of all collections. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, collection_id: str, sha256: str) -> Document | None:
        """Return the document with these bytes, indexed or refused; None when there is none."""
        with self._database.reading() as transaction:
            row = _row_of_bytes(transaction, collection_id, sha256)
        return None if row is None else document_of(row)

    def get(self, document_id: str) -> Document:
        """Return the document. Raises DocumentNotFound."""
        with self._database.reading() as transaction:
            return document_of(_row(transaction, document_id))

    def of_collection(
        self,
        collection_id: str,
        *,
        after: tuple[str, str] | None = None,
        limit: int | None = None,
    ) -> list[Document]:
        """Return documents of a collection by name, the refused ones included; at most `limit`.

        after  name and id of the last document that was seen
        """
        query = (
            select(documents)
            .where(documents.c.collection_id == collection_id)
            .order_by(documents.c.name, documents.c.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(documents.c.name, documents.c.id) > after)
        with self._database.reading() as transaction:
            return [document_of(row) for row in transaction.execute(query)]

    def in_segment(self, name: str) -> list[Document]:
        """Return the documents whose pages stand in a segment."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(documents).where(documents.c.segment == name))
            return [document_of(row) for row in rows]

    def commit(
        self, draft: DocumentDraft, step: TransactionStep | None = None
    ) -> CommitResult | None:
        """Make the document, its pages and its segment visible together: the commit point.

        It takes the place of what the same bytes have so far: a refusal, its own first pages, or, if
        it is whole, those of somebody else. `step` takes part in the transaction.
        Returns None, and changes nothing, when the same bytes were indexed by someone else meanwhile.
        Raises CollectionNotFound or DocumentNotFound when the collection, or what was there of the
        document, was deleted meanwhile.
        """
        document, segment = draft.document, draft.segment
        try:
            with self._database.writing() as transaction:
                raise_generation(transaction, document.collection_id)
                if step is not None:
                    step(transaction)
                replaced_segments = _make_way(transaction, document, was_shown=draft.was_shown)
                insert_segment(transaction, segment)
                _insert(transaction, document, segment.name)
                insert_pages(transaction, draft.pages)
                index_pages(transaction, document.name, draft.pages)
        except (IntegrityError, _AlreadyIndexed):
            return None
        return CommitResult(replaced_segments)

    def record_refusal(self, document: Document, step: TransactionStep | None = None) -> None:
        """Remember that a file was refused and why; an indexed document of the same bytes stays.

        `step` takes part in the transaction. Raises CollectionNotFound.
        """
        try:
            with self._database.writing() as transaction:
                raise_generation(transaction, document.collection_id)
                if step is not None:
                    step(transaction)
                _make_way(transaction, document)
                _insert(transaction, document)
        except (IntegrityError, _AlreadyIndexed):
            return

    def delete(self, document_id: str) -> list[SegmentRecord]:
        """Make a document vanish from every answer; returns segments whose files may now go.

        Raises DocumentNotFound.
        """
        with self._database.writing() as transaction:
            row = _row(transaction, document_id)
            raise_generation(transaction, row.collection_id)
            return _delete(transaction, row)

    def withdraw(self, document_id: str, reason: DocumentError) -> list[SegmentRecord]:
        """Take a damaged document out of every answer but keep its row, to be indexed anew.

        Returns segments whose files may now go. Raises DocumentNotFound.
        """
        with self._database.writing() as transaction:
            row = _row(transaction, document_id)
            raise_generation(transaction, row.collection_id)
            unused_segments = _delete(transaction, row)
            document = replace(
                document_of(row),
                verdict=Verdict.FAILED,
                error=reason,
                first_page_id=None,
                degraded=None,
            )
            _insert(transaction, document)
        return unused_segments

    def mark_degraded(self, document_id: str, reason: str | None) -> None:
        """Say what is lost of a document that stays searchable; None: nothing any more."""
        with self._database.writing() as transaction:
            transaction.execute(
                update(documents).where(documents.c.id == document_id).values(degraded=reason)
            )


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


class _AlreadyIndexed(Exception):
    """Somebody else's document of the same bytes stays; undoes the transaction."""


def _make_way(
    transaction: Transaction, document: Document, *, was_shown: bool = False
) -> list[SegmentRecord]:
    """Delete what the same bytes have so far, for `document` to take its place.

    Returns segments that are not needed any more. Raises _AlreadyIndexed, and DocumentNotFound when
    `document` was there before (`was_shown`) and is not.
    """
    row = _row_of_bytes(transaction, document.collection_id, document.sha256)
    if was_shown and (row is None or row.first_page_id is None):
        raise DocumentNotFound(f"{document.name} was deleted while it was being indexed")
    if row is None:
        return []
    is_unfinished = row.verdict == Verdict.INDEXING.value
    may_replace = row.id == document.id or document.verdict is not Verdict.INDEXING
    if row.first_page_id is not None and not (is_unfinished and may_replace):
        raise _AlreadyIndexed
    return _delete(transaction, row)


def _row(transaction: Transaction, document_id: str) -> Row[Any]:
    row = transaction.execute(select(documents).where(documents.c.id == document_id)).first()
    if row is None:
        raise DocumentNotFound(f"no document {document_id!r}")
    return row


def _row_of_bytes(transaction: Transaction, collection_id: str, sha256: str) -> Row[Any] | None:
    return transaction.execute(
        select(documents).where(
            documents.c.collection_id == collection_id, documents.c.sha256 == sha256
        )
    ).first()


def _insert(transaction: Transaction, document: Document, segment: str | None = None) -> None:
    transaction.execute(insert(documents).values(**document_values(document), segment=segment))


def _delete(transaction: Transaction, row: Row[Any]) -> list[SegmentRecord]:
    """Delete one document, and its segment when no other document stands in it."""
    delete_documents(transaction, documents.c.id == row.id)
    unused_segments = delete_unused_segment(transaction, row.segment)
    if row.segment is not None and not unused_segments:
        schedule(transaction, RemovalKind.VECTORS, row.collection_id, [row.segment])
    return unused_segments
