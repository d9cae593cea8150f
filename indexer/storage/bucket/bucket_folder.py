"""A data folder whose files are the objects of a bucket, under the same names.

What is stored goes to the bucket before `publish` returns, proven by the server, and nothing is acknowledged
before: the commit order is that of a folder. On the disk lie what is being written, and copies of what is
used, for which there is a limit. A copy is compared with what the catalog says of the file, never believed,
and one that is not right is data anew: only what is wrong in the bucket is damage.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from numpy.typing import DTypeLike

from indexer.base.disk_errors import storage_error
from indexer.base.errors import Unreadable
from indexer.storage.bucket.fetched_array import FetchedArray, Ranges
from indexer.storage.bucket.file_cache import FileCache, most_room_for, room_of
from indexer.storage.bucket.objects import Bucket, ListedObject
from indexer.storage.checked_arrays import CheckedArray, Sums
from indexer.storage.durable import DurableFolder
from indexer.storage.folder_files import FileState, holds
from indexer.storage.locks import BlobPins

_COPIED = ("originals", "images", "collections", "derived")
_STORED = (*_COPIED, "quarantine", "damage", "FORMAT", "PAIR", "MOVED", "scrub.json")
_BORROWED_S = 600.0  # a file that is data for another process to read stays so long
_LAST = "manifest.json"  # who finds it finds what it names


class SharedLocks(BlobPins, Protocol):
    """Locks and pins that all processes of one catalog see; `keeping` keeps sweeps away, too."""

    def sweeping(self) -> AbstractContextManager[None]:
        """Keep everybody out of `keeping`. Raises DataFolderBusy."""
        ...

    def alone(self, name: str, refusal: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        """Hold the lock of that name. Raises DataFolderBusy with `refusal`."""
        ...


class BucketFolder(DurableFolder):
    """The data folder over a bucket. Raises Unreadable, StorageUnavailable, and what DurableFolder raises.

    root         what of it lies on the disk
    cache_bytes  room for copies
    """

    is_bucket = True
    opened_at_once = 8

    def __init__(
        self,
        root: Path,
        bucket: Bucket,
        locks: SharedLocks,
        cache_bytes: int,
        reserve_bytes: int = 0,
    ) -> None:
        self.bucket = bucket
        self._locks = locks
        self.cache = FileCache(root / "copies", cache_bytes)
        super().__init__(root, reserve_bytes)
        self.pins = locks

    # -- additions ---------------------------------------------------------------------------------

    def publish(self, staging_path: Path, target: Path) -> None:
        if not self._is_stored(target):
            super().publish(staging_path, target)
            return
        if staging_path.is_dir():
            files = sorted(staging_path.iterdir(), key=lambda file: (file.name == _LAST, file.name))
            for file in files:
                self.bucket.put(self._key(target / file.name), file)
                self.cache.drop(self._copy(target / file.name))
            shutil.rmtree(staging_path, ignore_errors=True)
        else:
            self.bucket.put(self._key(target), staging_path)
            self.cache.drop(self._copy(target))
            staging_path.unlink()

    def sync_names(self, folder: Path) -> None:
        if folder.is_dir() and not self._is_stored(folder):
            super().sync_names(folder)

    def rename(self, source: Path, target: Path) -> None:
        if not self._is_stored(source):
            super().rename(source, target)
            return
        keys = [entry.key for entry in self._below(source)]
        if not keys:
            raise FileNotFoundError(self._key(source))
        for key in keys:
            self.bucket.copy(key, self._key(target) + key[len(self._key(source)) :])
        self.bucket.delete(keys)
        self.cache.drop(self._copy(source))

    def keep_copy(self, source: Path, target: Path) -> None:
        self.bucket.copy(self._key(source), self._key(target))

    def remove_files(self, paths: Iterable[Path]) -> None:
        paths = list(paths)
        self.bucket.delete(self._key(path) for path in paths)
        for path in paths:
            self.cache.drop(self._copy(path))

    def remove(self, folder: Path) -> None:
        if not self._is_stored(folder):
            super().remove(folder)
            return
        keys = [entry.key for entry in self._below(folder)]
        # What says that the rest is there goes first.
        self.bucket.delete(sorted(keys, key=lambda key: not key.endswith(_LAST)))
        self.cache.drop(self._copy(folder))

    # -- looking -----------------------------------------------------------------------------------

    def state(self, path: Path) -> FileState | None:
        if not self._is_stored(path):
            return super().state(path)
        facts = self.bucket.facts(self._key(path))
        return None if facts is None else (0, facts.n_bytes, facts.changed_at_ns)

    def holds(self, path: Path, sha256: str) -> bool:
        digest = hashlib.sha256()
        for block in self.bucket.blocks(self._key(path)):
            digest.update(block)
        return digest.hexdigest() == sha256

    def stands(self, path: Path, sha256: str) -> bool:
        facts = self.bucket.facts(self._key(path))
        if (
            facts is None or facts.sha256 is None
        ):  # of one that was put in parts it knows no such sum
            return facts is not None and self.holds(path, sha256)
        return facts.sha256 == sha256

    def paths(self, folder: Path, depth: int) -> Iterator[Path]:
        yielded_paths: set[Path] = set()
        for entry in self._below(folder):
            parts = Path(entry.key).relative_to(self._key(folder)).parts
            path = folder.joinpath(*parts[:depth])
            if len(parts) >= depth and path not in yielded_paths:
                yielded_paths.add(path)
                yield path

    def facts_of(self, path: Path) -> tuple[int, int]:
        sizes = [entry.n_bytes for entry in self._below(path)]
        return len(sizes), sum(sizes)

    # -- reading -----------------------------------------------------------------------------------

    def read(self, path: Path, sha256: str | None = None) -> bytes | None:
        if not self._is_stored(path):
            return super().read(path)
        if sha256 is None or path.parts[len(self.root.parts)] not in _COPIED:
            return self.bucket.get(self._key(path))
        copy = self._copy(path)
        with suppress(OSError):
            copied_bytes = copy.read_bytes()
            if hashlib.sha256(copied_bytes).hexdigest() == sha256:
                self.cache.use(copy)
                return copied_bytes
        data = self.bucket.get(self._key(path))
        if data is not None:
            self._keep_copy_of([data], copy)
        return data

    def local_path(self, path: Path, sha256: str) -> Path:
        copy = self._copy(path)
        if self._is_copied(path, copy, sha256):
            self.cache.use(copy, keep_s=_BORROWED_S)
        else:
            self.cache.drop(copy)
        return copy

    @contextmanager
    def lent(self, path: Path, sha256: str, *, prove: bool = True) -> Iterator[Path | None]:
        copy = self._copy(path)
        with self.cache.keeping(copy):
            is_copied = self._is_copied(path, copy, sha256)
            self.cache.use(copy)
            yield copy if is_copied else None

    def _is_copied(self, path: Path, copy: Path, sha256: str) -> bool:
        """Have a copy of a file with these bytes, if they are stored. Raises Unreadable."""
        if _holds(copy, sha256):
            return True
        self._keep_copy_of(self.bucket.blocks(self._key(path)), copy)
        return _holds(copy, sha256)

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
        copy = self._copy(path)
        if sums is None or 0 in shape:  # of before there were sums, or nothing to map
            with self.lent(path, sha256):
                return super().map(copy, dtype, shape, sums, sha256)
        # A search may hold the segment longer than the catalog names it: who begins sees what is there.
        if not is_seen and self.bucket.facts(self._key(path)) is None:
            raise FileNotFoundError(errno.ENOENT, "no such object", self._key(path))
        path_with_holes = copy.with_name(f"{copy.name}.{sha256[:16]}.part")
        self.cache.folder_of(path_with_holes)

        def fetch(ranges: Ranges) -> Iterable[tuple[int, bytes]]:
            return self.bucket.get_ranges(self._key(path), ranges)

        use = partial(self.cache.use, path_with_holes)
        return FetchedArray(path_with_holes, dtype, shape, sums, sha256, fetch, use)

    def _keep_copy_of(self, blocks: Iterable[bytes], copy: Path) -> None:
        """Write a copy, whole or not at all. Raises Unreadable where neither it nor the bucket lets us."""
        staging_path = self._stage()
        try:
            n_bytes = 0
            with self.cache.keeping(staging_path), staging_path.open("xb") as file:
                for block in blocks:
                    # Before it is written, so that the room is there.
                    self.cache.use(staging_path, most_room_for(n_bytes + len(block)))
                    n_bytes += file.write(block)
            if not n_bytes:  # there is no such file
                return
            self.cache.folder_of(copy)
            room_bytes = room_of(staging_path.stat())
            staging_path.rename(copy)
        except OSError as error:
            raise Unreadable(str(storage_error(copy, error))) from error
        finally:
            self.cache.drop(staging_path)
        self.cache.use(copy, room_bytes)

    # -- locks -------------------------------------------------------------------------------------

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        with super().sweeping(), self._locks.sweeping():
            yield

    @contextmanager
    def alone(self, name: str, refusal: str, wait_s: float = 0.0) -> Iterator[None]:
        with super().alone(name, refusal, wait_s), self._locks.alone(name, refusal, wait_s):
            yield

    # -- names -------------------------------------------------------------------------------------

    def _is_stored(self, path: Path) -> bool:
        parts = path.parts[len(self.root.parts) :]
        return bool(parts) and parts[0] in _STORED

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _copy(self, path: Path) -> Path:
        return self.root / "copies" / path.relative_to(self.root)

    def _below(self, path: Path) -> Iterator[ListedObject]:
        """Yield the object of a file, or those of all that is in a folder."""
        key = self._key(path)
        for entry in self.bucket.list(key):
            if entry.key == key or entry.key.startswith(f"{key}/"):
                yield entry


def _holds(copy: Path, sha256: str) -> bool:
    """Say whether a copy holds these bytes; one that cannot be read is none."""
    try:
        return holds(copy, sha256)
    except Unreadable:
        return False
