"""A collection as one search sees it: its segments mapped, with what is derived from them.

A reader keeps the generation that it opened, whatever is committed, merged or deleted meanwhile: files
that are mapped stay readable after their names are gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from indexer.base.errors import DamagedFile
from indexer.catalog.catalog import Catalog, CollectionSnapshot
from indexer.indexes.derived import DerivedStore
from indexer.indexes.int8_copy import Int8Copy
from indexer.storage.segments import Segment, SegmentRecord, VectorStore

_ATTEMPTS = 5  # a merge may take a segment away between the snapshot and its opening


@dataclass(frozen=True, slots=True, eq=False)
class OpenSegment:
    """Vectors, and what speeds a search up where it has been derived.

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


class OpenCollections:
    """Opened collections, kept from search to search for as long as their generation stands."""

    def __init__(self, catalog: Catalog, vectors: VectorStore, derived: DerivedStore) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._derived = derived
        self._opened: dict[str, OpenCollection] = {}
        self._lock = threading.Lock()

    def open(self, name: str) -> OpenCollection:
        """The collection as it is now. Raises CollectionNotFound, DamagedFile."""
        collection_id, generation = self._catalog.collections.generation(name)
        with self._lock:
            known = self._opened.get(collection_id)
        if known is not None and known.snapshot.collection.generation == generation:
            return known
        fresh = _persistently(lambda: self._map(name, known))
        with self._lock:
            self._opened[collection_id] = fresh
        return fresh

    def _map(self, name: str, known: OpenCollection | None) -> OpenCollection:
        snapshot = self._catalog.snapshot(name)
        mapped = {one.record.name: one for one in known.segments} if known is not None else {}
        segments = tuple(
            self._open_segment(record, mapped.get(record.name)) for record in snapshot.segments
        )
        return OpenCollection(snapshot, segments)

    def _open_segment(self, record: SegmentRecord, known: OpenSegment | None) -> OpenSegment:
        if known is not None and known.int8 is not None and known.tokens is not None:
            return known
        segment = known.segment if known is not None else self._vectors.open(record)
        return OpenSegment(
            record,
            segment,
            int8=(known and known.int8) or self._derived.int8(record),
            tokens=(known and known.tokens) or self._derived.tokens(record),
        )


def _persistently(map_it: Callable[[], OpenCollection]) -> OpenCollection:
    for _ in range(_ATTEMPTS - 1):
        try:
            return map_it()
        except DamagedFile:
            continue  # a segment that was merged or deleted since the snapshot: take another
    return map_it()
