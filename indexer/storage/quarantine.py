"""Quarantine: what looks like garbage or damage is moved aside, and can be put back until it is purged.

quarantine/<batch>/batch.json    when and why it was moved, how much, and its paths below the data folder
quarantine/<batch>/files/...     the files and folders themselves, under those paths

Moving is a rename on the same file system: it takes no space and no time, and loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from indexer.base.disk_errors import storage_error
from indexer.base.errors import NotInQuarantine, StorageError
from indexer.storage.durable import DurableFolder

_FACTS = "batch.json"


@dataclass(frozen=True, slots=True)
class QuarantineBatch:
    """What was moved aside together.

    paths    below the data folder, where each file or folder was
    n_files, n_bytes  of all that was moved
    """

    id: str
    moved_at: datetime
    reason: str
    paths: tuple[str, ...]
    n_files: int
    n_bytes: int


class Quarantine:
    """The quarantine of one data folder."""

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._root = folder.root / "quarantine"

    def move(self, paths: Sequence[Path], reason: str) -> int:
        """Move files and folders of the data folder aside; return how many. Raises StorageError."""
        if not paths:
            return 0
        files = self._begin(paths, reason)
        n_moved = 0
        for path in paths:
            try:
                self._folder.rename(path, files / path.relative_to(self._folder.root))
                n_moved += 1
            except FileNotFoundError:  # somebody else was faster
                continue
            except OSError as error:
                raise storage_error(path, error) from error
        for folder in {path.parent for path in paths}:
            with suppress(OSError):
                self._folder.sync_names(folder)
        return n_moved

    def keep(self, path: Path, reason: str) -> None:
        """Keep a file that is about to be replaced, under a second name. Raises StorageError."""
        target = self._begin([path], reason) / path.relative_to(self._folder.root)
        try:
            self._folder.keep_copy(path, target)
        except OSError as error:
            raise storage_error(target, error) from error

    def batches(self) -> list[QuarantineBatch]:
        """Return what is here, the oldest first."""
        batches = (self._batch_in(path) for path in self._folder.paths(self._root, 1))
        return sorted((batch for batch in batches if batch), key=lambda batch: batch.moved_at)

    def batch(self, batch_id: str) -> QuarantineBatch:
        """Return one batch. Raises NotInQuarantine."""
        batch = self._batch_in(self._root / batch_id) if batch_id.strip("./") == batch_id else None
        if batch is None:
            raise NotInQuarantine(
                f"no batch {batch_id!r} in quarantine: `pagesight quarantine list` shows them"
            )
        return batch

    def restore(self, batch: QuarantineBatch) -> int:
        """Put back what is not in its old place again; returns how many files and folders.

        The batch is gone when all of it is back. Raises StorageError.
        """
        files = self._root / batch.id / "files"
        n_restored, n_left = 0, 0
        for name in batch.paths:
            source, target = files / name, self._folder.root / name
            if not self._is_there(source):
                continue
            if self._is_there(target):
                n_left += 1
                continue
            try:
                self._folder.rename(source, target)
                self._folder.sync_names(target.parent)
            except OSError as error:
                raise storage_error(target, error) from error
            n_restored += 1
        if not n_left:
            self.purge(batch)
        return n_restored

    def purge(self, batch: QuarantineBatch) -> None:
        """Remove a batch for good. Raises StorageError."""
        self._folder.remove(self._root / batch.id)

    def purge_older(self, age: timedelta) -> int:
        """Remove the batches that were moved so long ago; returns how many. Raises StorageError."""
        limit = datetime.now(UTC) - age
        old_batches = [batch for batch in self.batches() if batch.moved_at < limit]
        for batch in old_batches:
            self.purge(batch)
        return len(old_batches)

    def _begin(self, paths: Sequence[Path], reason: str) -> Path:
        """Make a batch; returns the folder for its files."""
        now = datetime.now(UTC)
        path = self._root / f"{now:%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"
        names = [str(path.relative_to(self._folder.root)) for path in paths]
        sizes = [self._folder.facts_of(path) for path in paths]
        facts = {
            "moved_at": now.isoformat(),
            "reason": reason,
            "n_files": sum(n_files for n_files, _ in sizes),
            "n_bytes": sum(n_bytes for _, n_bytes in sizes),
            "paths": names,
        }
        self._folder.add_bytes(path / _FACTS, json.dumps(facts, indent=1).encode())
        return path / "files"

    def _is_there(self, path: Path) -> bool:
        """Say whether a file, or anything of a folder, is there."""
        return self._folder.facts_of(path)[0] > 0

    def _batch_in(self, path: Path) -> QuarantineBatch | None:
        try:
            data = self._folder.read(path / _FACTS)
            if data is None:
                return None
            facts = json.loads(data)
            moved_at, reason = datetime.fromisoformat(facts["moved_at"]), str(facts["reason"])
            names = tuple(str(name) for name in facts["paths"])
            n_files, n_bytes = int(facts["n_files"]), int(facts["n_bytes"])
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(f"{path / _FACTS} is damaged: look at {path} by hand") from error
        return QuarantineBatch(path.name, moved_at, reason, names, n_files, n_bytes)
