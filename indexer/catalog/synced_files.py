"""Files of places that a collection is kept in step with: what is remembered of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select

from indexer.base.verdicts import Verdict
from indexer.catalog.collections import raise_generation
from indexer.catalog.column_values import new_id
from indexer.catalog.database import Database, Transaction
from indexer.catalog.document_rows import delete_named
from indexer.catalog.names import rename
from indexer.catalog.tables import documents, synced_files
from indexer.storage.segments import SegmentRecord


@dataclass(frozen=True, slots=True)
class SyncedFile:
    """A file as it was when it was last in step.

    folder, path  which folder, whole, or the address of a bucket; and the path below it
    name          of its document
    sha256        "" of an object that was never read
    n_bytes, modified_ns, changed_ns, device, entity_tag  what the file system, or the bucket, said of it
    """

    folder: str
    path: str
    name: str
    sha256: str
    n_bytes: int
    modified_ns: int
    changed_ns: int
    device: int
    entity_tag: str = ""


class SyncedFiles:
    """The files in step of all collections. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_collection(self, collection_id: str) -> list[SyncedFile]:
        """Return the files of every place, by their paths."""
        query = select(synced_files).where(synced_files.c.collection_id == collection_id)
        with self._database.reading() as transaction:
            rows = transaction.execute(query.order_by(synced_files.c.folder, synced_files.c.path))
            return [_file_of(row) for row in rows]

    def contents(self, collection_id: str) -> set[str]:
        """Return the SHA-256 of what the collection has indexed wholly, or has refused."""
        query = select(documents.c.sha256).where(
            documents.c.collection_id == collection_id,
            documents.c.verdict != Verdict.INDEXING.value,
        )
        with self._database.reading() as transaction:
            return set(transaction.execute(query).scalars())

    def keep(self, collection_id: str, files: Iterable[SyncedFile]) -> None:
        """Remember files as they are now."""
        with self._database.writing() as transaction:
            for file in files:
                _keep(transaction, collection_id, file)

    def rename(self, collection_id: str, old: SyncedFile, new: SyncedFile) -> None:
        """Let the documents of a file, all its versions, go by its new name. Raises CollectionNotFound."""
        with self._database.writing() as transaction:
            raise_generation(transaction, collection_id)
            rename(transaction, collection_id, old.name, new.name)
            transaction.execute(delete(synced_files).where(*_is_row_of(collection_id, old)))
            _keep(transaction, collection_id, new)

    def remove(self, collection_id: str, file: SyncedFile) -> list[SegmentRecord]:
        """Forget a file that is gone, with its documents, all its versions; returns segments that may go.

        Where it was never read, documents of its name are another's. Raises CollectionNotFound.
        """
        of_bytes = (documents.c.collection_id == collection_id, documents.c.sha256 == file.sha256)
        with self._database.writing() as transaction:
            raise_generation(transaction, collection_id)
            unused_segments: list[SegmentRecord] = []
            if transaction.execute(select(documents.c.id).where(*of_bytes)).first() is not None:
                unused_segments = delete_named(transaction, collection_id, file.name)
            transaction.execute(delete(synced_files).where(*_is_row_of(collection_id, file)))
        return unused_segments


def forget_synced_files(transaction: Transaction, collection_id: str) -> None:
    """Forget all files of a collection that is gone."""
    transaction.execute(delete(synced_files).where(synced_files.c.collection_id == collection_id))


def _keep(transaction: Transaction, collection_id: str, file: SyncedFile) -> None:
    transaction.execute(delete(synced_files).where(*_is_row_of(collection_id, file)))
    values = asdict(file) | {"id": new_id(), "collection_id": collection_id}
    transaction.execute(insert(synced_files).values(values))


def _is_row_of(collection_id: str, file: SyncedFile) -> tuple[ColumnElement[bool], ...]:
    return (
        synced_files.c.collection_id == collection_id,
        synced_files.c.folder == file.folder,
        synced_files.c.path == file.path,
    )


def _file_of(row: Row[Any]) -> SyncedFile:
    return SyncedFile(**{name: getattr(row, name) for name in SyncedFile.__dataclass_fields__})
