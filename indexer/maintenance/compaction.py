"""Keeps segments few and searches fast: merges small segments, drops deleted pages, derives the rest.

A search is right without any of this; it is only slower. Every step can be killed at any moment:
a merged segment becomes visible in one transaction, and derived data is sealed by its manifest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import DamagedFile, StorageError
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.document_records import Document
from indexer.storage.segments import Segment, SegmentRecord, SegmentRows
from indexer.stores import Stores

FRESH_PAGES = 2_000  # smaller segments are merged whenever enough of them have gathered
MANY_FRESH = 8
INDEXED_PAGES = 3_000  # below it an exact scan is as fast as candidates (measured)
COPIED_PAGES = 250  # below it a scan of float16 takes no time worth an int8 copy
_GROWTH = (
    2  # a segment joins a merge that brings at least half of its own pages: log2 rewrites of a page
)
_MAX_DEAD = 0.25

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What one round did, for a person."""

    merged: int = 0
    dropped_pages: int = 0
    int8_copies: int = 0
    candidate_indexes: int = 0

    @property
    def nothing(self) -> bool:
        return self == Work()


class Compactor:
    """Compacts the collections of one data folder. Safe beside readers, writers and other compactors."""

    def __init__(
        self,
        stores: Stores,
        *,
        int8: bool = True,
        min_copied: int = COPIED_PAGES,
        min_indexed: int = INDEXED_PAGES,
    ) -> None:
        """What segments get, by their number of pages.

        int8         keep int8 copies: half the bytes of the vectors again, a quarter of a scan's time
        min_copied   pages from which a segment has one
        min_indexed  pages from which a segment has a candidate index
        """
        self._stores = stores
        self._min_copied = min_copied if int8 else None
        self._min_indexed = min_indexed

    def run(self, name: str, *, eager: bool = False) -> Work:
        """One round over a collection.

        eager  merge whatever is fragmented, however little it is

        Raises CollectionNotFound, StorageError.
        """
        with self._stores.folder.writing():
            merged, dropped = self._merge(name, eager=eager)
            copies, indexes = self._derive(name)
        return Work(merged, dropped, copies, indexes)

    def _open(self, record: SegmentRecord) -> Segment | None:
        """None when the segment was merged or deleted by someone else since the snapshot."""
        try:
            return self._stores.vectors.open(record)
        except DamagedFile:
            if self._is_named(record):
                raise
            return None

    def _is_named(self, record: SegmentRecord) -> bool:
        return record.name in {one.name for one in self._stores.catalog.segments.all()}

    def _live(self, snapshot: CollectionSnapshot) -> dict[str, SegmentRows]:
        """By name, the segments that are still there, with the rows of documents that are, too.

        Without those of documents that still grow: their pages are about to stand in another one.
        """
        opened = {record.name: self._open(record) for record in snapshot.segments}
        ranges = _ranges(snapshot.documents)
        growing = _ranges(one for one in snapshot.documents if one.verdict is Verdict.INDEXING)
        return {
            name: SegmentRows(segment, _rows_within(ranges, segment.page_ids))
            for name, segment in opened.items()
            if segment is not None and not len(_rows_within(growing, segment.page_ids))
        }

    def _merge(self, name: str, *, eager: bool) -> tuple[int, int]:
        """(segments merged, deleted pages left behind)."""
        stores = self._stores
        snapshot = stores.catalog.snapshot(name)
        records = {record.name: record for record in snapshot.segments}
        live = self._live(snapshot)
        chosen = plan(
            {one: len(part.rows) for one, part in live.items()},
            {one: records[one].n_pages for one in live},
            eager=eager,
        )
        if not chosen:
            return 0, 0
        new = stores.vectors.merge(snapshot.collection.id, [live[one] for one in chosen])
        old = [records[one] for one in chosen]
        if not stores.catalog.segments.replace(old, new):
            stores.remove_segments(
                [new]
            )  # somebody else was faster, or deleted a document: next time
            return 0, 0
        stores.remove_segments(old)
        return len(old), sum(record.n_pages for record in old) - new.n_pages

    def _derive(self, name: str) -> tuple[int, int]:
        """(int8 copies made, candidate indexes made)."""
        made = {"int8": 0, "tokens": 0}
        snapshot = self._stores.catalog.snapshot(name)
        for record in snapshot.segments:
            for kind, make in self._missing(record):
                made[kind] += self._made(record, make)
        if any(made.values()):
            self._stores.catalog.collections.mark_changed(
                snapshot.collection.id
            )  # readers look for it now
        return made["int8"], made["tokens"]

    def _made(self, record: SegmentRecord, make: Callable[[SegmentRecord, Segment], None]) -> bool:
        """Whether it was made; not of a segment that somebody else merges or deletes meanwhile."""
        segment = self._open(record)
        if segment is None:
            return False
        try:
            make(record, segment)
        except StorageError:
            if self._is_named(record):
                raise
        if self._is_named(record):  # whoever removes the segment from now on removes this with it
            return True
        self._stores.derived.remove(record.collection_id, record.name)
        return False

    def _missing(
        self, record: SegmentRecord
    ) -> Iterator[tuple[str, Callable[[SegmentRecord, Segment], None]]]:
        derived = self._stores.derived
        if record.n_vectors == 0:
            return
        copied = self._min_copied is not None and record.n_pages >= self._min_copied
        if copied and derived.int8(record) is None:
            yield "int8", derived.make_int8
        indexed = record.n_pages >= self._min_indexed and find_spec("faiss") is not None
        if indexed and derived.tokens(record) is None:
            yield "tokens", derived.make_tokens


def plan(
    n_live: Mapping[str, int], n_pages: Mapping[str, int], *, eager: bool = False
) -> list[str]:
    """The segments that should become one, none when all is well.

    n_live   live pages of each segment, by its name
    n_pages  all its pages, the deleted ones included
    """
    ordered = sorted(n_live, key=lambda name: (n_live[name], name))
    chosen: list[str] = []
    total = 0
    for name in ordered:
        if n_live[name] >= FRESH_PAGES and n_live[name] > _GROWTH * total:
            break
        chosen.append(name)
        total += n_live[name]
    enough = 2 if eager or total >= INDEXED_PAGES else MANY_FRESH
    if len(chosen) >= enough and total:
        return chosen
    spared = 0.0 if eager else _MAX_DEAD
    wasteful = [
        name
        for name in ordered
        if n_live[name] and n_pages[name] - n_live[name] > spared * n_pages[name]
    ]
    return wasteful[:1]


def _ranges(documents: Iterable[Document]) -> NDArray[np.int64]:
    """(R, 2): first page id and the one behind the last, of each document, ascending."""
    ranges = sorted(
        (document.first_page_id, document.first_page_id + document.n_pages)
        for document in documents
        if document.first_page_id is not None
    )
    return np.array(ranges, np.int64).reshape(-1, 2)


def _rows_within(ranges: NDArray[np.int64], page_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows (R,) int64 of the page ids that lie in a range."""
    if not len(ranges):
        return np.zeros(0, np.int64)
    i = np.searchsorted(ranges[:, 0], page_ids, side="right") - 1
    return np.flatnonzero((i >= 0) & (page_ids < ranges[i, 1])).astype(np.int64)
