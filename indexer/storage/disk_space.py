"""Room on the disk of the data folder: what is kept back for the catalog, and when nothing more is written.

A file of a set size, the reserve, holds room that nobody else can take. When the disk is full it is given up:
the catalog can be opened and written, and documents can be deleted. Nothing else is written until the reserve
could be made again.

What was not written because of an error of the disk (fsync: EIO) may be lost although a second try succeeds,
so after one nothing is acknowledged any more until the process begins anew.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from indexer.base.disk_errors import storage_error
from indexer.base.errors import DiskFull, ReadOnly, StorageError
from indexer.storage.files import SyncFailed

_OF_DISK = 10  # the reserve is at most this part of a small disk


class DiskSpace:
    """The disk of one data folder. Safe to use from several threads and processes.

    reserve_bytes  at most a tenth of the disk is taken; 0: none, and the disk itself refuses what is too much
    """

    def __init__(self, root: Path, reserve_bytes: int = 0) -> None:
        self._root = root
        self._reserve = root / "reserve"
        with suppress(OSError):  # the folder is not there yet, and will say so
            reserve_bytes = min(reserve_bytes, shutil.disk_usage(root).total // _OF_DISK)
        self._reserve_bytes = reserve_bytes
        # With less than that the reserve is given up; it is made again when so much is free beside it.
        self._catalog_bytes = reserve_bytes // 4
        self._broken = ""
        self._lock = threading.Lock()

    @property
    def free_bytes(self) -> int:
        """Raises OSError."""
        return shutil.disk_usage(self._root).free

    @property
    def total_bytes(self) -> int:
        """Raises OSError."""
        return shutil.disk_usage(self._root).total

    def make_reserve(self) -> bool:
        """Take the reserve if it is not whole and there is room; return whether it is whole."""
        with self._lock:
            if self._has_reserve():
                return True
            try:
                if self.free_bytes < self._reserve_bytes + 2 * self._catalog_bytes:
                    return False
                fd = os.open(self._reserve, os.O_WRONLY | os.O_CREAT, 0o600)
                try:
                    os.posix_fallocate(fd, 0, self._reserve_bytes)
                finally:
                    os.close(fd)
            except OSError:
                self._give_up()
                return False
            return self._has_reserve()

    def make_room_for_catalog(self) -> None:
        """Give up the reserve when the disk is about to be full: before the catalog is opened or written."""
        if self._reserve_bytes and self._is_full():
            self._give_up()

    def read_only_reason(self) -> str:
        """Say why nothing is written; empty when all is well. It becomes so by itself when space is freed."""
        if self._broken:
            return self._broken
        if not self._reserve_bytes:
            return ""
        if not self._has_reserve() and not self.make_reserve():
            room_bytes = self._reserve_bytes + 2 * self._catalog_bytes
        elif self._is_full():  # the next writer of the catalog will give the reserve up
            room_bytes = self._catalog_bytes
        else:
            return ""
        return f"the disk is full: uploads and upkeep wait until {room_bytes / 1e6:.1f} MB are free"

    def require_writable(self) -> None:
        """Raises ReadOnly after an error of the disk, DiskFull while it is full."""
        if self._broken:
            raise ReadOnly(f"nothing is written any more: {self._broken}")
        if reason := self.read_only_reason():
            raise DiskFull(reason)

    def require_room(self, n_bytes: int, purpose: str) -> None:
        """Raise DiskFull unless that many bytes can be written and the catalog still has room."""
        with suppress(OSError):
            free = self.free_bytes
            if free < n_bytes + self._catalog_bytes:
                raise DiskFull(
                    f"{purpose} needs {n_bytes / 1e6:.0f} MB, {free / 1e6:.0f} MB are free: it waits"
                )

    def write_error(self, path: Path, error: OSError) -> StorageError:
        """Return what to raise for a failed write or sync of `path`; remember what cannot be mended."""
        if isinstance(error, SyncFailed) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
            reason = error.strerror or str(error)
            self._broken = (
                f"the disk failed to keep {path.name} ({reason}): check it, start pagesight anew"
            )
            return ReadOnly(f"cannot write {path}; nothing is written any more: {self._broken}")
        return storage_error(path, error)

    def _is_full(self) -> bool:
        """Say whether the disk has less room, beside the reserve, than the catalog may need."""
        try:
            return self.free_bytes < self._catalog_bytes
        except OSError:
            return False

    def _has_reserve(self) -> bool:
        try:
            return self._reserve.stat().st_size >= self._reserve_bytes
        except OSError:
            return self._reserve_bytes == 0

    def _give_up(self) -> None:
        with suppress(OSError):
            self._reserve.unlink(missing_ok=True)
