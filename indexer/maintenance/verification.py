"""Compares what the catalog says with what the data folder holds. Reads only.

What must be true of a data folder (the numbers are used in the faults):
  1  every segment, original and page image that the catalog names is there, byte for byte
  2  every page of the catalog stands in its document's segment, with as many vectors as the catalog says
  3  the database passes its own integrity check
  4  the bytes of every file that waits in the queue are there
Files that nothing names are garbage: a crash leaves them, they harm nothing, `repair` moves them to
quarantine. What cannot be read now is neither whole nor damaged, and `repair` leaves it alone. A document
whose original is lost stays searchable: it is degraded, until the same file is ingested again. A document
that stopped growing is left by a crash, too: its job, or `repair`, indexes it anew. Derived data that is
damaged is garbage too: it is made anew from the truth.

All this holds beside writers, compactors and deletions, whose work is neither damage nor missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from indexer.base.errors import CollectionNotFound, DamagedFile, Unreadable
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import Document, Page
from indexer.catalog.jobs.queue import JobQueue
from indexer.maintenance.garbage import find_garbage
from indexer.maintenance.page_places import misplaced_documents
from indexer.storage.blobs import BlobStore
from indexer.storage.segments import SegmentRecord
from indexer.stores import Stores

_MAX_REASONS = 3  # that the mark of a degraded document tells


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must be true and is not; `document_id` is None when it is no document's own.

    of_original  it is the original that is lost: nothing can be made from it anew
    """

    message: str
    document_id: str | None = None
    collection: str | None = None
    of_original: bool = False


@dataclass(frozen=True, slots=True)
class Degradation:
    """What is lost of a document that stays searchable; `reason` is None when nothing is any more."""

    document: Document
    reason: str | None


@dataclass(slots=True)
class Report:
    """What `verify` has seen. `clean` is about damage; garbage does not count.

    unreadable       what could not be read now, so that nobody knows
    degradations     of documents, as they are now
    garbage_is_most  it is so much that `repair` moves it only when a person says so
    damaged_shadows  segments of indexes that are not searched: they are dropped, and encoded again
    """

    n_documents: int = 0
    n_pages: int = 0
    n_vectors: int = 0
    faults: list[Fault] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    degradations: list[Degradation] = field(default_factory=list)
    garbage: list[str] = field(default_factory=list)
    garbage_is_most: bool = False
    damaged_shadows: list[SegmentRecord] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.faults and not self.unreadable

    @property
    def degraded_documents(self) -> list[tuple[Document, str]]:
        """The documents of which something is lost, each with what it is."""
        return [(loss.document, loss.reason) for loss in self.degradations if loss.reason]


class Verifier:
    """Verifies one data folder."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._database = database

    def verify(self, *, deep: bool = False) -> Report:
        """Check every rule above; `deep` reads every byte, else sizes and counts decide."""
        report = Report(faults=[Fault(message) for message in self._database.faults()])
        for collection in self._stores.catalog.collections.all():
            with suppress(CollectionNotFound):  # deleted meanwhile
                self._verify_collection(collection, report, deep=deep)
        for name, sha256 in JobQueue(self._database).waiting_originals():
            if not self._is_intact(report, self._stores.originals, sha256, deep=deep):
                message = (
                    f"{name}: the uploaded bytes are missing or damaged, upload the file again"
                )
                report.faults.append(Fault(message))
        self._look_for_garbage(report, deep=deep)
        return report

    # -- garbage -----------------------------------------------------------------------------------

    def _look_for_garbage(self, report: Report, *, deep: bool) -> None:
        garbage = find_garbage(self._stores)
        report.garbage_is_most = garbage.is_most
        report.garbage = [str(path) for path in garbage.blobs]
        report.garbage += [f"segment {name}" for _, name in garbage.segments]
        report.garbage += [
            f"{document.name}: half indexed" for document in self.partial_documents()
        ]
        if deep:
            for record in self._stores.catalog.segments.all():
                try:
                    report.garbage += self._stores.derived_data.check(record)
                except Unreadable as error:
                    report.unreadable.append(str(error))

    def partial_documents(self) -> list[Document]:
        """Return the documents of which only the first pages were committed."""
        return [
            document
            for collection in self._stores.catalog.collections.all()
            for document in self._stores.catalog.documents.of_collection(collection.id)
            if document.verdict is Verdict.INDEXING
        ]

    # -- damage ------------------------------------------------------------------------------------

    def _verify_collection(self, collection: Collection, report: Report, *, deep: bool) -> None:
        catalog = self._stores.catalog
        snapshot = catalog.snapshot(collection.name)
        report.n_documents += len(snapshot.documents)
        segment_faults = self._segment_faults(snapshot.segments, report, deep=deep)
        shadows = catalog.reencodings.segments(collection.id)
        shadow_faults = self._segment_faults(shadows, report, deep=deep)
        report.damaged_shadows += [record for record in shadows if record.name in shadow_faults]
        report.n_vectors += sum(
            record.n_vectors for record in snapshot.segments if record.name not in segment_faults
        )
        for messages in (segment_faults | shadow_faults).values():
            report.faults += [Fault(message, None, collection.name) for message in messages]
        faults: dict[str, list[Fault]] = {}
        for document in snapshot.documents:
            pages = catalog.pages.of_document(document.id)
            report.n_pages += len(pages)
            faults[document.id] = [
                Fault(message, document.id, collection.name, of_original=of_original)
                for message, of_original in self._missing_files(document, pages, report, deep=deep)
            ]
        place_faults = misplaced_documents(self._stores, collection.name, segment_faults)
        for document_id, messages in place_faults.items():
            faults.setdefault(document_id, []).extend(
                Fault(message, document_id, collection.name) for message in messages
            )
        documents = {
            document.id: document for document in catalog.documents.of_collection(collection.id)
        }
        for document_id, document_faults in faults.items():
            if document_id in documents:  # not deleted meanwhile
                report.faults += document_faults
                reason = _degradation(document_faults)
                if reason or documents[document_id].degraded:
                    report.degradations.append(Degradation(documents[document_id], reason))

    def _segment_faults(
        self, records: Iterable[SegmentRecord], report: Report, *, deep: bool
    ) -> dict[str, list[str]]:
        """Return the faults of segments by name, without those that are merged or deleted meanwhile."""
        faults = {}
        for record in records:
            try:
                messages = self._stores.vectors.check(record, deep=deep)
                if not messages:
                    self._stores.vectors.open(record)
            except DamagedFile as error:
                messages = [str(error)]
            except Unreadable as error:
                report.unreadable.append(str(error))
                continue
            faults[record.name] = messages
        names = {record.name for record in self._stores.catalog.segments.all()}
        return {name: messages for name, messages in faults.items() if messages and name in names}

    def _missing_files(
        self, document: Document, pages: Iterable[Page], report: Report, *, deep: bool
    ) -> Iterator[tuple[str, bool]]:
        """Yield what is missing or damaged of a document, and whether it is the original."""
        stores, n_bytes = self._stores, document.n_bytes
        if not self._is_intact(
            report, stores.originals, document.sha256, deep=deep, n_bytes=n_bytes
        ):
            yield f"{document.name}: the original is missing or damaged", True
        for page in pages:
            if not self._is_intact(report, stores.images, page.image_sha256, deep=deep):
                where = f"{document.name} {page.name}"
                yield f"{where}: the page image is missing or damaged", False

    def _is_intact(
        self,
        report: Report,
        store: BlobStore,
        sha256: str,
        *,
        deep: bool,
        n_bytes: int | None = None,
    ) -> bool:
        """As `BlobStore.intact`; what cannot be read now is no fault, and goes into the report."""
        try:
            return store.intact(sha256, deep=deep, n_bytes=n_bytes)
        except Unreadable as error:
            report.unreadable.append(str(error))
            return True


def _degradation(faults: Sequence[Fault]) -> str | None:
    """Say what is lost of a document with its original; without that loss all can be repaired."""
    if not any(fault.of_original for fault in faults):
        return None
    return "; ".join(fault.message for fault in faults[:_MAX_REASONS])
