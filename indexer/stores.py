"""Where everything is kept, together: the catalog that says what exists, and the files it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.catalog.catalog import Catalog
from indexer.indexes.derived import DerivedStore
from indexer.storage.blobs import BlobStore
from indexer.storage.durable import DurableFolder
from indexer.storage.segments import SegmentRecord, VectorStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The catalog and the three kinds of files of one data folder."""

    folder: DurableFolder
    catalog: Catalog
    vectors: VectorStore
    originals: BlobStore
    images: BlobStore
    derived: DerivedStore

    def delete_document(self, document_id: str) -> None:
        """Gone from every answer when this returns. Raises DocumentNotFound.

        Its vectors are gone from disk too; its original and images, which another document may
        share, at the next `verify --repair`.
        """
        self.remove_segments(self.catalog.documents.delete(document_id))

    def delete_collection(self, name: str) -> None:
        """As `delete_document`, for all of them. Raises CollectionNotFound."""
        collection_id = self.catalog.collections.get(name).id
        self.remove_segments(self.catalog.delete_collection(name))
        self.derived.remove_collection(collection_id)

    def remove_segments(self, segments: Sequence[SegmentRecord]) -> None:
        """The files of segments that the catalog does not name any more."""
        for segment in segments:
            self.vectors.remove(segment.collection_id, segment.name)
            self.derived.remove(segment.collection_id, segment.name)
