"""Copies of stored files on the disk: those that were used longest ago go when they take too much room.

A copy that goes stays readable for whoever has it open or mapped, and takes its room until then.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.storage.files import FOLDER_MODE

_DISK_BLOCK_BYTES = 4096  # a file takes whole ones, however short it is
_LEFT = 0.9  # of the room, when some have gone: so that not every new one sends another away


class FileCache:
    """The copies below one folder. Safe to use from several threads; a process counts for itself.

    max_bytes  room for the copies, as the disk counts it; what is kept at the moment may take more
    """

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._sizes: OrderedDict[Path, int] = OrderedDict()  # the one used longest ago first
        self._n_keeping: dict[Path, int] = {}
        self._kept_until: dict[Path, float] = {}
        self._lock = threading.Lock()
        for _, path, n_bytes in sorted(_files_below(root)):
            self._sizes[path] = n_bytes
        self.n_bytes = sum(self._sizes.values())
        self._make_room()

    def use(self, path: Path, room_bytes: int | None = None, *, keep_s: float = 0.0) -> None:
        """Note that a copy is used; it stays for `keep_s` at least.

        room_bytes  what it takes of the disk, or is about to; None: as before
        """
        with self._lock:
            if room_bytes is not None or path in self._sizes:
                size = self._sizes.get(path, 0)
                self._sizes[path] = size if room_bytes is None else room_bytes
                self._sizes.move_to_end(path)
                self.n_bytes += self._sizes[path] - size
            if keep_s:
                self._kept_until[path] = time.monotonic() + keep_s
            if self.n_bytes > self._max_bytes:
                self._make_room()

    @contextmanager
    def keeping(self, path: Path) -> Iterator[None]:
        """Let the copy stay during the block."""
        with self._lock:
            self._n_keeping[path] = self._n_keeping.get(path, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._n_keeping[path] -= 1
                if not self._n_keeping[path]:
                    del self._n_keeping[path]

    def drop(self, path: Path) -> None:
        """Remove a copy, or all below a folder; missing ones are fine."""
        with self._lock:
            below = [path] if path in self._sizes else [copy for _, copy, _ in _files_below(path)]
            for copy in below:
                if copy in self._sizes:
                    self._remove(copy)
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def folder_of(self, path: Path) -> Path:
        """Make the folder of a copy. Raises OSError."""
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        return path.parent

    def _make_room(self) -> None:
        if self.n_bytes <= self._max_bytes:
            return
        now = time.monotonic()
        self._kept_until = {path: end for path, end in self._kept_until.items() if end > now}
        for path in list(self._sizes):
            if self.n_bytes <= self._max_bytes * _LEFT:
                return
            if path not in self._n_keeping and path not in self._kept_until:
                self._remove(path)

    def _remove(self, path: Path) -> None:
        self.n_bytes -= self._sizes.pop(path)
        with suppress(OSError):
            path.unlink(missing_ok=True)


def most_room_for(n_bytes: int) -> int:
    """Return what so many bytes take of a disk at most, wherever in a file they begin."""
    return (-(-n_bytes // _DISK_BLOCK_BYTES) + 1) * _DISK_BLOCK_BYTES


def room_of(status: os.stat_result) -> int:
    """Return what a file takes of the disk, without its holes."""
    return status.st_blocks * 512


def _files_below(root: Path) -> Iterator[tuple[float, Path, int]]:
    """Yield (time of the last change, path, bytes on the disk) of every file."""
    for place, _, names in os.walk(root):
        for name in names:
            with suppress(FileNotFoundError):
                status = (Path(place) / name).stat()
                yield status.st_mtime, Path(place) / name, room_of(status)
