"""Keeps segments few and searches fast: merges small segments, drops deleted pages, derives the rest.

A search is right without any of this; it is only slower. Every step can be killed at any moment:
a merged segment becomes visible in one transaction, and derived data is sealed by its manifest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import DamagedFile, StorageError
from indexer.base.page_ranges import within_ranges
from indexer.base.side_by_side import side_by_side
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.document_records import Document
from indexer.maintenance.merge_plan import INDEXED_PAGES, plan_merge
from indexer.storage.segment_reading import SUMS
from indexer.storage.segments import Segment, SegmentRecord, SegmentRows
from indexer.stores import Stores

DROP_DELETED_AFTER = timedelta(days=7)
COPIED_PAGES = 250  # below it a scan of float16 takes no time worth an int8 copy

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompactionResult:
    """What one round over a collection did."""

    n_merged_segments: int = 0
    n_dropped_pages: int = 0
    n_int8_copies: int = 0
    n_candidate_indexes: int = 0

    @property
    def is_empty(self) -> bool:
        return self == CompactionResult()


class Compactor:
    """Compacts the collections of one data folder. Safe beside readers, writers and other compactors."""

    def __init__(
        self,
        stores: Stores,
        *,
        int8: bool = True,
        min_copied: int = COPIED_PAGES,
        min_indexed: int = INDEXED_PAGES,
        drop_deleted_after: timedelta = DROP_DELETED_AFTER,
    ) -> None:
        """Say what segments get, by their number of pages.

        int8         keep int8 copies: half the bytes of the vectors again, a quarter of a scan's time
        min_copied   pages from which a segment has one
        min_indexed  pages from which a segment has a candidate index
        drop_deleted_after  age at which deleted pages are written out of a segment, however few they are
        """
        self._stores = stores
        self._min_copied = min_copied if int8 else None
        self._min_indexed = min_indexed
        self._drop_deleted_after = drop_deleted_after

    def run(self, name: str, *, eager: bool = False) -> CompactionResult:
        """Compact a collection once.

        eager  merge whatever is fragmented, however little it is

        Raises CollectionNotFound, DataFolderBusy, StorageError, DiskFull where it would not find room.
        """
        with self._stores.folder.writing():
            self._drop_overdue_shadows(name)
            n_merged_segments, n_dropped_pages = self._merge(name, eager=eager)
            n_int8_copies, n_candidate_indexes = self._derive(name)
        return CompactionResult(
            n_merged_segments, n_dropped_pages, n_int8_copies, n_candidate_indexes
        )

    def _drop_overdue_shadows(self, name: str) -> None:
        """Drop segments of the index beside with vectors of deleted pages, or of before a swap long ago."""
        collection_id = self._stores.catalog.collections.get(name).id
        if self._stores.catalog.reencodings.find(collection_id) is not None:
            overdue_names = self._overdue(collection_id)
            self._stores.drop_shadow_segments(collection_id, sorted(overdue_names))

    def _overdue(self, collection_id: str) -> set[str]:
        """Name the segments that must lose their deleted pages now."""
        before = datetime.now(UTC) - self._drop_deleted_after
        return self._stores.catalog.removals.segments_with_deleted(collection_id, before)

    def _open(self, record: SegmentRecord) -> Segment | None:
        """Return None when the segment was merged or deleted by someone else since the snapshot."""
        try:
            return self._stores.vectors.open(record)
        except DamagedFile:
            if self._is_named(record):
                raise
            return None

    def _are_whole(self, records: Iterable[SegmentRecord]) -> bool:
        """Read every byte of segments that are about to be copied: no damage gets a new checksum.

        Where there are sums of blocks the copy itself looks at them, of the pages that it takes along.

        Returns False when one was merged or deleted meanwhile. Raises DamagedFile, Unreadable.
        """
        for record in records:
            if SUMS in record.files:
                continue
            try:
                faults = self._stores.vectors.check(record, deep=True)
            except DamagedFile as error:
                faults = [str(error)]
            if faults and self._is_named(record):
                raise DamagedFile(f"{faults[0]}: run `pagesight verify --repair`")
            if faults:
                return False
        return True

    def _is_named(self, record: SegmentRecord) -> bool:
        return self._stores.catalog.segments.find(record.name) is not None

    def _live_rows(self, snapshot: CollectionSnapshot) -> dict[str, SegmentRows]:
        """Return, by name, the segments that are still there, with the rows of documents that are.

        Segments of documents that still grow are left out: their pages are about to stand in another.
        """
        at_once = self._stores.folder.opened_at_once
        segments = side_by_side(self._open, snapshot.segments, at_once)
        open_segments = {
            record.name: segment
            for record, segment in zip(snapshot.segments, segments, strict=True)
        }
        documents: dict[str, list[Document]] = {name: [] for name in open_segments}
        for document in snapshot.documents:
            for name in open_segments if document.segment is None else [document.segment]:
                documents[name].append(document)
        return {
            name: SegmentRows(
                segment, _rows_within(_page_ranges(documents[name]), segment.page_ids)
            )
            for name, segment in open_segments.items()
            if segment is not None
            and not any(document.verdict is Verdict.INDEXING for document in documents[name])
        }

    def _merge(self, name: str, *, eager: bool) -> tuple[int, int]:
        """Merge what should be one; returns (segments merged, deleted pages left behind)."""
        stores = self._stores
        snapshot = stores.catalog.snapshot(name)
        records = {record.name: record for record in snapshot.segments}
        live_rows = self._live_rows(snapshot)
        names = plan_merge(
            {segment: len(live.rows) for segment, live in live_rows.items()},
            {segment: records[segment].n_pages for segment in live_rows},
            eager=eager,
            overdue=self._overdue(snapshot.collection.id),
        )
        if not names or not self._are_whole([records[name] for name in names]):
            return 0, 0
        n_bytes = sum(file.n_bytes for name in names for file in records[name].files.values())
        stores.folder.space.require_room(n_bytes, f"merging {len(names)} segments of {name}")
        new = stores.vectors.merge(snapshot.collection.id, [live_rows[name] for name in names])
        old = [records[name] for name in names]
        if not stores.catalog.segments.replace(old, new):
            # Somebody else was faster, or deleted a document: next time.
            stores.remove_segments([new])
            return 0, 0
        stores.remove_segments(old)
        return len(old), sum(record.n_pages for record in old) - new.n_pages

    def _derive(self, name: str) -> tuple[int, int]:
        """Make the derived data that is missing; returns (int8 copies, candidate indexes) made."""
        snapshot = self._stores.catalog.snapshot(name)
        counts = self.derive(snapshot.segments)
        if any(counts):
            self._stores.catalog.collections.mark_changed(snapshot.collection.id)
        return counts

    def derive(self, records: Iterable[SegmentRecord]) -> tuple[int, int]:
        """Make what segments lack of derived data; returns (int8 copies, candidate indexes) made.

        Call it inside `writing`. Raises StorageError, DiskFull where it would not find room.
        """
        counts = {"int8": 0, "tokens": 0}
        for record in records:
            for kind, make in self._missing(record):
                counts[kind] += self._make(record, make)
        return counts["int8"], counts["tokens"]

    def _make(self, record: SegmentRecord, make: Callable[[SegmentRecord, Segment], None]) -> bool:
        """Say whether it was made; it is not when somebody else merges or deletes the segment."""
        segment = self._open(record)
        if segment is None or not self._are_whole([record]):
            return False
        # An int8 copy takes as much, a candidate index less.
        n_bytes = record.n_vectors * record.dim
        self._stores.folder.space.require_room(n_bytes, "what makes searches fast")
        try:
            make(record, segment)
        except StorageError:
            if self._is_named(record):
                raise
        if self._is_named(record):  # whoever removes the segment from now on removes this with it
            return True
        self._stores.derived_data.remove(record.collection_id, record.name)
        return False

    def _missing(
        self, record: SegmentRecord
    ) -> Iterator[tuple[str, Callable[[SegmentRecord, Segment], None]]]:
        """Yield (kind, function that makes it) of each derived file that the segment should have."""
        store = self._stores.derived_data
        if record.n_vectors == 0:
            return
        wants_copy = self._min_copied is not None and record.n_pages >= self._min_copied
        if wants_copy and store.int8(record) is None:
            yield "int8", store.make_int8
        wants_index = record.n_pages >= self._min_indexed and store.can_make_tokens
        if wants_index and store.tokens(record) is None:
            yield "tokens", store.make_tokens


def _page_ranges(documents: Iterable[Document]) -> NDArray[np.int64]:
    """Return (R, 2): first page id and the one behind the last, of each document, ascending."""
    ranges = sorted(
        (document.first_page_id, document.first_page_id + document.n_pages)
        for document in documents
        if document.first_page_id is not None
    )
    return np.array(ranges, np.int64).reshape(-1, 2)


def _rows_within(ranges: NDArray[np.int64], page_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows (R,) int64 of those page ids that lie in a range."""
    return np.flatnonzero(within_ranges(page_ids, *ranges.T)).astype(np.int64)
