"""Segments that the catalog names: where the vectors of its pages stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update

from indexer.catalog.collections import raise_generation
from indexer.catalog.database import Database, Transaction
from indexer.catalog.removals import RemovalKind, schedule
from indexer.catalog.tables import documents, segments
from indexer.storage.segments import SegmentRecord, StoredFile


class Segments:
    """The segments of all collections. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[SegmentRecord]:
        """Return every segment of every collection."""
        with self._database.reading() as transaction:
            return [segment_of(row) for row in transaction.execute(select(segments))]

    def of_collection(self, collection_id: str) -> list[SegmentRecord]:
        """Return the segments of a collection that are searched."""
        with self._database.reading() as transaction:
            return segments_of_collection(transaction, collection_id)

    def find(self, name: str) -> SegmentRecord | None:
        """Return the segment, None where it was merged or deleted."""
        with self._database.reading() as transaction:
            row = transaction.execute(select(segments).where(segments.c.name == name)).first()
        return None if row is None else segment_of(row)

    def keep_files(self, segment: SegmentRecord) -> None:
        """Remember the files of a segment anew, unless it is gone."""
        files = segment_values(segment)["files"]
        with self._database.writing() as transaction:
            transaction.execute(
                update(segments).where(segments.c.name == segment.name).values(files=files)
            )

    def replace(self, old: Sequence[SegmentRecord], new: SegmentRecord) -> bool:
        """Put `new`, which holds the live pages of `old`, in their place: a compaction's commit point.

        Returns False, and changes nothing, when one of them is gone or no document stands in them any
        more. Raises CollectionNotFound when the collection was deleted meanwhile.
        """
        names = [segment.name for segment in old]
        with self._database.writing() as transaction:
            raise_generation(transaction, new.collection_id)
            n_segments = select(func.count()).where(segments.c.name.in_(names))
            n_documents = select(func.count()).where(documents.c.segment.in_(names))
            if (
                transaction.execute(n_segments).scalar_one() != len(names)
                or not transaction.execute(n_documents).scalar_one()
            ):
                return False
            insert_segment(transaction, new)
            transaction.execute(
                update(documents).where(documents.c.segment.in_(names)).values(segment=new.name)
            )
            _delete(transaction, segments.c.name.in_(names))
        return True


def segment_values(segment: SegmentRecord) -> dict[str, Any]:
    files = {name: asdict(file) for name, file in segment.files.items()}
    return {
        "name": segment.name,
        "collection_id": segment.collection_id,
        "n_pages": segment.n_pages,
        "n_vectors": segment.n_vectors,
        "dim": segment.dim,
        "files": files,
    }


def segment_of(row: Row[Any]) -> SegmentRecord:
    return SegmentRecord(
        collection_id=row.collection_id,
        name=row.name,
        n_pages=row.n_pages,
        n_vectors=row.n_vectors,
        dim=row.dim,
        files={name: StoredFile(**file) for name, file in row.files.items()},
    )


def segments_of_collection(transaction: Transaction, collection_id: str) -> list[SegmentRecord]:
    """Return those that are searched."""
    return _segments_of(transaction, collection_id, is_shadow=False)


def shadow_segments_of_collection(
    transaction: Transaction, collection_id: str
) -> list[SegmentRecord]:
    """Return those of the index beside the one that is searched."""
    return _segments_of(transaction, collection_id, is_shadow=True)


def _segments_of(
    transaction: Transaction, collection_id: str, *, is_shadow: bool
) -> list[SegmentRecord]:
    of_index = segments.c.collection_id == collection_id, segments.c.is_shadow == is_shadow
    return [segment_of(row) for row in transaction.execute(select(segments).where(*of_index))]


def insert_segment(
    transaction: Transaction, segment: SegmentRecord, *, is_shadow: bool = False
) -> None:
    transaction.execute(insert(segments).values(**segment_values(segment), is_shadow=is_shadow))


def delete_shadow_segments(
    transaction: Transaction, collection_id: str, names: Collection[str] | None = None
) -> list[SegmentRecord]:
    """Delete segments of the index beside, whose files may go then; returns them. `names`: only these."""
    of_index = segments.c.collection_id == collection_id, segments.c.is_shadow
    if names is None:
        return _delete(transaction, *of_index)
    return _delete(transaction, *of_index, segments.c.name.in_(names))


def delete_segments_of_collection(
    transaction: Transaction, collection_id: str
) -> list[SegmentRecord]:
    """Delete the segments of a collection, whose files may go then; returns them."""
    return _delete(transaction, segments.c.collection_id == collection_id)


def delete_unused_segment(transaction: Transaction, name: str) -> list[SegmentRecord]:
    """Delete the segment, whose files may go then, unless a document stands in it; returns it."""
    stands_there = or_(documents.c.segment == name, documents.c.shadow_segment == name)
    standing = select(documents.c.id).where(stands_there)
    return _delete(transaction, segments.c.name == name, ~standing.exists())


def _delete(transaction: Transaction, *conditions: ColumnElement[bool]) -> list[SegmentRecord]:
    rows = transaction.execute(delete(segments).where(*conditions).returning(*segments.c))
    unused_segments = [segment_of(row) for row in rows]
    for segment in unused_segments:
        schedule(transaction, RemovalKind.SEGMENT, segment.collection_id, [segment.name])
    return unused_segments
