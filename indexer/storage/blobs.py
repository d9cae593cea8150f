"""Content-addressed files: originals and page images, each named by the SHA-256 of its bytes.

A name alone proves nothing: a blob that is there already is read before it is trusted, and what is rotten is
replaced as soon as the right bytes come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from indexer.base.errors import DamagedBlob, Unreadable
from indexer.storage.durable import DurableFolder
from indexer.storage.quarantine import Quarantine

_OTHER_BYTES = "does not hold the bytes that were stored"
_MOST_CHECKED = 10_000  # blobs that are remembered to be whole


class BlobStore:
    """One family of files, `root/ab/<sha256><suffix>`. The same bytes are kept once."""

    def __init__(self, folder: DurableFolder, family: str, suffix: str) -> None:
        self._folder = folder
        self.family = family
        self._identities: dict[str, tuple[int, int, int]] = {}
        self._root = folder.root / family
        self._suffix = suffix
        self._quarantine = Quarantine(folder)
        self._unsynced_folders: set[Path] = set()
        self._syncing = Lock()

    def path(self, sha256: str) -> Path:
        """Return the name of a blob; where it is stored elsewhere, `local_path` has it lie there."""
        return self._root / sha256[:2] / f"{sha256}{self._suffix}"

    def local_path(self, sha256: str) -> Path:
        """Return where the blob can be read now, if it is there at all. Raises Unreadable."""
        return self._folder.local_path(self.path(sha256), sha256)

    def add(self, data: bytes) -> str:
        """Store `data` and return its SHA-256. Durable after the next `sync`."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._stands(sha256):
            self._folder.add_bytes(self.path(sha256), data)
        self._unsynced_folders.add(self.path(sha256).parent)
        return sha256

    def add_file(self, source: Path, sha256: str) -> None:
        """Store a copy of the file `source`, whose SHA-256 the caller has just computed.

        Raises DamagedFile when the source changed in between.
        """
        if not self._stands(sha256):
            self._folder.add_copy(self.path(sha256), source, sha256)
        self._unsynced_folders.add(self.path(sha256).parent)

    def take_file(self, source: Path, sha256: str) -> None:
        """As `add_file`, for a file of the staging folder, which is gone from there afterwards."""
        if self._stands(sha256):
            source.unlink()
        else:
            self._folder.add_moved(self.path(sha256), source)
        self._unsynced_folders.add(self.path(sha256).parent)

    def pin(self, sha256: str) -> None:
        """Let nobody remove the blob before the `writing` around this call has ended."""
        self._folder.pins.pin(sha256)

    def _stands(self, sha256: str) -> bool:
        """Say whether the blob is there with its bytes, and pin it.

        What is there with others, or cannot be read, is kept in quarantine: the right bytes take its place.
        """
        self.pin(sha256)
        path = self.path(sha256)
        try:
            if self._folder.stands(path, sha256):
                return True
            reason = "does not hold the bytes it is named by"
        except Unreadable as error:
            reason = str(error)
        if self._folder.state(path) is not None:
            self._quarantine.keep(path, f"replaced by the right bytes: {reason}")
        return False

    def sync(self) -> None:
        """Make every name added so far durable, also those that another thread is syncing now.

        Raises StorageError. A name whose sync failed is not tried again: the second try would succeed, and
        say nothing about the first.
        """
        with self._syncing:
            while self._unsynced_folders:
                folder = self._unsynced_folders.pop()
                try:
                    self._folder.sync_names(folder)
                except OSError as error:
                    raise self._folder.space.write_error(folder, error) from error

    def read(self, sha256: str) -> bytes:
        """Read the bytes of one blob. Raises DamagedBlob when they are gone or others, Unreadable."""
        data = self._folder.read(self.path(sha256), sha256)
        if data is None:
            raise self.damage_of(sha256, "is missing")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self.damage_of(sha256)
        return data

    def require(self, sha256: str) -> None:
        """Make sure that the blob holds its bytes; one that did is looked at again when it has changed.

        Raises DamagedBlob, Unreadable.
        """
        identity = self._look(sha256)
        if self._identities.get(sha256) == identity:
            return
        with self._folder.lent(self.path(sha256), sha256) as path:
            if path is None:
                raise self.damage_of(sha256)
            self._remember(sha256, identity)

    def is_checked(self, sha256: str) -> bool:
        """Whether `require` would find it unchanged. Raises DamagedBlob where it is gone, Unreadable."""
        return self._identities.get(sha256) == self._look(sha256)

    def n_bytes(self, sha256: str) -> int:
        """Return the size on disk. Raises DamagedBlob where the blob is gone, Unreadable."""
        return self._look(sha256)[1]

    def _look(self, sha256: str) -> tuple[int, int, int]:
        """Return what changes when the file is written to: (inode, bytes, time)."""
        state = self._folder.state(self.path(sha256))
        if state is None:
            raise self.damage_of(sha256, "is missing")
        return state

    def _remember(self, sha256: str, identity: tuple[int, int, int]) -> None:
        if len(self._identities) >= _MOST_CHECKED:
            self._identities.clear()
        self._identities[sha256] = identity

    def damage_of(self, sha256: str, state: str = _OTHER_BYTES) -> DamagedBlob:
        """Return the error of a blob that is not as it was stored."""
        message = f"{self.path(sha256)} {state}: run `pagesight verify --deep --repair`"
        return DamagedBlob(message, self.family, sha256)

    def intact(self, sha256: str, *, deep: bool, n_bytes: int | None = None) -> bool:
        """Whether the blob is there and, if `deep`, whether its bytes are the ones that were kept.

        n_bytes  its length, where it is known: a shallow look compares it

        Raises Unreadable where that cannot be known now.
        """
        path = self.path(sha256)
        if deep:
            return self._folder.holds(path, sha256)
        state = self._folder.state(path)
        return state is not None and n_bytes in (None, state[1])

    def entries(self) -> Iterator[tuple[str, Path]]:
        """Yield every blob that is stored, as (sha256, path)."""
        for path in self._folder.paths(self._root, 2):
            if path.suffix == self._suffix:
                yield path.name.removesuffix(self._suffix), path
