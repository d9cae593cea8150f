"""Compares what the catalog says with what the data folder holds. Reads only.

What must be true of a data folder (the numbers are used in the faults):
  1  every segment, original and page image that the catalog names is there, byte for byte
  2  every page of the catalog stands in exactly one segment, with as many vectors as the catalog says
  3  the database passes its own integrity check
  4  the bytes of every file that waits in the queue are there
Files that nothing names are garbage: a crash leaves them, they harm nothing, `repair` removes them.
A document that stopped growing is left by a crash, too: its job, or `repair`, indexes it anew.
Derived data that is damaged is garbage too: it is made anew from the truth.

All this holds beside writers, compactors and deletions, whose work is neither damage nor missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from indexer.base.errors import CollectionNotFound, DamagedFile
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import Document, Page
from indexer.catalog.jobs.queue import JobQueue
from indexer.maintenance.page_places import misplaced_documents
from indexer.storage.segments import SegmentRecord
from indexer.stores import Stores


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must be true and is not; `document_id` is None when it is no document's own."""

    message: str
    document_id: str | None = None
    collection: str | None = None


@dataclass(slots=True)
class Report:
    """What `verify` has seen. `clean` is about damage; garbage does not count."""

    n_documents: int = 0
    n_pages: int = 0
    n_vectors: int = 0
    faults: list[Fault] = field(default_factory=list)
    garbage: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.faults


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
            if not self._stores.originals.intact(sha256, deep=deep):
                message = (
                    f"{name}: the uploaded bytes are missing or damaged, upload the file again"
                )
                report.faults.append(Fault(message))
        report.garbage = [str(path) for path in self.unnamed_blobs()]
        report.garbage += [f"segment {name}" for _, name in self.unnamed_segments()]
        report.garbage += [
            f"{document.name}: half indexed" for document in self.partial_documents()
        ]
        if deep:
            for record in self._stores.catalog.segments.all():
                report.garbage += self._stores.derived_data.check(record)
        return report

    # -- garbage -----------------------------------------------------------------------------------

    def partial_documents(self) -> list[Document]:
        """Return the documents of which only the first pages were committed."""
        return [
            document
            for collection in self._stores.catalog.collections.all()
            for document in self._stores.catalog.documents.of_collection(collection.id)
            if document.verdict is Verdict.INDEXING
        ]

    def unnamed_blobs(self) -> list[Path]:
        """Return the blobs that the catalog does not name."""
        originals, images = self._stores.catalog.named_blobs()
        return [
            path
            for store, names in (
                (self._stores.originals, originals),
                (self._stores.images, images),
            )
            for sha256, path in store.entries()
            if sha256 not in names
        ]

    def unnamed_segments(self) -> set[tuple[str, str]]:
        """Return the segments that the catalog does not name, as (collection id, segment name)."""
        records = self._stores.catalog.segments.all()
        names = {(record.collection_id, record.name) for record in records}
        return set(self._stores.vectors.entries()) - names

    # -- damage ------------------------------------------------------------------------------------

    def _verify_collection(self, collection: Collection, report: Report, *, deep: bool) -> None:
        catalog = self._stores.catalog
        snapshot = catalog.snapshot(collection.name)
        report.n_documents += len(snapshot.documents)
        segment_faults = self._segment_faults(snapshot.segments, deep=deep)
        report.n_vectors += sum(
            record.n_vectors for record in snapshot.segments if record.name not in segment_faults
        )
        for messages in segment_faults.values():
            report.faults += [Fault(message, None, collection.name) for message in messages]
        faults: dict[str, list[str]] = {}
        for document in snapshot.documents:
            pages = catalog.pages.of_document(document.id)
            report.n_pages += len(pages)
            faults[document.id] = self._missing_files(document, pages, deep=deep)
        place_faults = misplaced_documents(self._stores, collection.name, segment_faults)
        for document_id, messages in place_faults.items():
            faults.setdefault(document_id, []).extend(messages)
        existing_ids = {document.id for document in catalog.documents.of_collection(collection.id)}
        for document_id, messages in faults.items():
            if document_id in existing_ids:  # not deleted meanwhile
                report.faults += [
                    Fault(message, document_id, collection.name) for message in messages
                ]

    def _segment_faults(
        self, records: Iterable[SegmentRecord], *, deep: bool
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
            faults[record.name] = messages
        names = {record.name for record in self._stores.catalog.segments.all()}
        return {name: messages for name, messages in faults.items() if messages and name in names}

    def _missing_files(self, document: Document, pages: Iterable[Page], *, deep: bool) -> list[str]:
        faults = []
        if not self._stores.originals.intact(document.sha256, deep=deep):
            faults.append(f"{document.name}: the original is missing or damaged")
        for page in pages:
            if not self._stores.images.intact(page.image_sha256, deep=deep):
                where = f"{document.name} page {page.page_number}"
                faults.append(f"{where}: the page image is missing or damaged")
        return faults
