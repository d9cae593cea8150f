"""Removes for good, in the background: what was deleted, and what has lain in quarantine for long enough.

A deleted file goes when three things are sure, in this order: no writer has pinned it, the catalog does not
name it (any more, or again), and the catalog is the folder's own. The order matters: a writer pins a blob
before it looks for it, and its pin goes only after its document is committed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from indexer.base.errors import DataFolderBusy, StorageError
from indexer.catalog.backups import CatalogBackups
from indexer.catalog.database import Database
from indexer.catalog.removals import Removal, RemovalKind
from indexer.maintenance.pairing import Pairing
from indexer.stores import Stores

QUARANTINE_DAYS = 7.0
REFUSED_UPLOAD = timedelta(days=1)  # so long a refused upload can be tried again
_BATCH = 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PendingRemovals:
    """What was deleted and is still on the disk.

    n_files, n_bytes  originals, page images and segments
    n_segments        segments in which vectors of deleted pages stand, until they are written anew
    """

    n_files: int
    n_bytes: int
    n_segments: int


class Reclaimer:
    """Looks after one data folder. Safe beside readers, writers, compactors and others of its kind.

    quarantine_days  age at which what lies in quarantine is removed; 0: never
    """

    def __init__(
        self, stores: Stores, database: Database, *, quarantine_days: float = QUARANTINE_DAYS
    ) -> None:
        self._stores = stores
        self._pairing = Pairing(stores, database)
        self._backups = CatalogBackups(stores.folder, database)
        self._quarantine_days = quarantine_days

    def run_once(self) -> None:
        """Remove what may go, copy the catalog when a day has passed, index words of pages that lack them.

        Raises StorageError.
        """
        self._pairing.require()
        self.remove_deleted()
        if self._quarantine_days:
            self._stores.quarantine.purge_older(timedelta(days=self._quarantine_days))
        with suppress(DataFolderBusy):  # a repair is going on: next time
            self._backups.daily()
        self._stores.catalog.page_index.fill()  # pages that a pagesight of before has stored

    def remove_deleted(self) -> None:
        """Remove the files of what was deleted. Raises CatalogMismatch, ReadOnly, StorageError."""
        self._pairing.require()
        self._stores.folder.require_in_use()
        removals, last = self._stores.catalog.removals, 0
        is_any_settled = False
        while batch := removals.after(last, _BATCH):
            last = batch[-1].number
            settled_numbers = self._remove_batch([r for r in batch if _is_due(r)])
            removals.forget(settled_numbers)
            is_any_settled |= bool(settled_numbers)
        if is_any_settled:
            self._stores.catalog.page_index.forget_deleted()

    def pending(self) -> PendingRemovals:
        """Say what was deleted and is not gone yet. Raises StorageError."""
        removals, last = self._stores.catalog.removals, 0
        paths: set[Path] = set()
        segment_names: set[str] = set()
        while batch := removals.after(last, _BATCH):
            last = batch[-1].number
            named_files = removals.still_named(batch)
            for removal in batch:
                if removal.kind is RemovalKind.VECTORS:
                    segment_names |= (
                        {removal.name} if (removal.kind, removal.name) in named_files else set()
                    )
                elif (removal.kind, removal.name) not in named_files and (
                    path := self._blob(removal)
                ):
                    paths.add(path)
        sizes = [n for path in paths if (n := self._stores.folder.n_bytes(path)) is not None]
        return PendingRemovals(len(sizes), sum(sizes), len(segment_names))

    def _remove_batch(self, batch: Sequence[Removal]) -> list[int]:
        """Remove what may go; returns the numbers of the removals that are settled."""
        kinds = (RemovalKind.SEGMENT, RemovalKind.VECTORS)
        settled_numbers = self._remove_segments([r for r in batch if r.kind in kinds])
        return settled_numbers + self._remove_blobs([r for r in batch if r.kind not in kinds])

    def _remove_segments(self, batch: Sequence[Removal]) -> list[int]:
        """Remove segments, whose names nobody uses again: nobody has to be kept from them."""
        stores = self._stores
        settled_numbers = []
        named_files = stores.catalog.removals.still_named(batch)
        for removal in batch:
            is_named = (removal.kind, removal.name) in named_files
            if is_named and removal.kind is RemovalKind.VECTORS:
                continue  # the next time
            if not is_named and removal.kind is RemovalKind.SEGMENT:
                try:
                    stores.vectors.remove(removal.collection_id, removal.name)
                    stores.derived_data.remove(removal.collection_id, removal.name)
                except StorageError as error:
                    _log.warning("%s", error)
                    continue
            settled_numbers.append(removal.number)
        return settled_numbers

    def _remove_blobs(self, batch: Sequence[Removal]) -> list[int]:
        """Remove blobs that nobody has pinned; writers wait meanwhile, so it is one step for all."""
        if not batch:
            return []
        folder = self._stores.folder
        with folder.pins.removing() as pinned_names:
            named_files = self._stores.catalog.removals.still_named(batch)
            free_removals = [removal for removal in batch if removal.name not in pinned_names]
            unnamed_removals = [r for r in free_removals if (r.kind, r.name) not in named_files]
            paths = [path for removal in unnamed_removals if (path := self._blob(removal))]
            try:
                folder.remove_files(paths)
            except StorageError as error:
                _log.warning("%s", error)
                free_removals = [r for r in free_removals if r not in unnamed_removals]
        for parent in {path.parent for path in paths}:
            with suppress(FileNotFoundError):
                folder.sync_names(parent)
        return [removal.number for removal in free_removals]

    def _blob(self, removal: Removal) -> Path | None:
        if removal.kind is RemovalKind.IMAGE:
            return self._stores.images.path(removal.name)
        if removal.kind in (RemovalKind.ORIGINAL, RemovalKind.UPLOAD):
            return self._stores.originals.path(removal.name)
        return None


def _is_due(removal: Removal) -> bool:
    is_upload = removal.kind is RemovalKind.UPLOAD
    return not is_upload or removal.since < datetime.now(UTC) - REFUSED_UPLOAD
