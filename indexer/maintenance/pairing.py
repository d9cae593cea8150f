"""Whether a data folder and a catalog belong together. Nothing is swept against another's catalog.

folder               catalog                        what happens
no mark, no data     new                            they are paired
no mark, data        names most of what is there    they are paired: both are older than marks are
the same id          the same id, epoch not lower   fine
anything else                                       refused, until a person says `pagesight verify --adopt`
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

from indexer.base.errors import CatalogMismatch, StorageError
from indexer.catalog.backups import CatalogBackups
from indexer.catalog.database import Database
from indexer.catalog.pair_marks import NamedFiles, PairMarks
from indexer.storage.pair_mark import PairMark, read_mark, write_mark
from indexer.stores import Stores

_LOCK_S = 60.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Holdings:
    """What lies in a data folder: (collection id, name) of segments, SHA-256 of originals."""

    segments: frozenset[tuple[str, str]]
    originals: frozenset[str]

    def __len__(self) -> int:
        return len(self.segments) + len(self.originals)

    def __str__(self) -> str:
        return f"{len(self.originals)} originals and {len(self.segments)} segments"


class Pairing:
    """The pair of one data folder and one catalog."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._database = database
        self._marks = PairMarks(database)
        self._backups = CatalogBackups(stores.folder, database)

    def open(self) -> None:
        """Bring the catalog's schema up to date, a copy made before; pair the two where both are new.

        Raises CatalogMismatch where they do not belong together, having changed nothing; StorageError.
        """
        if self._unpaired():
            refusal = f"{self._stores.folder.root} is being paired by another process: try again"
            with self._stores.folder.alone("pair", refusal, _LOCK_S):
                if self._unpaired():
                    self._pair()
        self.require()
        self._migrate()
        self._database.keep_epoch = self._keep_epoch

    def require(self) -> None:
        """Raise CatalogMismatch unless the two belong together now, or neither was ever paired."""
        folder_mark, catalog_mark = read_mark(self._stores.folder), self._marks.read()
        if folder_mark is None and catalog_mark is None:
            return
        if catalog_mark is None:
            raise self._mismatch(
                "has no catalog there: it is missing, empty, or older than the files"
            )
        if folder_mark is None:
            raise self._mismatch(
                f"is not the folder of the catalog there, which belongs to {catalog_mark.id}: another "
                "folder, or a disk that is not mounted"
            )
        if folder_mark.id != catalog_mark.id:
            raise self._mismatch(
                f"belongs to catalog {folder_mark.id}, but the one there is {catalog_mark.id}"
            )
        if catalog_mark.epoch < folder_mark.epoch:
            raise self._mismatch(
                f"is newer than the catalog there (epoch {folder_mark.epoch} after {catalog_mark.epoch}): a "
                "backup was restored, or a server failed over to a replica that lagged behind"
            )

    def adopt(self) -> PairMark:
        """Pair folder and catalog as they are, because a person says so. Raises StorageError."""
        self._migrate()
        epochs = [0]
        for read_half in (partial(read_mark, self._stores.folder), self._marks.read):
            try:
                mark = read_half()
            except StorageError as error:
                _log.warning("%s", error)
            else:
                epochs += [mark.epoch] if mark else []
        new_mark = PairMark(uuid4().hex, max(epochs) + 1)
        self._marks.write(new_mark)
        write_mark(self._stores.folder, new_mark)
        return new_mark

    def _unpaired(self) -> bool:
        """Say whether neither of the two was ever paired, or only half, by a process that died."""
        folder_mark = read_mark(self._stores.folder)
        is_begun = folder_mark is not None and folder_mark.epoch == 0
        return (folder_mark is None or is_begun) and self._marks.read() is None

    def _pair(self) -> None:
        """Pair the two if they fit. Raises CatalogMismatch."""
        holdings, named_files = self._holdings(), self._marks.named_files()
        if not _fit(holdings, named_files):
            n_named = len(named_files.segments) + len(named_files.originals)
            raise self._mismatch(
                f"does not fit the catalog there, which names {n_named} of such files, most of them others"
            )
        mark = read_mark(self._stores.folder) or PairMark(uuid4().hex, 0)
        write_mark(self._stores.folder, mark)
        self._migrate()
        mark = replace(mark, epoch=1)
        self._marks.write(mark)
        write_mark(self._stores.folder, mark)

    def _migrate(self) -> None:
        self._backups.before_migration()
        self._database.migrate()

    def _holdings(self) -> _Holdings:
        stores = self._stores
        return _Holdings(
            frozenset(stores.vectors.entries()),
            frozenset(sha256 for sha256, _ in stores.originals.entries()),
        )

    def _keep_epoch(self, epoch: int) -> None:
        """Let the folder remember the epoch. An old one only means that less is noticed later."""
        try:
            mark = read_mark(self._stores.folder)
            if mark is not None and mark.epoch < epoch:
                write_mark(self._stores.folder, replace(mark, epoch=epoch))
        except StorageError as error:
            _log.warning("the data folder does not remember epoch %s: %s", epoch, error)

    def _mismatch(self, reason: str) -> CatalogMismatch:
        root, newest = self._stores.folder.root, self._backups.newest()
        copy = f"put {newest or 'a copy of it'} in its place, without the -wal and -shm files of the old one"
        return CatalogMismatch(
            f"{root} (it holds {self._holdings()}) {reason}. Nothing was changed. The catalog is sought at "
            f"{self._database.address}: set PAGESIGHT_DATABASE_URL and PAGESIGHT_DATA_DIR to a pair, or "
            f"{copy}; `pagesight verify --adopt` pairs the two as they are (docs/operations.md)"
        )


def _fit(holdings: _Holdings, named_files: NamedFiles) -> bool:
    """Say whether a folder and a catalog without marks are each other's, by what lies there and is named."""
    n_named = len(named_files.segments) + len(named_files.originals)
    n_present = len(holdings.segments & named_files.segments)
    n_present += len(holdings.originals & named_files.originals)
    if n_named:
        return 2 * n_present >= n_named and len(holdings.segments) <= 2 * len(named_files.segments)
    # Everything may have been deleted, or refused; an old pagesight left the originals there.
    return not len(holdings) or (named_files.was_used and not holdings.segments)
