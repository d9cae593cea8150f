"""Files that survive a crash: written aside, synced, renamed to a name that was never used before.

The order is the whole point (design: one commit point):
  write temporary file -> fsync file -> read it back -> rename -> fsync folder -> catalog transaction ->
  acknowledge.
`DurableFolder` does all but the last two; the catalog does those. A crash before the transaction
leaves files that nothing names: garbage, never damage.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from indexer.base.disk_errors import storage_error
from indexer.base.errors import DamagedFile, DataFolderTooNew, ReadOnly, StorageError
from indexer.storage.disk_space import DiskSpace
from indexer.storage.files import (
    FILE_MODE,
    FOLDER_MODE,
    NewFile,
    copy_into,
    make_root,
    sync,
    sync_folder,
)
from indexer.storage.folder_files import FolderFiles
from indexer.storage.locks import BlobPins, Pins, hold_lock, is_held

FORMAT_NAME = "FORMAT"
FORMAT_VERSION = 1  # raised whenever an older pagesight could misread the folder
# In its place while a backup is being restored: no pagesight opens the folder.
RESTORING = "restoring"
MOVED_NAME = "MOVED"

_SWEEP_S = 5.0
_IN_USE = "in-use"  # the lock inside a staging folder that is swept only when nobody holds it

_log = logging.getLogger(__name__)


class DurableFolder(FolderFiles):
    """The data folder: its format mark, its locks, and atomic additions. It is its owner's alone.

    Raises:
        DataFolderTooNew: the folder was written by a newer pagesight.
        StorageError: the folder cannot be created or written.
    """

    def __init__(self, root: Path, reserve_bytes: int = 0) -> None:
        """`reserve_bytes`: see DiskSpace."""
        super().__init__(root)
        self._staging = root / "tmp"
        try:
            make_root(root)
            _close_to_others(root)
            self._staging.mkdir(mode=FOLDER_MODE, exist_ok=True)
        except OSError as error:
            raise storage_error(root, error) from error
        self.space = DiskSpace(root, reserve_bytes)
        self.pins: BlobPins = Pins(self._staging, root / "pins.lock")
        self._check_format()

    def _check_format(self) -> None:
        mark = self.root / FORMAT_NAME
        content = self.read(mark)
        if content is None:
            self.add_bytes(mark, f"{FORMAT_VERSION}\n".encode())
            sync_folder(self.root)
            return
        number = content.decode("ascii", "replace").strip()
        if number == RESTORING:
            raise StorageError(
                f"a backup is being restored into {self.root}, or was and it broke off: run "
                "`pagesight restore` again, or remove the folder"
            )
        if not (number.isascii() and number.isdigit()):
            raise StorageError(f"{mark} is damaged: it should hold a format number, not {number!r}")
        if int(number) > FORMAT_VERSION:
            raise DataFolderTooNew(
                f"{self.root} has data format {number}, this pagesight knows {FORMAT_VERSION}: "
                "install the pagesight that wrote it, or choose another PAGESIGHT_DATA_DIR"
            )

    # -- moving ------------------------------------------------------------------------------------

    def require_in_use(self) -> None:
        """Raise ReadOnly where everything was moved elsewhere: nothing is written here any more."""
        address = self.read(self.root / MOVED_NAME)
        if address is not None:
            place = address.decode(errors="replace").strip()
            raise ReadOnly(
                f"what was stored in {self.root} was moved to {place}: set PAGESIGHT_STORAGE to that, or "
                "leave it out for the data folder, and start pagesight anew"
            )

    def mark_moved(self, address: str) -> None:
        """Say where everything was moved to. Raises StorageError."""
        self.add_bytes(self.root / MOVED_NAME, f"{address}\n".encode())
        self._sync_root()

    def unmark_moved(self) -> None:
        """Say that this is the place, again. Raises StorageError.

        It is synced before the other place is marked: two that name each other would be no place at all.
        """
        self.remove_files([self.root / MOVED_NAME])
        self._sync_root()

    def _sync_root(self) -> None:
        try:
            self.sync_names(self.root)
        except OSError as error:
            raise storage_error(self.root, error) from error

    # -- additions ---------------------------------------------------------------------------------

    def add_bytes(self, target: Path, data: bytes) -> None:
        """Write `data` as `target`, synced and read back. The caller syncs the folder once per batch."""
        with self._adding(target) as file:
            file.write(data)

    def add_copy(self, target: Path, source: Path, sha256: str) -> None:
        """Copy `source`, which must have this SHA-256, to `target`, as `add_bytes`. Raises DamagedFile."""
        with self._adding(target) as file:
            copy_into(file, source)
            if file.sha256 != sha256:
                raise DamagedFile(f"{source} changed while it was being read: ingest it again")

    def add_moved(self, target: Path, source: Path) -> None:
        """Sync `source`, a file of the staging folder, and give it its name. As `add_bytes`."""
        try:
            with source.open("rb") as file:
                os.fchmod(file.fileno(), FILE_MODE)
                sync(file.fileno())
            self.publish(source, target)
        except OSError as error:
            raise self.space.write_error(target, error) from error

    @contextmanager
    def _adding(self, target: Path) -> Iterator[NewFile]:
        try:
            with NewFile(self._stage()) as file:
                yield file
                file.seal()
                self.publish(file.path, target)
        except OSError as error:
            raise self.space.write_error(target, error) from error

    @contextmanager
    def new_folder(self, target: Path) -> Iterator[Path]:
        """Yield a staging folder that becomes `target`, files and names synced, when the block succeeds."""
        staging_path = self._stage()
        try:
            staging_path.mkdir(mode=FOLDER_MODE)
            yield staging_path
            for file in staging_path.iterdir():
                with file.open("rb") as handle:
                    sync(handle.fileno())
            sync_folder(staging_path)
            self.publish(staging_path, target)
            self.sync_names(target.parent)
        except OSError as error:
            raise self.space.write_error(target, error) from error
        finally:
            shutil.rmtree(staging_path, ignore_errors=True)

    def publish(self, staging_path: Path, target: Path) -> None:
        """Give what lies on the same file system its name below the root. Raises OSError."""
        self.make_folder(target.parent)
        staging_path.rename(target)

    def remove(self, folder: Path) -> None:
        """Remove a folder that nothing names any more; a missing one is fine. Raises StorageError.

        It gives up its name first: nobody finds half of it, and nobody can add to it meanwhile.
        """
        trash_path = self._stage()
        try:
            folder.rename(trash_path)
            sync_folder(folder.parent)  # it must not be back after a power loss
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError(f"cannot remove {folder}: {error.strerror or error}") from error
        shutil.rmtree(trash_path, ignore_errors=True)  # what is left here, the next sweep removes

    # -- locks -------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the shared lock of everything that adds files; keeps `sweeping` away, and pins what is added.

        A sweep at the start of another process takes moments and is waited for. Raises DataFolderBusy
        when it takes longer, as a repair does; DiskFull or ReadOnly while nothing is written.
        """
        self.space.require_writable()
        refusal = f"{self.root} is being repaired by another process: try again later"
        with hold_lock(self.root / "lock", fcntl.LOCK_SH, refusal, _SWEEP_S), self.pins.keeping():
            self.require_in_use()
            yield

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Hold the exclusive lock: nobody is between a file and its catalog row, so garbage is garbage.

        Raises DataFolderBusy at once when another process is writing.
        """
        refusal = f"{self.root} is being written by another process: try again later"
        with hold_lock(self.root / "lock", fcntl.LOCK_EX, refusal):
            yield

    @contextmanager
    def alone(self, name: str, refusal: str, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the lock of that name, which one process has at a time. Raises DataFolderBusy."""
        with hold_lock(self.root / f"{name}.lock", fcntl.LOCK_EX, refusal, wait_s):
            yield

    @contextmanager
    def staging_folder(self, prefix: str) -> Iterator[Path]:
        """Yield a folder for what comes in slowly; a sweep passes it over as long as the block lasts.

        It keeps nobody from writing or sweeping meanwhile. Raises StorageError, DataFolderBusy.
        """
        path = self._staging / f"{prefix}{uuid4().hex}"
        with ExitStack() as stack:
            with self.writing():  # between the folder and its lock, no sweep
                try:
                    path.mkdir(mode=FOLDER_MODE)
                except OSError as error:
                    raise storage_error(path, error) from error
                stack.enter_context(hold_lock(path / _IN_USE, fcntl.LOCK_EX, f"{path} is in use"))
            stack.callback(shutil.rmtree, path, ignore_errors=True)  # before the lock is released
            yield path

    def sweep_staging(self) -> int:
        """Remove what crashed writers left half-written; call inside `sweeping`."""
        left = [path for path in self._staging.iterdir() if not is_held(path / _IN_USE)]
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)  # whoever removes it, too, may be faster
            else:
                path.unlink(missing_ok=True)
        return len(left)

    def _stage(self) -> Path:
        return self._staging / uuid4().hex


def _close_to_others(root: Path) -> None:
    """Let nobody but the owner enter the folder, also where it was there before."""
    if root.stat().st_mode & 0o077:
        try:
            root.chmod(FOLDER_MODE)
        except OSError as error:  # not ours, or a file system without modes
            _log.warning("%s is open to other users, and stays so: %s", root, error.strerror)
