"""The index beside the one that is searched: by the encoder that a collection is to have, or had before.

A document stands in both, in a segment each, under the same ids of itself and its pages. The swap
exchanges the two in one transaction, in which the collection gets the other encoder: a search sees the one
or the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, not_, select, update

from indexer.base.errors import CannotReencode, CollectionNotFound
from indexer.catalog.collections import Collection, find_collection, raise_generation
from indexer.catalog.database import Database, Transaction
from indexer.catalog.document_records import Document, document_of
from indexer.catalog.removals import RemovalKind, schedule
from indexer.catalog.segments import (
    delete_shadow_segments,
    insert_segment,
    shadow_segments_of_collection,
)
from indexer.catalog.tables import collections, documents, pages, reencodings, segments
from indexer.encoders.base import EncoderFingerprint
from indexer.storage.segments import SegmentRecord


@dataclass(frozen=True, slots=True)
class Reencoding:
    """The index beside that of a collection.

    was_searched  it is what was searched before the last swap; otherwise it is on its way
    """

    fingerprint: EncoderFingerprint
    was_searched: bool


class Reencodings:
    """The indexes beside those of all collections. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, collection_id: str) -> Reencoding | None:
        """Return the index beside that of a collection, None where there is none."""
        with self._database.reading() as transaction:
            return find_reencoding(transaction, collection_id)

    def begin(self, collection: Collection, fingerprint: EncoderFingerprint) -> None:
        """Begin an index by another encoder, or go on with it. Raises CannotReencode, CollectionNotFound."""
        with self._database.writing() as transaction:
            current = _held_collection(transaction, collection.id)
            if current.fingerprint == fingerprint:
                raise CannotReencode(f"collection {current.name!r} was indexed by {fingerprint}")
            reencoding = find_reencoding(transaction, collection.id)
            if reencoding is None:
                transaction.execute(
                    insert(reencodings).values(
                        collection_id=collection.id, fingerprint=fingerprint.to_dict()
                    )
                )
            elif reencoding.fingerprint != fingerprint:
                raise CannotReencode(
                    f"beside {current.name!r} there is an index by {reencoding.fingerprint}: "
                    f"`pagesight reencode -c {current.name} --drop` removes it"
                )

    def segments(self, collection_id: str) -> list[SegmentRecord]:
        """Return the segments of the index beside."""
        with self._database.reading() as transaction:
            return shadow_segments_of_collection(transaction, collection_id)

    def waiting(self, collection_id: str) -> list[Document]:
        """Return the searchable documents that do not stand in the index beside, in the order of their pages.

        Those that are being indexed are among them.
        """
        query = select(documents).where(*_waiting(collection_id))
        with self._database.reading() as transaction:
            rows = transaction.execute(query.order_by(documents.c.first_page_id))
            return [document_of(row) for row in rows]

    def add(
        self,
        segment: SegmentRecord,
        fingerprint: EncoderFingerprint,
        standing: Sequence[Document],
        n_vectors: Mapping[int, int],
    ) -> None:
        """Let documents stand in a new segment of the index beside: a step's commit point.

        Documents that were read anew or merged into another segment since they were looked up are left
        waiting.

        n_vectors  by page id

        Raises CannotReencode where the index was dropped or swapped meanwhile, CollectionNotFound.
        """
        stands_there = (
            update(documents)
            .where(
                documents.c.id == bindparam("of_id"), documents.c.segment == bindparam("of_segment")
            )
            .values(shadow_segment=segment.name)
        )
        vector_counts = (
            update(pages)
            .where(pages.c.id == bindparam("of_page"))
            .values(shadow_n_vectors=bindparam("n"))
        )
        with self._database.writing() as transaction:
            _held_collection(transaction, segment.collection_id)
            reencoding = find_reencoding(transaction, segment.collection_id)
            if reencoding is None or reencoding.fingerprint != fingerprint:
                raise CannotReencode("the index beside was dropped or swapped meanwhile")
            insert_segment(transaction, segment, is_shadow=True)
            transaction.execute(
                stands_there, [{"of_id": d.id, "of_segment": d.segment} for d in standing]
            )
            transaction.execute(
                vector_counts, [{"of_page": id, "n": n} for id, n in n_vectors.items()]
            )

    def swap(self, collection_id: str) -> bool:
        """Let the index beside be searched, and the other stand beside it: the commit point.

        The vectors of before count as deleted from now on, so that they go in the same time as those of
        deleted pages. Returns False, and changes nothing, while a searchable document does not stand in
        the index beside. Raises CannotReencode, CollectionNotFound.
        """
        of_collection = documents.c.collection_id == collection_id
        with self._database.writing() as transaction:
            raise_generation(transaction, collection_id)
            current = _held_collection(transaction, collection_id)
            reencoding = require_reencoding(transaction, current)
            if transaction.execute(select(documents.c.id).where(*_waiting(collection_id))).first():
                return False
            transaction.execute(
                update(collections)
                .where(collections.c.id == collection_id)
                .values(fingerprint=reencoding.fingerprint.to_dict())
            )
            transaction.execute(
                update(reencodings)
                .where(reencodings.c.collection_id == collection_id)
                .values(fingerprint=current.fingerprint.to_dict(), swapped_at=datetime.now(UTC))
            )
            _exchange(transaction, documents, of_collection, "segment", "shadow_segment")
            of_documents = pages.c.document_id.in_(select(documents.c.id).where(of_collection))
            _exchange(transaction, pages, of_documents, "n_vectors", "shadow_n_vectors")
            of_segments = segments.c.collection_id == collection_id
            transaction.execute(
                update(segments).where(of_segments).values(is_shadow=not_(segments.c.is_shadow))
            )
            shadows = shadow_segments_of_collection(transaction, collection_id)
            schedule(transaction, RemovalKind.VECTORS, collection_id, [s.name for s in shadows])
        return True

    def drop(self, collection_id: str) -> list[SegmentRecord]:
        """Forget the index beside; returns segments whose files may now go. Raises CannotReencode."""
        with self._database.writing() as transaction:
            require_reencoding(transaction, _held_collection(transaction, collection_id))
            raise_generation(transaction, collection_id)
            return _drop(transaction, collection_id)

    def drop_segments(self, collection_id: str, names: Sequence[str]) -> list[SegmentRecord]:
        """Take segments out of the index beside; their documents wait again, or it is gone with its last.

        Returns those whose files may now go.
        """
        with self._database.writing() as transaction:
            reencoding = find_reencoding(transaction, collection_id)
            dropped_segments = delete_shadow_segments(transaction, collection_id, names)
            stands_there = documents.c.shadow_segment.in_(
                segment.name for segment in dropped_segments
            )
            transaction.execute(update(documents).where(stands_there).values(shadow_segment=None))
            if not dropped_segments:
                return []
            raise_generation(transaction, collection_id)
            is_empty = not shadow_segments_of_collection(transaction, collection_id)
            if is_empty and reencoding is not None and reencoding.was_searched:
                _drop(transaction, collection_id)
        return dropped_segments


def find_reencoding(transaction: Transaction, collection_id: str) -> Reencoding | None:
    of_collection = reencodings.c.collection_id == collection_id
    row = transaction.execute(select(reencodings).where(of_collection)).first()
    if row is None:
        return None
    return Reencoding(EncoderFingerprint.from_dict(row.fingerprint), row.swapped_at is not None)


def require_reencoding(transaction: Transaction, collection: Collection) -> Reencoding:
    """Return the index beside that of a collection. Raises CannotReencode where there is none."""
    reencoding = find_reencoding(transaction, collection.id)
    if reencoding is None:
        raise CannotReencode(
            f"there is no index beside {collection.name!r}: "
            f"`pagesight reencode -c {collection.name} --encoder NAME` makes one"
        )
    return reencoding


def shadow_segments_by_document(transaction: Transaction, collection_id: str) -> dict[str, str]:
    """Return, by the id of each document that stands in the index beside, its segment there."""
    query = select(documents.c.id, documents.c.shadow_segment).where(
        documents.c.collection_id == collection_id, documents.c.shadow_segment.is_not(None)
    )
    return {row.id: row.shadow_segment for row in transaction.execute(query)}


def _waiting(collection_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        documents.c.collection_id == collection_id,
        documents.c.first_page_id.is_not(None),
        documents.c.shadow_segment.is_(None),
    )


def _held_collection(transaction: Transaction, collection_id: str) -> Collection:
    """Return the collection, which nobody changes until the transaction ends. Raises CollectionNotFound."""
    of_id = collections.c.id == collection_id
    transaction.execute(select(collections.c.id).where(of_id).with_for_update())
    collection = find_collection(transaction, collection_id)
    if collection is None:
        raise CollectionNotFound("the collection was deleted meanwhile")
    return collection


def _exchange(
    transaction: Transaction,
    table: Table,
    rows: ColumnElement[bool],
    column: str,
    shadow_column: str,
) -> None:
    values = {column: table.c[shadow_column], shadow_column: table.c[column]}
    transaction.execute(update(table).where(rows).values(values))


def _drop(transaction: Transaction, collection_id: str) -> list[SegmentRecord]:
    of_collection = documents.c.collection_id == collection_id
    transaction.execute(update(documents).where(of_collection).values(shadow_segment=None))
    transaction.execute(delete(reencodings).where(reencodings.c.collection_id == collection_id))
    return delete_shadow_segments(transaction, collection_id)
