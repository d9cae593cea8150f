"""What is stored, seen by its path below the data folder: looked at, read, mapped, named anew, removed.

Here a path is where the file lies. In a folder over a bucket (`indexer.storage.bucket`) it is the name of an
object, of which a copy may lie there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from numpy.typing import DTypeLike

from indexer.base.errors import StorageError
from indexer.storage.arrays import map_array
from indexer.storage.checked_arrays import CheckedArray, Sums
from indexer.storage.files import FOLDER_MODE, persistently, sha256_of, sync_folder

FileState = tuple[int, int, int]  # inode, bytes, time: what changes when a file is written to


def holds(path: Path, sha256: str) -> bool:
    """Whether the file is there and holds these bytes.

    Raises Unreadable where that cannot be known: a read error is no verdict.
    """
    return persistently(lambda: sha256_of(path), path) == sha256


class FolderFiles:
    """The files of a data folder."""

    is_bucket = False  # whether they are stored elsewhere, and here are copies of them
    opened_at_once = 1  # segments: more where each of their files is waited for

    def __init__(self, root: Path) -> None:
        self.root = root

    # -- looking -----------------------------------------------------------------------------------

    def state(self, path: Path) -> FileState | None:
        """Return what changes when the file is written to, None where there is none. Raises Unreadable."""
        status = persistently(path.stat, path)
        return None if status is None else (status.st_ino, status.st_size, status.st_mtime_ns)

    def n_bytes(self, path: Path) -> int | None:
        """Return the length of a file, None where there is none. Raises Unreadable."""
        state = self.state(path)
        return None if state is None else state[1]

    def holds(self, path: Path, sha256: str) -> bool:
        """Whether the stored file holds these bytes, all of which are read. Raises Unreadable."""
        return holds(path, sha256)

    def stands(self, path: Path, sha256: str) -> bool:
        """Whether these bytes need not be stored any more. Raises Unreadable."""
        return holds(path, sha256)

    def paths(self, folder: Path, depth: int) -> Iterator[Path]:
        """Yield what lies `depth` levels below a folder; a folder that goes meanwhile holds nothing.

        Raises Unreadable.
        """
        for entry in persistently(lambda: [*folder.iterdir()], folder) or ():
            if depth == 1:
                yield entry
            else:
                yield from self.paths(entry, depth - 1)

    # -- reading -----------------------------------------------------------------------------------

    def read(self, path: Path, sha256: str | None = None) -> bytes | None:
        """Return the bytes of a file, None where there is none; a copy may serve if it holds these bytes.

        Raises Unreadable.
        """
        return persistently(path.read_bytes, path)

    def local_path(self, path: Path, sha256: str) -> Path:
        """Return where the file can be read for a while, if these bytes are stored. Raises Unreadable."""
        return path

    @contextmanager
    def lent(self, path: Path, sha256: str, *, prove: bool = True) -> Iterator[Path | None]:
        """Yield where the file can be read during the block; None where it does not hold these bytes.

        prove  compare a file that lies here anyway; who compares it himself need not have that done

        Raises Unreadable.
        """
        yield path if not prove or self.holds(path, sha256) else None

    def map(
        self,
        path: Path,
        dtype: DTypeLike,
        shape: tuple[int, ...],
        sums: Sums | None,
        sha256: str,
        *,
        is_seen: bool = False,
    ) -> CheckedArray:
        """Map the array of a file, whose blocks are compared with their sums before they are used.

        is_seen  another file of its folder was just seen, so that nobody need ask for this one

        Raises OSError, ValueError where it is another array, Unreadable.
        """
        return CheckedArray(path, map_array(path, dtype, shape), sums, sha256)

    # -- names -------------------------------------------------------------------------------------

    def sync_names(self, folder: Path) -> None:
        """Make the names of files in a folder durable. Raises OSError."""
        sync_folder(folder)

    def make_folder(self, folder: Path) -> None:
        """Make a folder below the root, with those above it, and their names durable. Raises OSError."""
        missing = [folder, *folder.parents]
        for path in reversed(missing[: missing.index(self.root)] if self.root in missing else []):
            if not path.exists():
                path.mkdir(mode=FOLDER_MODE, exist_ok=True)
                sync_folder(path.parent)

    def rename(self, source: Path, target: Path) -> None:
        """Give a stored file or folder another name. Raises OSError, FileNotFoundError among them."""
        self.make_folder(target.parent)
        source.rename(target)

    def keep_copy(self, source: Path, target: Path) -> None:
        """Let a file be there under a second name, too. Raises OSError."""
        self.make_folder(target.parent)
        try:
            target.hardlink_to(source)
        except OSError:  # a file system without such links
            target.write_bytes(source.read_bytes())

    def remove_files(self, paths: Iterable[Path]) -> None:
        """Remove files; missing ones are fine. Raises StorageError."""
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"cannot remove {path}: {error.strerror or error}") from error

    def facts_of(self, path: Path) -> tuple[int, int]:
        """Return (files, bytes) of a file, or of all below a folder."""
        sizes = [path.stat().st_size] if path.is_file() else []
        for place, _, names in os.walk(path):
            sizes += [
                file.stat().st_size for name in names if (file := Path(place) / name).is_file()
            ]
        return len(sizes), sum(sizes)
