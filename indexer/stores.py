"""Where everything is kept, together: the catalog that says what exists, and the files it names."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.blobs import BlobStore
from indexer.catalog.catalog import Catalog
from indexer.durable import DurableFolder
from indexer.vectors.base import SegmentRecord, VectorStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The catalog and the three kinds of files of one data folder."""

    folder: DurableFolder
    catalog: Catalog
    vectors: VectorStore
    originals: BlobStore
    images: BlobStore

    def delete_document(self, document_id: str) -> None:
        """Gone from every answer when this returns. Raises DocumentNotFound.

        Its vectors are gone from disk too; its original and images, which another document may
        share, at the next `verify --repair`.
        """
        self._remove(self.catalog.delete_document(document_id))

    def delete_collection(self, name: str) -> None:
        """As `delete_document`, for all of them. Raises CollectionNotFound."""
        self._remove(self.catalog.delete_collection(name))

    def _remove(self, segments: list[SegmentRecord]) -> None:
        for segment in segments:
            self.vectors.remove(segment.collection_id, segment.name)
