"""Moves what is stored from a data folder to a bucket, or back, while everything is searched.

What the catalog names is copied first, beside uploads and ingests. Then nobody writes for a moment: what was
added meanwhile is copied, the new place is paired with the catalog, and the old one is marked as moved, so
that nobody writes there any more. Until that mark the old place is the one that counts, and a move that broke
off is run again: files that stand in the new place are not copied twice. The old files stay, until a person
removes them. What is derived is made anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.base.errors import DamagedFile, DataFolderBusy, StorageError
from indexer.catalog.database import Database
from indexer.catalog.pair_marks import PairMarks
from indexer.maintenance.named_files import named_files
from indexer.maintenance.pairing import Pairing
from indexer.storage.durable import DurableFolder
from indexer.storage.pair_mark import write_mark
from indexer.stores import Stores

QUIET_S = 120.0  # so long a move waits for a moment in which nobody writes
_POLL_S = 0.05

MoveProgress = Callable[[int, int], None]  # (files that stand in the new place, files)


@dataclass(frozen=True, slots=True)
class Move:
    """What a move did.

    n_files         files that stand in the new place now
    n_copied        of them, those that did not stand there before
    damaged_files   files of the old place that are not what was written: they were left there
    """

    n_files: int
    n_copied: int
    n_bytes_copied: int
    damaged_files: tuple[str, ...]


class Mover:
    """Moves the files of one catalog."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._source = stores.folder
        self._pairing = Pairing(stores, database)
        self._marks = PairMarks(database)
        self._n_copied = self._n_bytes_copied = 0

    def move(
        self,
        target: DurableFolder,
        address: str,
        on_file: MoveProgress = lambda n_done, n_files: None,
        quiet_s: float = QUIET_S,
    ) -> Move:
        """Move everything to `target`, which others will find by `address`.

        Raises DataFolderBusy where somebody writes all the time, or moved everything there before,
        CatalogMismatch, StorageError, Unreadable.
        """
        self._pairing.require()
        if target.root == self._source.root and not (target.is_bucket or self._source.is_bucket):
            raise DataFolderBusy(f"everything is stored in {target.root} already")
        self._copy_all(target, on_file)
        with self._quiet(target, quiet_s):
            n_files, damaged_files = self._copy_all(target, on_file)
            mark = self._marks.read()
            if mark is None:
                raise StorageError("the catalog was never paired: open it once with pagesight")
            write_mark(target, mark)
            target.unmark_moved()
            self._source.mark_moved(address)
        return Move(n_files, self._n_copied, self._n_bytes_copied, damaged_files)

    def _copy_all(
        self, target: DurableFolder, on_file: MoveProgress
    ) -> tuple[int, tuple[str, ...]]:
        """Copy what does not stand in the new place; returns how many files do, and what is damaged."""
        sums = dict(named_files(self._stores, self._stores.catalog))
        damaged_files: dict[str, str] = {}
        folders: set[Path] = set()
        for n_done, (name, sha256) in enumerate(sums.items(), 1):
            path = target.root / name
            if not target.stands(path, sha256):
                try:
                    self._copy(name, path, target, sha256)
                    folders.add(path.parent)
                except (DamagedFile, FileNotFoundError) as error:
                    damaged_files[name] = str(error)
            on_file(n_done, len(sums))
        for folder in folders:
            target.sync_names(folder)
        still_named = dict(named_files(self._stores, self._stores.catalog))
        lost_names = damaged_files.keys() & still_named.keys()  # the others were deleted meanwhile
        return len(sums) - len(damaged_files), tuple(
            damaged_files[name] for name in sorted(lost_names)
        )

    def _copy(self, name: str, path: Path, target: DurableFolder, sha256: str) -> None:
        """Copy a file, whose bytes are proven on the way. Raises DamagedFile."""
        with self._source.lent(self._source.root / name, sha256, prove=False) as source_path:
            if source_path is None or not source_path.is_file():
                raise DamagedFile(f"{name} is missing or damaged: run `pagesight verify --deep`")
            target.add_copy(path, source_path, sha256)
            self._n_copied += 1
            self._n_bytes_copied += source_path.stat().st_size

    @contextmanager
    def _quiet(self, target: DurableFolder, wait_s: float) -> Iterator[None]:
        """Keep everybody from writing to both places: another may be moving everything the other way.

        Raises DataFolderBusy, ReadOnly where another was faster.
        """
        deadline = time.monotonic() + wait_s
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._source.sweeping())
                    if not (self._source.is_bucket and target.is_bucket):
                        stack.enter_context(target.sweeping())
                    break  # of two buckets the catalog has one lock, which is held by now
                except DataFolderBusy:
                    stack.close()  # who holds the one and waits for the other would wait for ever
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(_POLL_S)
            self._source.require_in_use()
            yield
