"""A collection as one search sees it: its segments mapped, with what is derived from them.

A reader keeps the generation that it opened, whatever is committed, merged or deleted meanwhile: mapped
files stay readable after their names are gone. What turns out to be damaged is left out from then on, and the
rest is searched.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field

from indexer.base.errors import CollectionNotFound, DamagedDerived, DamagedFile, Unreadable
from indexer.base.pages import PageEmbedding
from indexer.base.side_by_side import side_by_side
from indexer.catalog.catalog import Catalog, CollectionSnapshot
from indexer.indexes.candidate_source import CandidateIndex
from indexer.indexes.derived import DerivedStore
from indexer.indexes.int8_copy import Int8Copy
from indexer.storage.segments import Segment, SegmentRecord, VectorStore

_LOOK_AGAIN_S = 30.0  # at what is damaged: somebody may have brought its files back
_FETCHED_BYTES = 4 * 1024**2  # of a segment that is fetched when it is opened
_ATTEMPTS = 5  # a merge may take a segment away between the snapshot and its opening


@dataclass(frozen=True, slots=True, eq=False)
class OpenSegment:
    """A segment's vectors, and what speeds a search up where it has been derived from them.

    int8    the int8 copy, or None
    tokens  the candidate index over all vectors, or None
    """

    record: SegmentRecord
    segment: Segment
    int8: Int8Copy | None = None
    tokens: CandidateIndex | None = None

    @property
    def is_gone(self) -> bool:
        """Whether something that it reads has gone from the disk to make room."""
        return self.segment.is_gone or (self.int8 is not None and self.int8.is_gone)


@dataclass(frozen=True, slots=True, eq=False)
class OpenCollection:
    """A generation of a collection.

    lost_segments  segments that cannot be opened, for they are damaged
    opened_at  by the monotonic clock
    """

    snapshot: CollectionSnapshot
    segments: tuple[OpenSegment, ...]
    lost_segments: tuple[SegmentRecord, ...] = ()
    opened_at: float = field(default_factory=time.monotonic)

    def page_embedding(self, page_id: int) -> PageEmbedding | None:
        """Return the vectors and boxes of a page, None where the collection does not hold it.

        Raises DamagedPages, Unreadable.
        """
        for open_segment in self.segments:
            page = open_segment.segment.page(page_id)
            if page is not None and self._stands_in(page_id, open_segment.record.name):
                return page
        return None

    def _stands_in(self, page_id: int, segment: str) -> bool:
        """Say whether that segment has the page as it is now: others may have it as it was read before."""
        return any(
            document.stands_in(segment)
            for document in self.snapshot.documents
            if document.first_page_id is not None
            and document.first_page_id <= page_id < document.first_page_id + document.n_pages
        )


class OpenCollections:
    """Maps collections, and keeps them from search to search as long as their generation stands."""

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        derived_store: DerivedStore,
        on_damage: Callable[[DamagedFile], None] = lambda _: None,
        snapshot_of: Callable[[str], CollectionSnapshot] | None = None,
        opened_at_once: int = 1,
    ) -> None:
        """Say which index of the collections to map.

        on_damage    is called with whatever turns out to be damaged
        snapshot_of  reads what a collection's index holds; None: the one that is searched
        opened_at_once  segments; more than one where each of their files is waited for
        """
        self._opened_at_once = opened_at_once
        self._snapshot_of = snapshot_of or catalog.snapshot
        self._catalog = catalog
        self._vectors = vectors
        self._derived_store = derived_store
        self._on_damage = on_damage
        self._collections: dict[str, OpenCollection] = {}
        # When derived data was seen to be damaged, by segment and kind; it is made anew.
        self._useless_since: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def shadows(self) -> OpenCollections:
        """Return the same for the indexes beside those that are searched."""
        snapshot_of = self._catalog.shadow_snapshot
        return OpenCollections(
            self._catalog,
            self._vectors,
            self._derived_store,
            self._on_damage,
            snapshot_of,
            self._opened_at_once,
        )

    def open(self, name: str) -> OpenCollection:
        """Return the collection as it is now. Raises CollectionNotFound, Unreadable."""
        collection_id, generation = self._catalog.collections.generation(name)
        with self._lock:
            last = self._collections.get(collection_id)
        if last is not None and last.snapshot.collection.generation == generation:
            is_due = bool(last.lost_segments) and time.monotonic() - last.opened_at > _LOOK_AGAIN_S
            is_due |= any(segment.is_gone for segment in last.segments)
            if not is_due:
                return last
        fresh = self._map_persistently(name, last)
        with self._lock:
            self._collections[collection_id] = fresh
        return fresh

    def refresh(self) -> None:
        """Let go of what was deleted or merged since it was mapped: until then its files take their room."""
        with self._lock:
            snapshots = [collection.snapshot for collection in self._collections.values()]
        for collection in [snapshot.collection for snapshot in snapshots]:
            try:
                if self._catalog.collections.generation(collection.name)[0] == collection.id:
                    self.open(collection.name)
                    continue
            except CollectionNotFound:
                pass
            except Unreadable:  # the next search tells
                continue
            with self._lock:
                self._collections.pop(collection.id, None)

    def lose(self, error: DamagedFile) -> None:
        """Leave out what the error says is damaged. The pages of a segment the segment knows itself."""
        self._on_damage(error)
        if isinstance(error, DamagedDerived):
            with self._lock:
                self._useless_since[error.segment, error.kind] = time.monotonic()
                self._collections.clear()

    def forget(self) -> None:
        """Map everything anew at the next search: a file could not be read, or was written to."""
        with self._lock:
            self._collections.clear()

    def _map_persistently(self, name: str, last: OpenCollection | None) -> OpenCollection:
        """Map again where a segment was merged or deleted since the snapshot; the others stay mapped."""
        for _ in range(_ATTEMPTS - 1):
            last, damage = self._map(name, last)
            if not damage:
                return last
        fresh, damage = self._map(name, last)
        for error in damage:
            self._on_damage(error)
        return fresh

    def _map(
        self, name: str, last: OpenCollection | None
    ) -> tuple[OpenCollection, list[DamagedFile]]:
        """Map the collection's segments; those that `last` holds stay as they are mapped."""
        snapshot = self._snapshot_of(name)
        derived_data = self._derived_store.all_kinds(snapshot.collection.id)
        open_segments = last.segments if last else ()
        by_name = {segment.record.name: segment for segment in open_segments if not segment.is_gone}

        def open_or_damage(record: SegmentRecord) -> OpenSegment | DamagedFile:
            try:
                return self._open_segment(record, by_name.get(record.name), derived_data)
            except DamagedFile as error:
                return error

        results = side_by_side(open_or_damage, snapshot.segments, self._opened_at_once)
        pairs = [*zip(snapshot.segments, results, strict=True)]
        segments = tuple(result for result in results if isinstance(result, OpenSegment))
        lost_records = tuple(record for record, result in pairs if isinstance(result, DamagedFile))
        damage = [result for result in results if isinstance(result, DamagedFile)]
        return OpenCollection(snapshot, segments, lost_records), damage

    def _open_segment(
        self, record: SegmentRecord, last: OpenSegment | None, derived_data: Set[tuple[str, str]]
    ) -> OpenSegment:
        """`derived_data`: (segment, kind) of what was made, so that nobody looks for what was not."""
        if last is not None and last.int8 is not None and last.tokens is not None:
            return last
        segment = last.segment if last is not None else self._open_with_vectors(record)
        int8, tokens = (last.int8, last.tokens) if last is not None else (None, None)
        if int8 is None and (record.name, "int8") in derived_data:
            int8 = self._int8(record)
        if tokens is None and (record.name, "tokens") in derived_data:
            tokens = self._derived_store.tokens(record)
        return OpenSegment(record, segment, int8=int8, tokens=tokens)

    def _open_with_vectors(self, record: SegmentRecord) -> Segment:
        """Open a segment, with all its vectors where they are few and come from elsewhere.

        Nearly every search needs them, and here segments are fetched side by side.
        """
        segment = self._vectors.open(record)
        if self._opened_at_once > 1 and record.n_bytes <= _FETCHED_BYTES:
            try:
                segment.require()
            except DamagedFile as error:  # the segment knows which pages to leave out
                self._on_damage(error)
            except Unreadable:  # a search that needs it says so
                pass
        return segment

    def _int8(self, record: SegmentRecord) -> Int8Copy | None:
        since = self._useless_since.get((record.name, "int8"))
        if since is not None and time.monotonic() - since < _LOOK_AGAIN_S:
            return None
        return self._derived_store.int8(record)
