"""Segments in memory: the fake of the vector store, gone with the process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import uuid4

from indexer.base.errors import DamagedFile
from indexer.base.pages import PageEmbedding
from indexer.storage.segments import Segment, SegmentRecord, SegmentRows, merge_plan, segment_of


class MemoryStore:
    """Obeys the contract of `VectorStore` without a disk."""

    def __init__(self) -> None:
        self._segments: dict[tuple[str, str], Segment] = {}

    def write(
        self, collection_id: str, page_ids: Sequence[int], pages: Sequence[PageEmbedding]
    ) -> SegmentRecord:
        return self._keep(collection_id, segment_of(page_ids, pages))

    def merge(self, collection_id: str, parts: Sequence[SegmentRows]) -> SegmentRecord:
        plan = merge_plan(parts)
        pages = [
            parts[p].segment.page(int(i)) for p, i in zip(plan.parts, plan.page_ids, strict=True)
        ]
        return self.write(collection_id, plan.page_ids.tolist(), [page for page in pages if page])

    def _keep(self, collection_id: str, segment: Segment) -> SegmentRecord:
        name = uuid4().hex
        self._segments[collection_id, name] = segment
        n_vectors, dim = segment.vectors.shape
        return SegmentRecord(collection_id, name, len(segment.page_ids), n_vectors, dim, files={})

    def open(self, record: SegmentRecord) -> Segment:
        try:
            return self._segments[record.collection_id, record.name]
        except KeyError as error:
            raise DamagedFile(f"segment {record.name} is missing") from error

    def add_sums(self, record: SegmentRecord) -> SegmentRecord:
        return record

    def check(self, record: SegmentRecord, *, deep: bool) -> list[str]:
        if (record.collection_id, record.name) in self._segments:
            return []
        return [f"segment {record.name} is missing"]

    def remove(self, collection_id: str, name: str) -> None:
        self._segments.pop((collection_id, name), None)

    def folder_of(self, collection_id: str, name: str) -> None:
        return None

    def entries(self) -> Iterator[tuple[str, str]]:
        yield from list(self._segments)
