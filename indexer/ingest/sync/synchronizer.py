"""Keeps a collection in step with folders and buckets: plans, then does what was planned, file by file.

Each file is one step: killed anywhere, the next run goes on with what is left. New files are remembered
before they are read, so that one that is renamed meanwhile is known to be the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.base.errors import CollectionNotFound, DocumentRejected, Unreadable
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import DocumentError
from indexer.catalog.synced_files import SyncedFile
from indexer.ingest.outcomes import IngestOutcome, PageProgress
from indexer.ingest.pipeline import Pipeline
from indexer.ingest.side_files import apply_side_file
from indexer.ingest.sync.place import UNREAD, PlaceScan, SyncedPlace, require_apart
from indexer.ingest.sync.plan import Brake, Change, ChangeKind, SyncPlan
from indexer.ingest.sync.planning import KnownDocuments, PlacePlanner
from indexer.inputs.sources import Source
from indexer.inputs.stated_properties import side_file_of
from indexer.storage.files import sha256_of
from indexer.stores import Stores

_log = logging.getLogger(__name__)
_ORDER = (ChangeKind.RENAMED, ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.GONE)


class Synchronizer:
    """Keeps the collections of one data folder in step with places."""

    def __init__(self, stores: Stores, pipeline: Pipeline) -> None:
        self._stores = stores
        self._pipeline = pipeline

    def plan(
        self,
        collection: Collection | None,
        places: Sequence[SyncedPlace],
        brake: Brake = Brake(),  # noqa: B008 - frozen
        settle_s: float = 0.0,
    ) -> SyncPlan:
        """Say what is out of step; nothing is changed.

        collection  None: one that is yet to be made
        settle_s    a file that was changed more lately is left for the next time

        Raises NothingToIngest for a folder that is not there, cannot be read, or lies in another place, and
        Unreadable where a bucket cannot be listed.
        """
        require_apart(place.path for place in places)
        plan = SyncPlan()
        documents = self._known_documents(collection)
        for place in places:
            place_plan = PlacePlanner(place.scan(), documents, settle_s).plan(brake)
            for change in place_plan.changes:  # names that the next place finds taken
                if change.kind is not ChangeKind.GONE:
                    documents.files[change.file.folder][change.file.path] = change.file
            plan |= place_plan
        return plan

    def apply(
        self,
        collection: Collection,
        plan: SyncPlan,
        on_outcome: Callable[[Change, IngestOutcome | None], None],
        page_progress: Callable[[Change], PageProgress],
        properties: DocumentProperties = NO_PROPERTIES,
    ) -> None:
        """Do what was planned. Files that are gone come last: what they held may stand elsewhere by now.

        on_outcome     told of each change that was made; of one that is read with what became of it
        page_progress  what is told of the pages of a file
        properties     tags and metadata of what is read

        Raises EncoderMismatch, EncoderUnavailable, StorageError.
        """
        synced_files = self._stores.catalog.synced_files
        for file, scan in plan.seen_again:
            self._describe(collection, file, scan)
        new_files = [change.file for change in plan.of_kind(ChangeKind.ADDED)]
        if plan.seen_again or new_files:
            synced_files.keep(collection.id, [*(file for file, _ in plan.seen_again), *new_files])
        for change in sorted(plan.changes, key=lambda change: _ORDER.index(change.kind)):
            outcome = None
            if change.kind is ChangeKind.RENAMED and change.older is not None:
                synced_files.rename(collection.id, change.older, change.file)
            elif change.scan is not None:
                outcome = self._ingest_lent(collection, change, page_progress(change), properties)
            else:
                self._stores.remove_file(collection.id, change.file)
            on_outcome(change, outcome)

    def _describe(self, collection: Collection, file: SyncedFile, scan: PlaceScan) -> None:
        """Give the document of a file what its side file says now."""
        document = self._stores.catalog.documents.find(collection.id, file.sha256)
        if document is not None:
            with scan.lent_side_file(file.path) as side_file:
                problem = apply_side_file(self._stores.catalog, document.id, side_file)
            if problem:
                _log.warning("%s: %s", file.name, problem)

    @contextmanager
    def alone(self, collection: Collection) -> Iterator[None]:
        """Keep others from bringing this collection in step meanwhile. Raises DataFolderBusy."""
        refusal = f"another sync of {collection.name} is at work"
        with self._stores.folder.alone(f"sync-{collection.id}", refusal):
            yield

    def _known_documents(self, collection: Collection | None) -> KnownDocuments:
        if collection is None:
            return KnownDocuments(set(), (), lambda: None)
        synced_files = self._stores.catalog.synced_files
        return KnownDocuments(
            synced_files.contents(collection.id),
            synced_files.of_collection(collection.id),
            partial(self._snapshot, collection.name),
        )

    def _snapshot(self, name: str) -> CollectionSnapshot | None:
        try:
            return self._stores.catalog.snapshot(name)
        except CollectionNotFound:
            return None

    def _ingest_lent(
        self,
        collection: Collection,
        change: Change,
        on_page: PageProgress,
        properties: DocumentProperties,
    ) -> IngestOutcome:
        """Read a file; one that cannot be had now is tried again by the next run."""
        assert change.scan is not None
        began = time.monotonic()
        try:
            with change.scan.lent(change.file.path) as path:
                return self._ingest(collection, change.file, path, on_page, properties)
        except Unreadable as error:
            return IngestOutcome(
                change.file.name, Verdict.FAILED, None, 0, time.monotonic() - began,
                DocumentError.of(error), try_again=True,
            )  # fmt: skip

    def _ingest(
        self,
        collection: Collection,
        file: SyncedFile,
        path: Path,
        on_page: PageProgress,
        properties: DocumentProperties,
    ) -> IngestOutcome:
        source = Source(path, file.name, side_file=side_file_of(path))
        if file.sha256 == UNREAD:  # remembered first, so that it is known again if it is renamed
            with suppress(DocumentRejected):  # by its looks: nothing that has to be known again
                self._pipeline.check_file(source)
                file = replace(file, sha256=sha256_of(path))
                self._stores.catalog.synced_files.keep(collection.id, [file])
        outcome = self._pipeline.ingest(collection, source, on_page)
        if outcome.try_again or outcome.document_id is None:
            return outcome  # the next run tries it again
        documents = self._stores.catalog.documents
        if properties:
            documents.add_properties(outcome.document_id, properties)
        # What was read may be newer than what was planned; the next run then sees that it was touched.
        file = replace(file, sha256=documents.get(outcome.document_id).sha256)
        self._stores.catalog.synced_files.keep(collection.id, [file])
        return outcome
