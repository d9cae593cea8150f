"""Files that survive a crash: written aside, synced, renamed to a name that was never used before.

The order is the whole point (design: one commit point):
  write temporary file -> fsync file -> rename -> fsync folder -> catalog transaction -> acknowledge.
`DurableFolder` does the first four steps; the catalog does the fifth. A crash before the transaction
leaves files that nothing names: garbage, never damage.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from indexer.base.errors import DataFolderBusy, DataFolderTooNew, StorageError

FORMAT_VERSION = 1  # raised whenever an older pagesight could misread the folder

_READ_BYTES = 1 << 20
_SWEEP_S = 5.0
_LOCK_POLL_S = 0.02


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def holds(path: Path, sha256: str) -> bool:
    """Whether the file is there and holds these bytes; False, too, where the disk cannot read them.

    Raises StorageError where this user may not read them: that is no damage.
    """
    try:
        return sha256_of(path) == sha256
    except PermissionError as error:
        raise StorageError(
            f"{path} may not be read: run this as the user who owns the data folder"
        ) from error
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class DurableFolder:
    """The data folder: its format mark, its writers' lock, and atomic additions.

    Raises:
        DataFolderTooNew: the folder was written by a newer pagesight.
        StorageError: the folder cannot be created or written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._staging = root / "tmp"
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._staging.mkdir(exist_ok=True)
        except OSError as error:
            raise _storage_error(root, error) from error
        self._check_format()

    def _check_format(self) -> None:
        mark = self.root / "FORMAT"
        try:
            number = mark.read_text().strip()
        except FileNotFoundError:
            self.add_bytes(mark, f"{FORMAT_VERSION}\n".encode())
            sync_folder(self.root)
            return
        if not number.isdigit():
            raise StorageError(f"{mark} is damaged: it should hold a format number, not {number!r}")
        if int(number) > FORMAT_VERSION:
            raise DataFolderTooNew(
                f"{self.root} has data format {number}, this pagesight knows {FORMAT_VERSION}: "
                "install the pagesight that wrote it, or choose another PAGESIGHT_DATA_DIR"
            )

    def add_bytes(self, target: Path, data: bytes) -> None:
        """Write `data` as `target`, synced. The caller syncs the folder once per batch."""
        staging_path = self._stage()
        try:
            with staging_path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._publish(staging_path, target)
        except OSError as error:
            staging_path.unlink(missing_ok=True)
            raise _storage_error(target, error) from error

    def add_copy(self, target: Path, source: Path) -> str:
        """Copy `source` to `target`, synced; returns the SHA-256 of the bytes that were copied."""
        staging_path = self._stage()
        digest = hashlib.sha256()
        try:
            with source.open("rb") as reader, staging_path.open("xb") as file:
                while block := reader.read(_READ_BYTES):
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            self._publish(staging_path, target)
        except OSError as error:
            staging_path.unlink(missing_ok=True)
            raise _storage_error(target, error) from error
        return digest.hexdigest()

    def add_moved(self, target: Path, source: Path) -> None:
        """Sync `source`, a file of the staging folder, and give it its name. As `add_bytes`."""
        try:
            with source.open("rb") as file:
                os.fsync(file.fileno())
            self._publish(source, target)
        except OSError as error:
            raise _storage_error(target, error) from error

    @contextmanager
    def new_folder(self, target: Path) -> Iterator[Path]:
        """Yield a staging folder that becomes `target`, files and names synced, when the block succeeds."""
        staging_path = self._stage()
        try:
            staging_path.mkdir()
            yield staging_path
            for file in staging_path.iterdir():
                with file.open("rb") as handle:
                    os.fsync(handle.fileno())
            sync_folder(staging_path)
            self._publish(staging_path, target)
            sync_folder(target.parent)
        except OSError as error:
            raise _storage_error(target, error) from error
        finally:
            shutil.rmtree(staging_path, ignore_errors=True)

    def remove(self, folder: Path) -> None:
        """Remove a folder that nothing names any more; a missing one is fine. Raises StorageError.

        It gives up its name first: nobody finds half of it, and nobody can add to it meanwhile.
        """
        trash_path = self._stage()
        try:
            folder.rename(trash_path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError(f"cannot remove {folder}: {error.strerror or error}") from error
        shutil.rmtree(trash_path, ignore_errors=True)  # what is left here, the next sweep removes

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the shared lock of everything that adds files; keeps `sweeping` away.

        A sweep at the start of another process takes moments and is waited for. Raises DataFolderBusy
        when it takes longer, as a repair does.
        """
        refusal = "is being repaired by another process: try again later"
        with self._lock(fcntl.LOCK_SH, refusal, wait_s=_SWEEP_S):
            yield

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Hold the exclusive lock: nobody is between a file and its catalog row, so garbage is garbage.

        Raises DataFolderBusy at once when another process is writing.
        """
        with self._lock(fcntl.LOCK_EX, "is being written by another process: try again later"):
            yield

    def sweep_staging(self) -> int:
        """Remove what crashed writers left half-written; call inside `sweeping`."""
        left = list(self._staging.iterdir())
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)  # whoever removes it, too, may be faster
            else:
                path.unlink()
        return len(left)

    @contextmanager
    def _lock(self, kind: int, refusal: str, wait_s: float = 0.0) -> Iterator[None]:
        fd = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + wait_s
        try:
            while not _flock(fd, kind):
                if time.monotonic() >= deadline:
                    raise DataFolderBusy(f"{self.root} {refusal}")
                time.sleep(_LOCK_POLL_S)
            yield
        finally:
            os.close(fd)  # releases the lock

    def _stage(self) -> Path:
        return self._staging / uuid4().hex

    def _publish(self, staging_path: Path, target: Path) -> None:
        missing = [folder for folder in target.parents if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            sync_folder(folder.parent)
        staging_path.rename(target)


def _flock(fd: int, kind: int) -> bool:
    """Take the lock if it is free; whether it was."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _storage_error(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    if error.errno == errno.ENOSPC:
        reason = "no space left on the disk: free some and run the command again"
    return StorageError(f"cannot write {path}: {reason}")
