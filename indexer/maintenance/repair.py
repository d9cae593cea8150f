"""Makes the data folder agree with the catalog: indexes anew what is damaged, moves garbage to quarantine.

Nothing is removed of which another copy is not at hand. An original stays where it is, damaged or not; a
document without one stays searchable and is marked as degraded.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from indexer.base.errors import DataFolderBusy, DocumentNotFound, StorageError, Unreadable
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import WITHDRAWN, DocumentError
from indexer.inputs.sources import Source
from indexer.maintenance.garbage import find_garbage, has_unnamed_segments, move_garbage
from indexer.maintenance.pairing import Pairing
from indexer.maintenance.reclaiming import Reclaimer
from indexer.maintenance.verification import Report, Verifier
from indexer.storage.segments import SegmentRecord
from indexer.stores import Stores

_log = logging.getLogger(__name__)


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
        self._pairing = Pairing(stores, database)
        self._reclaimer = Reclaimer(stores, database)

    def verify(self, *, deep: bool = False) -> Report:
        """As `Verifier.verify`; documents are marked as degraded, or as whole again, by what it saw."""
        report = self._verifier.verify(deep=deep)
        for degradation in report.degradations:
            document, reason = degradation.document, degradation.reason
            if reason != document.degraded and (
                reason or deep
            ):  # a look at sizes alone heals nothing
                self._stores.catalog.documents.mark_degraded(document.id, reason)
        return report

    def repair(self, report: Report, *, force: bool = False) -> list[ReindexTask]:
        """Withdraw damaged documents, move garbage to quarantine; returns what must be indexed anew.

        force  move it also when it is most of what is stored

        Raises DataFolderBusy when another process is writing, CatalogMismatch, StorageError.
        """
        self._reclaimer.remove_deleted()
        with self._stores.folder.sweeping():
            self._pairing.require()
            for document_id in {f.document_id for f in report.faults if f.document_id}:
                faults = [f for f in report.faults if f.document_id == document_id]
                if not all(fault.of_original for fault in faults):
                    self._withdraw(document_id, faults[0].message)
            for record in report.damaged_shadows:
                self._stores.drop_shadow_segments(record.collection_id, [record.name])
            for document in self._verifier.partial_documents():
                self._withdraw(document.id, "its ingest broke off")
            for collection in self._stores.catalog.collections.all():
                self._stores.remove_segments(
                    self._stores.catalog.documents.delete_orphans(collection.id)
                )
            for record in self._stores.catalog.segments.all():
                with suppress(Unreadable):  # the report says so
                    self._stores.derived_data.drop_damaged(record)
            garbage = find_garbage(self._stores)
            if force or not garbage.is_most:
                move_garbage(self._stores, garbage)
                self._remove_remains()
        self._reclaimer.remove_deleted()
        self._stores.catalog.page_index.mend()
        return self._reindex_tasks()

    def sweep(self) -> None:
        """Move aside what crashed writers left, unless somebody is writing right now.

        Raises CatalogMismatch, StorageError.
        """
        self._pairing.require()
        with suppress(DataFolderBusy), self._stores.folder.sweeping():
            if has_unnamed_segments(self._stores):
                garbage = find_garbage(self._stores)
                if garbage.is_most:
                    _log.warning(
                        "%d of %d stored files are named by nothing in the catalog: none was moved; "
                        "`pagesight verify` says more",
                        len(garbage),
                        garbage.n_stored,
                    )
                    return
                try:
                    move_garbage(self._stores, garbage, blobs=False)
                except StorageError as error:  # a full disk: it harms nothing where it is
                    _log.warning("garbage stays where it is: %s", error)
            self._remove_remains()

    def _remove_remains(self) -> None:
        """Remove what can be made anew or was never whole: derived data of no segment, staged files."""
        stores = self._stores
        names = {(record.collection_id, record.name) for record in stores.catalog.segments.all()}
        for collection_id, name in set(stores.derived_data.entries()) - names:
            stores.derived_data.remove(collection_id, name)
        collection_ids = {collection.id for collection in stores.catalog.collections.all()}
        for collection_id in set(stores.derived_data.collections()) - collection_ids:
            stores.derived_data.remove_collection(collection_id)
        stores.folder.sweep_staging()

    def _withdraw(self, document_id: str, message: str) -> None:
        """Take out a document that can be indexed anew; one that cannot stays as it is."""
        catalog = self._stores.catalog
        reason = DocumentError(WITHDRAWN, f"withdrawn to be indexed anew: {message}")
        with suppress(DocumentNotFound):  # deleted since it was seen to be damaged
            sha256 = catalog.documents.get(document_id).sha256
            try:
                can_be_made_anew = self._stores.originals.intact(sha256, deep=True)
            except StorageError as error:
                _log.warning("not repaired: %s", error)
                return
            if can_be_made_anew:
                self._set_aside(catalog.documents.withdraw(document_id, reason), message)

    def _set_aside(self, segments: Sequence[SegmentRecord], reason: str) -> None:
        """Keep what is left of segments in quarantine until the documents are indexed anew."""
        for record in segments:
            folder = self._stores.vectors.folder_of(record.collection_id, record.name)
            if folder is not None:
                self._stores.quarantine.move([folder], f"damaged, to be made anew: {reason}")
        self._stores.remove_segments(segments)

    def _reindex_tasks(self) -> list[ReindexTask]:
        """Return a task for each document that was withdrawn, now or before."""
        originals = self._stores.originals
        return [
            ReindexTask(
                collection,
                Source(
                    originals.local_path(document.sha256),
                    document.name,
                    media_type=document.media_type,
                ),
            )
            for collection, document in self._stores.catalog.withdrawn()
        ]
