"""Copies single files and proves them on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from indexer.base.errors import StorageError, Unreadable
from indexer.storage.files import NewFile, sync_folder
from indexer.storage.folder_files import holds

_READ_BYTES = 1 << 20


class ReadFailed(Exception):
    """The source cannot be read, which is no fault of the target."""


def copy_file(source: Path, target: Path, sha256: str) -> str | None:
    """Copy a file, synced and read back, and compare its SHA-256; returns what is wrong with the source.

    Raises OSError, and StorageError, for the target.
    """
    with NewFile(target) as file:  # gone again unless it is sealed
        try:
            for block in blocks_of(source):
                file.write(block)
        except ReadFailed as failure:
            return f"{source}: {failure}"
        if file.sha256 != sha256:
            return f"{source}: not the bytes that were written"
        file.seal()
    return None


def is_whole(path: Path, sha256: str) -> bool:
    """Say whether a copy is there, can be read and holds these bytes; what cannot is copied anew."""
    try:
        return holds(path, sha256)
    except Unreadable:
        return False


def sync_all(folders: Iterable[Path], root: Path) -> None:
    """Make the names in these folders durable, and those of the folders themselves. Raises OSError."""
    chains = {parent for folder in folders for parent in (folder, *folder.parents)}
    for folder in sorted(chains):
        if folder.is_relative_to(root):
            sync_folder(folder)


def require_room(paths: Iterable[Path], target: Path) -> None:
    """Raise StorageError when the disk of `target` has no room for the files: sooner is better."""
    require_room_for(sum(map(_size_of, paths)), target)


def require_room_for(n_bytes: int, target: Path) -> None:
    """Raise StorageError when the disk of `target` has no room for so many bytes."""
    place = next(path for path in (target, *target.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if n_bytes > free:
        raise StorageError(
            f"{target} has {free / 1e6:.0f} MB free, {n_bytes / 1e6:.0f} MB are to be copied there: "
            "nothing was"
        )


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def blocks_of(path: Path) -> Iterator[bytes]:
    """Yield the content of a file. Raises ReadFailed."""
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                yield block
    except OSError as error:
        raise ReadFailed(error.strerror or str(error)) from error
