"""A collection as one search sees it: its segments mapped, with what is derived from them.

A reader keeps the generation that it opened, whatever is committed, merged or deleted meanwhile: mapped
files stay readable after their names are gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from indexer.base.errors import CollectionNotFound, DamagedFile
from indexer.base.pages import PageEmbedding
from indexer.catalog.catalog import Catalog, CollectionSnapshot
from indexer.indexes.derived import DerivedStore
from indexer.indexes.int8_copy import Int8Copy
from indexer.storage.segments import Segment, SegmentRecord, VectorStore

_ATTEMPTS = 5  # a merge may take a segment away between the snapshot and its opening


@dataclass(frozen=True, slots=True, eq=False)
class OpenSegment:
    """A segment's vectors, and what speeds a search up where it has been derived from them.

    int8    the int8 copy, or None
    tokens  the FAISS index over all vectors, or None
    """

    record: SegmentRecord
    segment: Segment
    int8: Int8Copy | None = None
    tokens: Any | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenCollection:
    snapshot: CollectionSnapshot
    segments: tuple[OpenSegment, ...]

    def page_embeddings(self, page_ids: Iterable[int]) -> dict[int, PageEmbedding]:
        """Return the vectors and boxes of those pages that the collection holds, by page id."""
        embeddings = (
            (page_id, open_segment.segment.page(page_id))
            for page_id in page_ids
            for open_segment in self.segments
        )
        return {page_id: page for page_id, page in embeddings if page is not None}


class OpenCollections:
    """Maps collections, and keeps them from search to search as long as their generation stands."""

    def __init__(self, catalog: Catalog, vectors: VectorStore, derived_store: DerivedStore) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._derived_store = derived_store
        self._collections: dict[str, OpenCollection] = {}
        self._lock = threading.Lock()

    def open(self, name: str) -> OpenCollection:
        """Return the collection as it is now. Raises CollectionNotFound, DamagedFile."""
        collection_id, generation = self._catalog.collections.generation(name)
        with self._lock:
            last = self._collections.get(collection_id)
        if last is not None and last.snapshot.collection.generation == generation:
            return last
        fresh = _persistently(lambda: self._map(name, last))
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
            except DamagedFile:  # the next search tells
                continue
            with self._lock:
                self._collections.pop(collection.id, None)

    def _map(self, name: str, last: OpenCollection | None) -> OpenCollection:
        """Map the collection's segments; those that `last` holds stay as they are mapped."""
        snapshot = self._catalog.snapshot(name)
        by_name = {segment.record.name: segment for segment in last.segments} if last else {}
        segments = tuple(
            self._open_segment(record, by_name.get(record.name)) for record in snapshot.segments
        )
        return OpenCollection(snapshot, segments)

    def _open_segment(self, record: SegmentRecord, last: OpenSegment | None) -> OpenSegment:
        if last is not None and last.int8 is not None and last.tokens is not None:
            return last
        segment = last.segment if last is not None else self._vectors.open(record)
        return OpenSegment(
            record,
            segment,
            int8=(last and last.int8) or self._derived_store.int8(record),
            tokens=(last and last.tokens) or self._derived_store.tokens(record),
        )


def _persistently(map_it: Callable[[], OpenCollection]) -> OpenCollection:
    """Map again where a segment was merged or deleted since the snapshot."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return map_it()
        except DamagedFile:
            continue
    return map_it()
