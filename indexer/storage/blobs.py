"""Content-addressed files: originals and page images, each named by the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from indexer.base.errors import DamagedFile, StorageError
from indexer.storage.durable import DurableFolder, holds, sync_folder


class BlobStore:
    """One family of files, `root/ab/<sha256><suffix>`. The same bytes are kept once."""

    def __init__(self, folder: DurableFolder, family: str, suffix: str) -> None:
        self._folder = folder
        self._root = folder.root / family
        self._suffix = suffix
        self._unsynced_folders: set[Path] = set()
        self._syncing = Lock()

    def path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / f"{sha256}{self._suffix}"

    def add(self, data: bytes) -> str:
        """Store `data` and return its SHA-256. Durable after the next `sync`."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            self._folder.add_bytes(target, data)
        self._unsynced_folders.add(target.parent)
        return sha256

    def add_file(self, source: Path, sha256: str) -> None:
        """Store a copy of the file `source`, whose SHA-256 the caller has just computed.

        Raises DamagedFile when the source changed in between.
        """
        target = self.path(sha256)
        if not target.exists() and self._folder.add_copy(target, source) != sha256:
            target.unlink()
            raise DamagedFile(f"{source} changed while it was being read: ingest it again")
        self._unsynced_folders.add(target.parent)

    def take_file(self, source: Path, sha256: str) -> None:
        """As `add_file`, for a file of the staging folder, which is gone from there afterwards."""
        target = self.path(sha256)
        if target.exists():
            source.unlink()
        else:
            self._folder.add_moved(target, source)
        self._unsynced_folders.add(target.parent)

    def sync(self) -> None:
        """Make every name added so far durable, also those that another thread is syncing now."""
        with self._syncing:
            while self._unsynced_folders:
                folder = self._unsynced_folders.pop()
                try:
                    sync_folder(folder)
                except OSError as error:
                    self._unsynced_folders.add(folder)
                    raise StorageError(f"cannot sync {folder}: {error.strerror}") from error

    def read(self, sha256: str) -> bytes:
        """Read the bytes of one blob. Raises DamagedFile when it is gone."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise DamagedFile(
                f"{self.path(sha256)} is missing: run `pagesight verify --repair`"
            ) from error

    def intact(self, sha256: str, *, deep: bool) -> bool:
        """Whether the blob is there and, if `deep`, whether its bytes are the ones that were kept.

        Raises StorageError where they may not be read.
        """
        path = self.path(sha256)
        return holds(path, sha256) if deep else path.exists()

    def entries(self) -> Iterator[tuple[str, Path]]:
        """Yield every blob on disk, as (sha256, path)."""
        for path in self._root.glob(f"*/*{self._suffix}"):
            yield path.name.removesuffix(self._suffix), path
