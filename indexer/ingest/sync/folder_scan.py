"""What lies in a folder now, and what of it could not be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer.base.errors import NothingToIngest
from indexer.inputs.folder_walk import readable_files
from indexer.inputs.names import document_name
from indexer.inputs.stated_properties import side_file_of


@dataclass(frozen=True, slots=True)
class FileState:
    """A file, with its side file, as the file system describes it: what changed may be seen here."""

    n_bytes: int
    modified_ns: int
    changed_ns: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileState:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_dev)


def file_state(path: Path) -> FileState:
    """Look at a file and at the side file that may lie beside it. Raises OSError."""
    state = FileState.of(path.stat())
    try:
        beside = FileState.of(side_file_of(path).stat())
    except FileNotFoundError:
        return state
    return FileState(
        state.n_bytes + beside.n_bytes,
        max(state.modified_ns, beside.modified_ns),
        max(state.changed_ns, beside.changed_ns),
        state.device,
    )


@dataclass(frozen=True, slots=True)
class FolderScan:
    """The files of a folder.

    folder   whole, without links
    files    by their paths below it, written with `/`
    unknown_paths  those below it that could not be looked at: files, and folders with all that is in them
    """

    folder: Path
    files: dict[str, tuple[Path, FileState]]
    unknown_paths: frozenset[str]

    def may_hold(self, path: str) -> bool:
        """Say whether a file that was not seen may be there all the same."""
        return any(path == place or path.startswith(f"{place}/") for place in self.unknown_paths)


def scan_folder(folder: Path) -> FolderScan:
    """Look through a folder. Raises NothingToIngest where it is none, or cannot be read."""
    shown_name = document_name(str(folder))
    if not folder.is_dir():
        raise NothingToIngest(
            f"{shown_name} is no folder, or is not there now: nothing was changed"
        )
    folder = folder.resolve()
    unknown_paths: set[str] = set()

    def note(error: OSError) -> None:
        path = Path(os.fsdecode(error.filename))
        if path == folder:
            raise NothingToIngest(f"{shown_name} cannot be read ({error.strerror})") from error
        if not isinstance(error, FileNotFoundError):  # it went while it was looked for
            unknown_paths.add(_key(path, folder))

    files = {}
    for path in readable_files(folder, note):
        try:
            files[_key(path, folder)] = (path, file_state(path))
        except FileNotFoundError:
            continue
        except OSError:
            unknown_paths.add(_key(path, folder))
    return FolderScan(folder, files, frozenset(unknown_paths))


def require_apart(folders: Iterable[Path]) -> None:
    """Raise NothingToIngest where one folder lies in another: its files would be two documents each."""
    known_folders: list[Path] = []
    for folder in (path.resolve() for path in folders):
        for known_folder in known_folders:
            if folder.is_relative_to(known_folder) or known_folder.is_relative_to(folder):
                raise NothingToIngest(
                    f"{document_name(str(folder))} and {document_name(str(known_folder))} lie in each other: "
                    "name the outer one alone"
                )
        known_folders.append(folder)


def _key(path: Path, folder: Path) -> str:
    """Return a path below the folder as text that any catalog takes, whatever bytes it is made of."""
    relative_path = path.relative_to(folder).as_posix()
    return relative_path.encode("utf-8", "backslashreplace").decode()
