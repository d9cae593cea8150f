"""The catalog: the truth about what exists. Files are only bytes.

Each repository runs the transactions of its noun; those that belong to no single noun are here. A
transaction that needs the tables of several nouns calls functions that it hands itself to.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import delete, select, union

from indexer.base.errors import CollectionNotFound
from indexer.catalog.collections import Collection, Collections, find_collection
from indexer.catalog.database import Database, Transaction
from indexer.catalog.document_records import Document
from indexer.catalog.document_rows import (
    delete_documents,
    searchable_documents,
    withdrawn_documents,
)
from indexer.catalog.documents import Documents
from indexer.catalog.full_text.page_index import PageIndex
from indexer.catalog.names import forget_names_of_collection, given_names
from indexer.catalog.pages import Pages
from indexer.catalog.properties import forget_properties_of_collection, with_properties
from indexer.catalog.reencodings import (
    Reencodings,
    require_reencoding,
    shadow_segments_by_document,
)
from indexer.catalog.removals import RemovalKind, Removals, named_originals, schedule_blobs
from indexer.catalog.segments import (
    Segments,
    delete_segments_of_collection,
    segments_of_collection,
    shadow_segments_of_collection,
)
from indexer.catalog.side_files import SideFiles
from indexer.catalog.synced_files import SyncedFiles, forget_synced_files
from indexer.catalog.tables import collections, documents, jobs, pages
from indexer.catalog.versions import named_documents
from indexer.storage.segments import SegmentRecord


@dataclass(frozen=True, slots=True)
class CollectionSnapshot:
    """What a search of one collection may see: read in one transaction, valid for its generation.

    documents  each with the names it goes by
    withdrawn  documents that belong to it but are not in it, until they are indexed anew
    current    the documents without those of which there is a newer version
    """

    collection: Collection
    documents: tuple[Document, ...]
    segments: tuple[SegmentRecord, ...]
    withdrawn: tuple[Document, ...] = ()
    current: tuple[Document, ...] = field(init=False)

    def __post_init__(self) -> None:
        current = tuple(document for document in self.documents if document.is_current)
        object.__setattr__(self, "current", current)


class Catalog:
    """The repositories of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.collections = Collections(database)
        self.documents = Documents(database)
        self.pages = Pages(database)
        self.page_index = PageIndex(database)
        self.segments = Segments(database)
        self.synced_files = SyncedFiles(database)
        self.side_files = SideFiles(database)
        self.removals = Removals(database)
        self.reencodings = Reencodings(database)

    def snapshot(self, name: str) -> CollectionSnapshot:
        """Return all that a search of the collection needs, in one consistent view.

        Raises CollectionNotFound.
        """
        collection_id = self.collections.get(name).id
        with self._database.reading() as transaction:
            collection = find_collection(transaction, collection_id)
            if collection is None:
                raise CollectionNotFound(f"no collection {name!r}")
            documents_in_use = _documents_in_use(transaction, collection_id)
            return CollectionSnapshot(
                collection,
                tuple(row for row in documents_in_use if row.first_page_id is not None),
                tuple(segments_of_collection(transaction, collection_id)),
                tuple(row for row in documents_in_use if row.first_page_id is None),
            )

    def shadow_snapshot(self, name: str) -> CollectionSnapshot:
        """Return the index beside the one that is searched, as a search of it would see it.

        Raises CollectionNotFound, CannotReencode where there is none.
        """
        collection_id = self.collections.get(name).id
        with self._database.reading() as transaction:
            collection = find_collection(transaction, collection_id)
            if collection is None:
                raise CollectionNotFound(f"no collection {name!r}")
            fingerprint = require_reencoding(transaction, collection).fingerprint
            shadow_segment_of = shadow_segments_by_document(transaction, collection_id)
            return CollectionSnapshot(
                replace(collection, fingerprint=fingerprint),
                tuple(
                    replace(document, segment=shadow_segment_of[document.id])
                    for document in _documents_in_use(transaction, collection_id)
                    if document.id in shadow_segment_of
                ),
                tuple(shadow_segments_of_collection(transaction, collection_id)),
            )

    def withdrawn(self) -> list[tuple[Collection, Document]]:
        """Return every document that is to be indexed anew, with its collection, by their names."""
        with self._database.reading() as transaction:
            pairs = [
                (collection, document)
                for document in withdrawn_documents(transaction)
                if (collection := find_collection(transaction, document.collection_id)) is not None
            ]
        return sorted(pairs, key=lambda pair: (pair[0].name, pair[1].name, pair[1].id))

    def delete_collection(self, name: str) -> list[SegmentRecord]:
        """Forget a collection, its jobs and all in it; returns segments whose files may now go.

        Raises CollectionNotFound.
        """
        collection_id = self.collections.get(name).id
        with self._database.writing() as transaction:
            # Locked first: an upload or a commit comes wholly before this, or finds it gone.
            transaction.execute(
                select(collections.c.id).where(collections.c.id == collection_id).with_for_update()
            )
            delete_documents(transaction, documents.c.collection_id == collection_id)
            forget_names_of_collection(transaction, collection_id)
            forget_properties_of_collection(transaction, collection_id)
            forget_synced_files(transaction, collection_id)
            uploads = select(jobs.c.sha256).where(jobs.c.collection_id == collection_id)
            schedule_blobs(transaction, RemovalKind.ORIGINAL, uploads.distinct())
            transaction.execute(delete(jobs).where(jobs.c.collection_id == collection_id))
            unused_segments = delete_segments_of_collection(transaction, collection_id)
            transaction.execute(delete(collections).where(collections.c.id == collection_id))
        return unused_segments

    def named_blobs(self) -> tuple[set[str], set[str]]:
        """Return (SHA-256 of every original, SHA-256 of every page image) that the catalog needs."""
        with self._database.reading() as transaction:
            originals = transaction.execute(union(*named_originals())).scalars()
            images = transaction.execute(select(pages.c.image_sha256)).scalars()
            return set(originals), set(images)


def _documents_in_use(transaction: Transaction, collection_id: str) -> list[Document]:
    """Return the searchable and the withdrawn documents, with properties and the names they go by."""
    of_collection = searchable_documents(transaction, collection_id)
    of_collection += withdrawn_documents(transaction, collection_id)
    return list(
        named_documents(
            with_properties(transaction, collection_id, of_collection, whole_collection=True),
            given_names(transaction, collection_id),
        )
    )
