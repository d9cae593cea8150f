"""Single files, written and read so that every error of the disk is seen, each for what it is.

A file is written through `NewFile`, also by libraries: the bytes are hashed as they are handed over, every
error of write, flush and fsync is raised, and before anybody may trust the file it is opened again and its
length and content are compared with what was meant.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from indexer.base.disk_errors import is_absent, may_pass, unreadable
from indexer.base.errors import StorageError

FILE_MODE, FOLDER_MODE = 0o600, 0o700  # what pagesight stores is its owner's alone

_READ_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 18
_PAUSES_S = (0.02, 0.1, 0.5)  # between the tries of a reading that failed

T = TypeVar("T")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, read in blocks. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def persistently(look: Callable[[], T], path: Path) -> T | None:
    """Call `look` until it succeeds; None where nothing is at `path`.

    Raises Unreadable where it fails again and again: a bad sector, a stale mount, too many open files. That
    says nothing about the bytes, and nobody may take them for damaged.
    """
    for pause_s in (*_PAUSES_S, None):
        try:
            return look()
        except OSError as error:
            if is_absent(error):
                return None
            if pause_s is None or not may_pass(error):
                raise unreadable(path, error) from error
            time.sleep(pause_s)
    raise AssertionError  # the last pause is None


class SyncFailed(OSError):
    """What of a file or folder is on the disk is not known any more, and a second try would not tell."""


def sync(fd: int) -> None:
    """Make what was written durable. Raises SyncFailed."""
    try:
        os.fsync(fd)
    except OSError as error:
        raise SyncFailed(error.errno, error.strerror) from error


def sync_file(path: Path) -> None:
    """Make durable what somebody else has written. Raises SyncFailed, OSError."""
    with path.open("rb") as file:
        sync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(fd)
    finally:
        os.close(fd)


def make_root(root: Path) -> None:
    """Make a folder that is its owner's alone, with those above it, and their names durable.

    Raises OSError.
    """
    whole_path = root.absolute()
    missing = [path for path in (whole_path, *whole_path.parents) if not path.exists()]
    root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for path in missing:
        with suppress(PermissionError):  # of a folder that may be used, but not listed
            sync_folder(path.parent)


class NewFile:
    """A file that is being written: hand it bytes, then `seal` it. In `with`, a failed block removes it.

    n_bytes, sha256   of the bytes that were handed over, whatever the disk made of them
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_bytes = 0
        self._digest = hashlib.sha256()
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        self._pending = bytearray()  # small pieces, as FAISS hands them over
        self._sealed = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: Any) -> int:
        """Write all of `data`, bytes or a buffer of them, and return its length. Raises OSError.

        A library may call it as it calls that of a file.
        """
        view = memoryview(data).cast("B")
        if len(self._pending) + len(view) > _BUFFER_BYTES:
            self._flush()
        if len(view) > _BUFFER_BYTES:
            self._write_all(view)
        else:
            self._pending += view
        self._digest.update(view)
        self.n_bytes += len(view)
        return len(view)

    def _flush(self) -> None:
        pending, self._pending = self._pending, bytearray()
        self._write_all(memoryview(pending))

    def _write_all(self, view: memoryview) -> None:
        start = 0
        while start < len(view):
            start += os.write(self._fd, view[start:])

    def seal(self) -> str:
        """Sync the file, read it back, and return its SHA-256.

        Raises OSError, and StorageError when the disk does not hold what was written.
        """
        self._flush()
        sync(self._fd)
        self._close()
        if self.path.stat().st_size != self.n_bytes or sha256_of(self.path) != self.sha256:
            raise StorageError(
                f"{self.path} does not hold the bytes that were just written: the disk is failing"
            )
        self._sealed = True
        return self.sha256

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if kind is not None or not self._sealed:
            self.path.unlink(missing_ok=True)


def copy_into(target: NewFile, source: Path) -> None:
    """Hand over the bytes of another file. Raises OSError."""
    with source.open("rb") as reader:
        while block := reader.read(_READ_BYTES):
            target.write(block)
