"""Who may do what in a data folder at a time: locks of the system, gone with the process that holds them."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Protocol
from uuid import uuid4

from indexer.base.errors import DataFolderBusy, StorageError
from indexer.storage.files import FILE_MODE

PINS = "pins-"  # how the names of the files begin that hold pins

_SHARED, _ALONE = fcntl.LOCK_SH, fcntl.LOCK_EX
_POLL_S = 0.02


@contextmanager
def hold_lock(path: Path, kind: int, refusal: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock `path`. Raises DataFolderBusy with `refusal` where it is not free after `wait_s`."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    except OSError as error:
        raise StorageError(f"cannot lock {path}: {error.strerror}") from error
    deadline = time.monotonic() + wait_s
    try:
        while not _flock(fd, kind):
            if time.monotonic() >= deadline:
                raise DataFolderBusy(refusal)
            time.sleep(_POLL_S)
        try:
            yield
        finally:
            # Closing alone would not release it: a child that was forked meanwhile has the file open, too.
            fcntl.flock(fd, fcntl.LOCK_UN)
    finally:
        os.close(fd)


def is_held(path: Path) -> bool:
    """Say whether somebody holds the lock `path`; False where there is none."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return not _flock(fd, _ALONE)
    finally:
        os.close(fd)


class BlobPins(Protocol):
    """What keeps blobs from being removed while a writer relies on them. See `Pins`."""

    def keeping(self) -> AbstractContextManager[None]:
        """Keep what is pinned during the block."""
        ...

    def pin(self, name: str) -> None:
        """Keep the blob for as long as each `keeping` that is open now. Raises StorageError."""
        ...

    def removing(self) -> AbstractContextManager[frozenset[str]]:
        """Hand out the names that are pinned; nobody pins another until the block ends."""
        ...


class Pins:
    """Names of blobs that writers rely on while no catalog names them yet: nobody removes them meanwhile.

    A writer pins a blob before it looks whether it is there, so that it is either kept or stored anew. What
    is pinned inside `keeping` is pinned until that block ends, or its process does, whoever pinned it.
    """

    def __init__(self, folder: Path, lock_path: Path) -> None:
        self._folder = folder
        self._lock_path = lock_path
        self._open_files: dict[Path, int | None] = {}  # a descriptor where something is pinned
        self._mutex = Lock()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep what is pinned during the block, in this process."""
        path = self._folder / f"{PINS}{uuid4().hex}"
        with self._mutex:
            self._open_files[path] = None
        try:
            yield
        finally:
            with self._mutex:
                fd = self._open_files.pop(path)
            if fd is not None:
                path.unlink(missing_ok=True)
                os.close(fd)

    def pin(self, name: str) -> None:
        """Keep the blob for as long as each `keeping` that is open now. Raises StorageError."""
        with self._mutex:
            if not self._open_files:
                return
            with hold_lock(self._lock_path, _SHARED, "the data folder is being cleaned", 60.0):
                try:
                    for path, fd in self._open_files.items():
                        if fd is None:
                            fd = self._open_files[path] = _new_locked_file(path)
                        os.write(fd, f"{name}\n".encode())
                except OSError as error:
                    raise StorageError(f"cannot pin {name}: {error.strerror}") from error

    @contextmanager
    def removing(self) -> Iterator[frozenset[str]]:
        """Hand out the names that are pinned; nobody pins another until the block ends. Keep it short."""
        with hold_lock(self._lock_path, _ALONE, "the data folder is being cleaned", 60.0):
            names: set[str] = set()
            for path in self._folder.glob(f"{PINS}*"):
                if is_held(path):
                    with suppress(FileNotFoundError):
                        names.update(path.read_text().split())
                else:
                    path.unlink(missing_ok=True)  # of a process that died
            yield frozenset(names)


def _new_locked_file(path: Path) -> int:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_APPEND, FILE_MODE)
    fcntl.flock(fd, _ALONE)
    return fd


def _flock(fd: int, kind: int) -> bool:
    """Take the lock if it is free; whether it was."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
