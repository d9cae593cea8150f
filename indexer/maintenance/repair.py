"""Makes the data folder agree with the catalog: withdraws what is damaged, removes what is garbage."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from indexer.base.errors import DataFolderBusy, DocumentNotFound
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import DocumentError
from indexer.inputs.sources import Source
from indexer.maintenance.verification import Report, Verifier
from indexer.storage.blobs import BlobStore
from indexer.stores import Stores

WITHDRAWN = "withdrawn"  # error code of a document that repair has taken out to be indexed anew


@dataclass(frozen=True, slots=True)
class ReindexTask:
    """A document that must be indexed anew, from the original that was stored."""

    collection: Collection
    source: Source


class Repairer:
    """Verifies and repairs one data folder."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._verifier = Verifier(stores, database)

    def verify(self, *, deep: bool = False) -> Report:
        """As `Verifier.verify`."""
        return self._verifier.verify(deep=deep)

    def repair(self, report: Report) -> list[ReindexTask]:
        """Withdraw damaged documents, remove garbage; returns what must be indexed anew.

        Raises DataFolderBusy when another process is writing.
        """
        with self._stores.folder.sweeping():
            for document_id in {f.document_id for f in report.faults if f.document_id}:
                messages = [f.message for f in report.faults if f.document_id == document_id]
                self._withdraw(document_id, messages[0])
            for document in self._verifier.partial_documents():
                self._withdraw(document.id, "its ingest broke off")
            self._remove_damaged_blobs()
            for record in self._stores.catalog.segments.all():
                self._stores.derived_data.drop_damaged(record)
            for path in self._verifier.unnamed_blobs():
                path.unlink()
            self._remove_unnamed()
        return self._reindex_tasks()

    def sweep(self) -> None:
        """Remove what crashed writers left half-done, unless somebody is writing right now."""
        with suppress(DataFolderBusy), self._stores.folder.sweeping():
            self._remove_unnamed()

    def _remove_unnamed(self) -> None:
        """Remove segments, derived data and staged files that the catalog does not name."""
        stores = self._stores
        for collection_id, name in self._verifier.unnamed_segments():
            stores.vectors.remove(collection_id, name)
        names = {(record.collection_id, record.name) for record in stores.catalog.segments.all()}
        for collection_id, name in set(stores.derived_data.entries()) - names:
            stores.derived_data.remove(collection_id, name)
        collection_ids = {collection.id for collection in stores.catalog.collections.all()}
        for collection_id in set(stores.derived_data.collections()) - collection_ids:
            stores.derived_data.remove_collection(collection_id)
        stores.folder.sweep_staging()

    def _remove_damaged_blobs(self) -> None:
        """Remove blobs with wrong bytes, or the right ones could not be stored under their names."""
        for store in (self._stores.originals, self._stores.images):
            _remove_damaged(store)

    def _withdraw(self, document_id: str, message: str) -> None:
        reason = DocumentError(WITHDRAWN, f"withdrawn to be indexed anew: {message}")
        with suppress(DocumentNotFound):  # deleted since it was seen to be damaged
            unused_segments = self._stores.catalog.documents.withdraw(document_id, reason)
            self._stores.remove_segments(unused_segments)

    def _reindex_tasks(self) -> list[ReindexTask]:
        """Return a task for each document that was withdrawn, now or before."""
        catalog, originals = self._stores.catalog, self._stores.originals
        return [
            ReindexTask(collection, Source(originals.path(document.sha256), document.name))
            for collection in catalog.collections.all()
            for document in catalog.documents.of_collection(collection.id)
            if document.error is not None and document.error.code == WITHDRAWN
        ]


def _remove_damaged(store: BlobStore) -> None:
    for sha256, path in store.entries():
        if not store.intact(sha256, deep=True):
            path.unlink()
