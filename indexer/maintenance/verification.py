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

from collections import defaultdict
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from indexer.base.errors import CollectionNotFound, DamagedFile
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import Document, Page
from indexer.catalog.jobs import JobQueue
from indexer.storage.segments import SegmentRecord
from indexer.stores import Stores

_LOOKS = 5  # at documents that seem misplaced while somebody changes their collection


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


class Verifier:
    """Verifies one data folder."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._database = database

    def verify(self, *, deep: bool = False) -> Report:
        """Every rule above; `deep` reads every byte, else sizes and counts decide."""
        report = Report(faults=[Fault(message) for message in self._database.faults()])
        for collection in self._stores.catalog.collections.all():
            with suppress(CollectionNotFound):  # deleted meanwhile
                self._verify_collection(collection, report, deep=deep)
        for name, sha256 in JobQueue(self._database).waiting_originals():
            if not self._stores.originals.intact(sha256, deep=deep):
                gone = f"{name}: the uploaded bytes are missing or damaged, upload the file again"
                report.faults.append(Fault(gone))
        report.garbage = [str(path) for path in self.unnamed_blobs()]
        report.garbage += [f"segment {name}" for _, name in self.unnamed_segments()]
        report.garbage += [f"{one.name}: half indexed" for one in self.unfinished()]
        if deep:
            for record in self._stores.catalog.segments.all():
                report.garbage += self._stores.derived.check(record)
        return report

    # -- garbage -----------------------------------------------------------------------------------

    def unfinished(self) -> list[Document]:
        """Documents of which only the first pages were committed."""
        return [
            document
            for collection in self._stores.catalog.collections.all()
            for document in self._stores.catalog.documents.of_collection(collection.id)
            if document.verdict is Verdict.INDEXING
        ]

    def unnamed_blobs(self) -> list[Path]:
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

    def unnamed_segments(self) -> set[tuple[str, str]]:
        """Segments that the catalog does not name, as (collection id, segment name)."""
        named = {(s.collection_id, s.name) for s in self._stores.catalog.segments.all()}
        return set(self._stores.vectors.stored()) - named

    # -- damage ------------------------------------------------------------------------------------

    def _verify_collection(self, collection: Collection, report: Report, *, deep: bool) -> None:
        snapshot = self._stores.catalog.snapshot(collection.name)
        report.n_documents += len(snapshot.documents)
        damaged = self._damaged_segments(snapshot.segments, deep=deep)
        report.n_vectors += sum(s.n_vectors for s in snapshot.segments if s.name not in damaged)
        for messages in damaged.values():
            report.faults += [Fault(message, None, collection.name) for message in messages]
        faults: dict[str, list[str]] = {}
        for document in snapshot.documents:
            pages = self._stores.catalog.pages.of_document(document.id)
            report.n_pages += len(pages)
            faults[document.id] = self._missing_files(document, pages, deep=deep)
        for document_id, messages in self._misplaced(collection.name, damaged).items():
            faults.setdefault(document_id, []).extend(messages)
        there = {one.id for one in self._stores.catalog.documents.of_collection(collection.id)}
        for document_id, messages in faults.items():
            if document_id in there:  # not deleted meanwhile
                report.faults += [Fault(one, document_id, collection.name) for one in messages]

    def _damaged_segments(
        self, records: Iterable[SegmentRecord], *, deep: bool
    ) -> dict[str, list[str]]:
        """Their faults, by name; not of those that somebody merges or deletes meanwhile."""
        faults = {}
        for record in records:
            try:
                found = self._stores.vectors.check(record, deep=deep)
                if not found:
                    self._stores.vectors.open(record)
            except DamagedFile as error:
                found = [str(error)]
            faults[record.name] = found
        named = {record.name for record in self._stores.catalog.segments.all()}
        return {name: found for name, found in faults.items() if found and name in named}

    def _missing_files(self, document: Document, pages: Iterable[Page], *, deep: bool) -> list[str]:
        faults = []
        if not self._stores.originals.intact(document.sha256, deep=deep):
            faults.append(f"{document.name}: the original is missing or damaged")
        for page in pages:
            if not self._stores.images.intact(page.image_sha256, deep=deep):
                where = f"{document.name} page {page.page_number}"
                faults.append(f"{where}: the page image is missing or damaged")
        return faults

    def _misplaced(self, name: str, damaged: Container[str]) -> dict[str, list[str]]:
        """What is wrong with where pages stand, by document.

        Pages and segments are read one after the other, so a document may only seem misplaced while
        somebody adds pages or merges segments: it is looked at again until nobody did.
        """
        suspects: dict[str, list[str]] | None = None
        for _ in range(_LOOKS):
            snapshot = self._stores.catalog.snapshot(name)
            n_vectors = self._vectors_by_page(snapshot, damaged)
            suspects = {
                document.id: faults
                for document in snapshot.documents
                if suspects is None or document.id in suspects
                if (faults := self._places(document, n_vectors))
            }
            _, generation = self._stores.catalog.collections.generation(name)
            if not suspects or generation == snapshot.collection.generation:
                break
        return suspects or {}

    def _vectors_by_page(
        self, snapshot: CollectionSnapshot, damaged: Container[str]
    ) -> dict[int, list[int]]:
        """By page id: how many vectors it has in each segment; a damaged one has none of any page."""
        counts: dict[int, list[int]] = defaultdict(list)
        for record in snapshot.segments:
            if record.name in damaged:
                continue
            with suppress(DamagedFile):  # merged or deleted since the snapshot
                segment = self._stores.vectors.open(record)
                of_pages = zip(
                    segment.page_ids.tolist(), np.diff(segment.offsets).tolist(), strict=True
                )
                for page_id, n_vectors in of_pages:
                    counts[page_id].append(n_vectors)
        return counts

    def _places(self, document: Document, n_vectors: dict[int, list[int]]) -> list[str]:
        faults = []
        for page in self._stores.catalog.pages.of_document(document.id):
            where = f"{document.name} page {page.page_number}"
            found = n_vectors.get(page.id, [])
            if len(found) != 1:
                faults.append(f"{where}: stands in {len(found)} segments instead of one")
            elif found[0] != page.n_vectors:
                faults.append(f"{where}: has {found[0]} vectors, the catalog says {page.n_vectors}")
        return faults
