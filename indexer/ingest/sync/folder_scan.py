"""What lies in a folder now, and what of it could not be looked at."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.base.errors import NothingToIngest
from indexer.ingest.sync.place import FileState
from indexer.inputs.folder_walk import readable_files
from indexer.inputs.names import document_name
from indexer.inputs.stated_properties import side_file_of
from indexer.storage.files import persistently, sha256_of

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SyncedFolder:
    """A folder of this machine."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder.resolve()

    def scan(self) -> FolderScan:
        shown_name = document_name(str(self.folder))
        if not self.folder.is_dir():
            raise NothingToIngest(
                f"{shown_name} is no folder, or is not there now: nothing was changed"
            )
        folder = self.path
        unknown_paths: set[str] = set()

        def note(error: OSError) -> None:
            path = Path(os.fsdecode(error.filename))
            if path == folder:
                raise NothingToIngest(f"{shown_name} cannot be read ({error.strerror})") from error
            if not isinstance(error, FileNotFoundError):  # it went while it was looked for
                unknown_paths.add(_key(path, folder))

        paths, states = {}, {}
        for path in readable_files(folder, note):
            key = _key(path, folder)
            try:
                paths[key], states[key] = path, _file_state(path)
            except FileNotFoundError:
                continue
            except OSError:
                unknown_paths.add(key)
        return FolderScan(str(folder), states, frozenset(unknown_paths), paths)


@dataclass(frozen=True, slots=True)
class FolderScan:
    """The files of a folder; `paths` says where on the disk each is."""

    place: str
    states: dict[str, FileState]
    unknown_paths: frozenset[str]
    paths: dict[str, Path]

    def sha256(self, path: str, settle_s: float) -> str | None:
        state, file_path = self.states[path], self.paths[path]
        age_ns = time.time_ns() - max(state.modified_ns, state.changed_ns)
        if 0 <= age_ns < settle_s * _NS:
            return None
        sha256 = persistently(lambda: sha256_of(file_path), file_path)
        state_now = persistently(lambda: _file_state(file_path), file_path)
        return sha256 if state_now == state else None

    @contextmanager
    def lent(self, path: str) -> Iterator[Path]:
        yield self.paths[path]

    @contextmanager
    def lent_side_file(self, path: str) -> Iterator[Path]:
        yield side_file_of(self.paths[path])


def _file_state(path: Path) -> FileState:
    """Look at a file and at the side file that may lie beside it. Raises OSError."""
    status = path.stat()
    try:
        beside = side_file_of(path).stat()
    except FileNotFoundError:
        beside = None
    statuses = [status] if beside is None else [status, beside]
    return FileState(
        sum(part.st_size for part in statuses),
        max(part.st_mtime_ns for part in statuses),
        max(part.st_ctime_ns for part in statuses),
        status.st_dev,
    )


def _key(path: Path, folder: Path) -> str:
    """Return a path below the folder as text that any catalog takes, whatever bytes it is made of."""
    relative_path = path.relative_to(folder).as_posix()
    return relative_path.encode("utf-8", "backslashreplace").decode()
