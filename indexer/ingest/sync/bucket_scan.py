"""What lies below a prefix of a bucket now. Objects are listed; one is fetched when it is to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from indexer.base.disk_errors import storage_error
from indexer.ingest.sync.place import UNREAD, FileState
from indexer.inputs.folder_walk import readable_keys
from indexer.inputs.stated_properties import side_file_of
from indexer.storage.bucket.objects import Bucket, ListedObject

_FETCHED = "object"  # any name: a document is named by its key


@dataclass(frozen=True, slots=True)
class SyncedPrefix:
    """What lies below `s3://bucket/prefix`.

    staging_folder  lends a folder for what is fetched
    max_file_bytes  larger objects are refused, and not fetched
    """

    bucket: Bucket
    staging_folder: Callable[[], AbstractContextManager[Path]]
    max_file_bytes: int

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(self.bucket.address)

    def scan(self) -> PrefixScan:
        entries = {entry.key: entry for entry in self.bucket.list("")}
        keys = {key.replace("\0", "\\x00"): key for key in readable_keys(entries, self._text_of)}
        return PrefixScan(self, entries, keys)

    def _text_of(self, key: str) -> str:
        return (self.bucket.get(key) or b"").decode("utf-8", "replace")


class PrefixScan:
    """The objects below a prefix. A listing is whole, or raises."""

    unknown_paths: frozenset[str] = frozenset()

    def __init__(
        self, prefix: SyncedPrefix, entries: Mapping[str, ListedObject], keys: dict[str, str]
    ) -> None:
        """`entries` by their keys; `keys` of those that can be read, by their paths."""
        self._prefix, self._entries, self._keys = prefix, entries, keys
        self.place = prefix.bucket.address.rstrip("/")
        self.states = {path: self._state_of(key) for path, key in keys.items()}

    def sha256(self, path: str, settle_s: float) -> str:
        """Say that nothing but fetching it would tell. An object is never there half written."""
        return UNREAD

    @contextmanager
    def lent(self, path: str) -> Iterator[Path]:
        key = self._keys[path]
        with self._prefix.staging_folder() as folder:
            self._fetch(key, folder / _FETCHED)
            self._fetch(_side_key(key), side_file_of(folder / _FETCHED))
            yield folder / _FETCHED

    @contextmanager
    def lent_side_file(self, path: str) -> Iterator[Path]:
        with self._prefix.staging_folder() as folder:
            self._fetch(_side_key(self._keys[path]), folder / _FETCHED)
            yield folder / _FETCHED

    def _fetch(self, key: str, file: Path) -> None:
        """Write an object to a file; none where it was not listed, or went since. Raises StorageError."""
        entry = self._entries.get(key)
        if entry is None:
            return
        try:
            with file.open("xb") as copy:
                if entry.n_bytes > self._prefix.max_file_bytes:
                    copy.truncate(
                        entry.n_bytes
                    )  # it is refused for its size, which a hole has as well
                else:
                    copy.writelines(self._prefix.bucket.blocks(key))
            if entry.n_bytes and not file.stat().st_size:
                file.unlink()
        except OSError as error:
            raise storage_error(file, error) from error

    def _state_of(self, key: str) -> FileState:
        """Describe an object together with the side file that may lie beside it."""
        entry = self._entries[key]
        beside = self._entries.get(_side_key(key))
        return FileState(
            entry.n_bytes + (beside.n_bytes if beside else 0),
            max(entry.changed_at_ns, beside.changed_at_ns if beside else 0),
            entity_tag=entry.entity_tag,
        )


def _side_key(key: str) -> str:
    return f"{key}.json"
