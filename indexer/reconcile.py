"""Compares what the catalog says with what the data folder holds; reports, and repairs.

What must be true of a data folder (the numbers are used in the faults):
  1  every segment, original and page image that the catalog names is there, byte for byte
  2  every page of the catalog stands in exactly one segment, with as many vectors as the catalog says
  3  the database passes its own integrity check
  4  the bytes of every file that waits in the queue are there
Files that nothing names are garbage: a crash leaves them, they harm nothing, `repair` removes them.
A document that stopped growing is left by a crash, too: its job, or `repair`, indexes it anew.
Derived data that is damaged is garbage too: it is made anew from the truth.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from indexer.blobs import BlobStore
from indexer.catalog.database import Database
from indexer.catalog.jobs import JobQueue
from indexer.catalog.records import Collection, Document, DocumentError
from indexer.errors import DamagedFile, DataFolderBusy
from indexer.sources import Source
from indexer.stores import Stores
from indexer.vectors.base import Segment, SegmentRecord
from indexer.verdicts import Verdict

WITHDRAWN = "withdrawn"  # error code of a document that repair has taken out to be indexed anew


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must be true and is not; `document_id` is None when it is no document's own."""

    message: str
    document_id: str | None = None
    collection: str | None = None


@dataclass(slots=True)
class Report:
    """What `verify` found. `clean` is about damage; garbage does not count."""

    n_documents: int = 0
    n_pages: int = 0
    n_vectors: int = 0
    faults: list[Fault] = field(default_factory=list)
    garbage: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Reindex:
    """A document that must be indexed anew, from the original that was kept."""

    collection: Collection
    source: Source


class Reconciler:
    """Verifies and repairs one data folder."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._database = database

    def verify(self, *, deep: bool = False) -> Report:
        """Every rule above; `deep` reads every byte, else sizes and counts decide."""
        report = Report(faults=[Fault(message) for message in self._database.faults()])
        for collection in self._stores.catalog.collections():
            self._verify_collection(collection, report, deep=deep)
        for name, sha256 in JobQueue(self._database).waiting_originals():
            if not self._stores.originals.intact(sha256, deep=deep):
                gone = f"{name}: the uploaded bytes are missing or damaged, upload the file again"
                report.faults.append(Fault(gone))
        report.garbage = [str(path) for path in self._unnamed_blobs()]
        report.garbage += [f"segment {name}" for _, name in self._unnamed_segments()]
        report.garbage += [f"{one.name}: half indexed" for one in self._unfinished()]
        if deep:
            for record in self._stores.catalog.segments():
                report.garbage += self._stores.derived.check(record)
        return report

    def repair(self, report: Report) -> list[Reindex]:
        """Withdraw damaged documents, remove garbage; returns what must be indexed anew.

        Raises DataFolderBusy when another process is writing.
        """
        with self._stores.folder.sweeping():
            for document_id in {f.document_id for f in report.faults if f.document_id}:
                messages = [f.message for f in report.faults if f.document_id == document_id]
                self._withdraw(document_id, messages[0])
            for document in self._unfinished():
                self._withdraw(document.id, "its ingest broke off")
            self._remove_damaged_blobs()
            for record in self._stores.catalog.segments():
                self._stores.derived.drop_damaged(record)
            for path in self._unnamed_blobs():
                path.unlink()
            self._remove_unfinished()
        return self._withdrawn()

    def sweep(self) -> None:
        """Remove what crashed writers left half-done, unless somebody is writing right now."""
        with suppress(DataFolderBusy), self._stores.folder.sweeping():
            self._remove_unfinished()

    def _remove_unfinished(self) -> None:
        for collection_id, name in self._unnamed_segments():
            self._stores.vectors.remove(collection_id, name)
        named = {(s.collection_id, s.name) for s in self._stores.catalog.segments()}
        for collection_id, name in set(self._stores.derived.stored()) - named:
            self._stores.derived.remove(collection_id, name)
        existing = {collection.id for collection in self._stores.catalog.collections()}
        for collection_id in set(self._stores.derived.collections()) - existing:
            self._stores.derived.remove_collection(collection_id)
        self._stores.folder.sweep_staging()

    def _verify_collection(self, collection: Collection, report: Report, *, deep: bool) -> None:
        catalog = self._stores.catalog
        snapshot = catalog.snapshot(collection.name)
        stands_in: dict[int, list[int]] = defaultdict(list)  # page id -> its vector counts
        for record in snapshot.segments:
            for page_id, n_vectors in self._pages_in(record, report, collection, deep=deep):
                stands_in[page_id].append(n_vectors)
        for document in snapshot.documents:
            report.n_documents += 1
            for message in self._document_faults(document, stands_in, report, deep=deep):
                report.faults.append(Fault(message, document.id, collection.name))

    def _pages_in(
        self, record: SegmentRecord, report: Report, collection: Collection, *, deep: bool
    ) -> list[tuple[int, int]]:
        """(page id, number of vectors) of a segment; its faults go to the report."""
        faults = self._stores.vectors.check(record, deep=deep)
        segment: Segment | None = None
        if not faults:
            try:
                segment = self._stores.vectors.open(record)
            except DamagedFile as error:
                faults = [str(error)]
        # The pages of a damaged segment are then missing, which names their documents.
        report.faults += [Fault(message, None, collection.name) for message in faults]
        if segment is None:
            return []
        report.n_vectors += record.n_vectors
        counts = np.diff(segment.offsets)
        return list(zip(segment.page_ids.tolist(), counts.tolist(), strict=True))

    def _document_faults(
        self, document: Document, stands_in: dict[int, list[int]], report: Report, *, deep: bool
    ) -> list[str]:
        faults = []
        if not self._stores.originals.intact(document.sha256, deep=deep):
            faults.append(f"{document.name}: the original is missing or damaged")
        for page in self._stores.catalog.pages_of(document.id):
            report.n_pages += 1
            where = f"{document.name} page {page.page_number}"
            if not self._stores.images.intact(page.image_sha256, deep=deep):
                faults.append(f"{where}: the page image is missing or damaged")
            counts = stands_in.get(page.id, [])
            if len(counts) != 1:
                faults.append(f"{where}: stands in {len(counts)} segments instead of one")
            elif counts[0] != page.n_vectors:
                faults.append(
                    f"{where}: has {counts[0]} vectors, the catalog says {page.n_vectors}"
                )
        return faults

    def _unfinished(self) -> list[Document]:
        """Documents of which only the first pages were committed."""
        return [
            document
            for collection in self._stores.catalog.collections()
            for document in self._stores.catalog.documents(collection.id)
            if document.verdict is Verdict.INDEXING
        ]

    def _unnamed_blobs(self) -> list[Path]:
        """Blobs that the catalog does not name."""
        originals, images = self._stores.catalog.named_blobs()
        return [
            path
            for store, named in (
                (self._stores.originals, originals),
                (self._stores.images, images),
            )
            for sha256, path in store.stored()
            if sha256 not in named
        ]

    def _unnamed_segments(self) -> set[tuple[str, str]]:
        named = {(s.collection_id, s.name) for s in self._stores.catalog.segments()}
        return set(self._stores.vectors.stored()) - named

    def _remove_damaged_blobs(self) -> None:
        """A blob with the wrong bytes must go, or the right ones could not be kept under its name."""
        for store in (self._stores.originals, self._stores.images):
            _remove_damaged(store)

    def _withdraw(self, document_id: str, message: str) -> None:
        reason = DocumentError(WITHDRAWN, f"withdrawn to be indexed anew: {message}")
        self._stores.remove_segments(self._stores.catalog.withdraw_document(document_id, reason))

    def _withdrawn(self) -> list[Reindex]:
        return [
            Reindex(collection, Source(self._stores.originals.path(document.sha256), document.name))
            for collection in self._stores.catalog.collections()
            for document in self._stores.catalog.documents(collection.id)
            if document.error is not None and document.error.code == WITHDRAWN
        ]


def _remove_damaged(store: BlobStore) -> None:
    for sha256, path in store.stored():
        if not store.intact(sha256, deep=True):
            path.unlink()
