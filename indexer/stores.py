"""Everything that is stored, together: the catalog that says what exists, and the files it names."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from indexer.base.errors import StorageError
from indexer.catalog.catalog import Catalog
from indexer.catalog.synced_files import SyncedFile
from indexer.indexes.derived import DerivedStore
from indexer.storage.blobs import BlobStore
from indexer.storage.damage_log import DamageLog
from indexer.storage.durable import DurableFolder
from indexer.storage.quarantine import Quarantine
from indexer.storage.segments import SegmentRecord, VectorStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stores:
    """The catalog and the files of one data folder.

    derived_data  made from the vectors, and made anew when it is lost: int8 copies, token indexes
    damage        what was seen not to be what was written
    """

    folder: DurableFolder
    catalog: Catalog
    vectors: VectorStore
    originals: BlobStore
    images: BlobStore
    derived_data: DerivedStore
    damage: DamageLog

    @property
    def quarantine(self) -> Quarantine:
        """Where files are moved that look like garbage or damage."""
        return Quarantine(self.folder)

    def delete_document(self, document_id: str) -> None:
        """Delete a document and its attachments, which are in no answer any more when this returns.

        Their files go in the background, unless another document shares them (see `Reclaimer`).
        Raises DocumentNotFound.
        """
        self._remove_now(self.catalog.documents.delete(document_id))

    def delete_name(self, document_id: str, name: str) -> None:
        """Take a name from a document; with its last name it is deleted. Raises DocumentNotFound."""
        self._remove_now(self.catalog.documents.delete_name(document_id, name))

    def remove_file(self, collection_id: str, file: SyncedFile) -> None:
        """Delete the documents of a file that is gone, all its versions. Raises CollectionNotFound."""
        self._remove_now(self.catalog.synced_files.remove(collection_id, file))

    def withdraw_first_pages(self, document_id: str) -> None:
        """Delete the first pages of a document that is not whole; its names stay. Raises DocumentNotFound."""
        self._remove_now(self.catalog.documents.delete(document_id, for_good=False))

    def delete_collection(self, name: str) -> None:
        """Delete a collection and its documents, as `delete_document`. Raises CollectionNotFound."""
        collection_id = self.catalog.collections.get(name).id
        self._remove_now(self.catalog.delete_collection(name))
        with suppress(StorageError):  # the next sweep removes it
            self.derived_data.remove_collection(collection_id)

    def drop_shadow_segments(self, collection_id: str, names: Sequence[str]) -> bool:
        """Take segments out of the index beside a collection's own; whether any of them was in it."""
        dropped_segments = self.catalog.reencodings.drop_segments(collection_id, names)
        self._remove_now(dropped_segments)
        return bool(dropped_segments)

    def _remove_now(self, segments: Sequence[SegmentRecord]) -> None:
        """Remove what the catalog has let go; what cannot be removed now goes in the background."""
        try:
            self.remove_segments(segments)
        except StorageError as error:
            _log.warning("deleted, and not removed yet: %s", error)

    def remove_segments(self, segments: Sequence[SegmentRecord]) -> None:
        """Remove the files of segments that the catalog does not name any more."""
        for segment in segments:
            self.vectors.remove(segment.collection_id, segment.name)
            self.derived_data.remove(segment.collection_id, segment.name)
