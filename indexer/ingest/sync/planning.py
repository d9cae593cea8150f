"""Compares a folder with what the catalog remembers of it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from indexer.base.errors import Unreadable
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.synced_files import SyncedFile
from indexer.ingest.sync.folder_scan import FileState, FolderScan, file_state
from indexer.ingest.sync.plan import Brake, Change, ChangeKind, SyncPlan
from indexer.inputs.names import document_name, same_name
from indexer.storage.files import persistently, sha256_of

_NS = 1_000_000_000


class KnownDocuments:
    """What a collection holds already, by bytes and by name.

    contents  SHA-256 of all that is indexed or was refused
    """

    def __init__(
        self,
        contents: set[str],
        files: Iterable[SyncedFile],
        snapshot: Callable[[], CollectionSnapshot | None],
    ) -> None:
        self.contents = contents
        self.files: dict[str, dict[str, SyncedFile]] = defaultdict(dict)
        for file in files:
            self.files[file.folder][file.path] = file
        self._snapshot = snapshot
        self._by_name: dict[str, str] | None = None

    def newest_of(self, name: str) -> str | None:
        """Return the SHA-256 of the newest document of a name; None where it has none."""
        if self._by_name is None:
            self._by_name = {}
            snapshot = self._snapshot()
            for document in snapshot.current if snapshot else ():
                current_names = [
                    row.name for row in document.names if row.parent is None and row.is_current
                ]
                if not document.names:
                    current_names = [document.name]
                self._by_name |= {same_name(row): document.sha256 for row in current_names}
        return self._by_name.get(same_name(name))

    def names_elsewhere(self, folder: Path) -> set[str]:
        """Return the names that files of other folders have, of those that are there now."""
        return {
            same_name(file.name)
            for folder_name, files in self.files.items()
            if folder_name != str(folder) and Path(folder_name).is_dir()
            for file in files.values()
        }


class FolderPlanner:
    """Plans for one folder; `settle_s`: a file that changed so lately is still being written."""

    def __init__(self, scan: FolderScan, documents: KnownDocuments, settle_s: float = 0.0) -> None:
        self._scan = scan
        self._documents = documents
        self._settle_ns = int(settle_s * _NS)
        self._known_files = documents.files.get(str(scan.folder), {})
        self._names = documents.names_elsewhere(scan.folder)
        self._names |= {same_name(file.name) for file in self._known_files.values()}
        self._changes: list[Change] = []
        self._seen_again: list[tuple[SyncedFile, Path]] = []
        self._unsettled_paths: list[str] = []
        self._unknown_paths = set(scan.unknown_paths)
        self._n_unchanged = 0

    def plan(self, brake: Brake) -> SyncPlan:
        """Compare every file. Those that are new or were touched are read, to hash them."""
        for path, (file_path, state) in self._scan.files.items():
            self._look_at(path, file_path, state)
        gone_files = [
            file
            for path, file in self._known_files.items()
            if path not in self._scan.files and not self._scan.may_hold(path)
        ]
        gone_files = self._without_renamed(gone_files)
        reason = brake.reason(list(self._known_files.values()), gone_files, self._scan.folder)
        if reason is None:
            self._changes += [Change(ChangeKind.GONE, file) for file in gone_files]
        return SyncPlan(
            changes=tuple(self._changes),
            seen_again=tuple(self._seen_again),
            n_unchanged=self._n_unchanged,
            unsettled_paths=tuple(self._unsettled_paths),
            unknown_paths=tuple(sorted(self._unknown_paths)),
            held_back=() if reason is None else tuple(gone_files),
            reasons=() if reason is None else (reason,),
        )

    def _look_at(self, path: str, file_path: Path, state: FileState) -> None:
        known_file = self._known_files.get(path)
        is_touched = known_file is None or _state_of(known_file) != state
        if known_file is not None and not is_touched:
            if known_file.sha256 in self._documents.contents:
                self._n_unchanged += 1
            else:  # its document was deleted, or its ingest broke off
                self._changes.append(Change(ChangeKind.ADDED, known_file, file_path))
            return
        sha256 = self._hash(path, file_path, state)
        if sha256 is None:
            return
        name = known_file.name if known_file else self._new_name(path)
        file = SyncedFile(
            str(self._scan.folder), path, name, sha256,
            state.n_bytes, state.modified_ns, state.changed_ns, state.device,
        )  # fmt: skip
        before = known_file.sha256 if known_file else self._documents.newest_of(name)
        if before == sha256 and sha256 in self._documents.contents:
            self._n_unchanged += 1
            self._seen_again.append((file, file_path))
        elif before is None or before == sha256:
            self._changes.append(Change(ChangeKind.ADDED, file, file_path))
        else:
            self._changes.append(Change(ChangeKind.CHANGED, file, file_path))

    def _is_being_written(self, state: FileState) -> bool:
        return 0 <= time.time_ns() - max(state.modified_ns, state.changed_ns) < self._settle_ns

    def _hash(self, path: str, file_path: Path, state: FileState) -> str | None:
        """Return the SHA-256 of a file; None where it is being written, cannot be read, or went."""
        if self._is_being_written(state):
            self._unsettled_paths.append(path)
            return None
        try:
            sha256 = persistently(lambda: sha256_of(file_path), file_path)
            state_now = persistently(lambda: file_state(file_path), file_path)
        except Unreadable:
            self._unknown_paths.add(path)
            return None
        if sha256 is None or state_now != state:
            self._unsettled_paths.append(path)
            return None
        return sha256

    def _new_name(self, path: str) -> str:
        """Return the name of a new document: its path, behind as many folders as tell it from others."""
        relative_path = path
        name = document_name(relative_path) or "unnamed"
        for folder in (*self._scan.folder.parts[:0:-1], *"23456789"):
            if same_name(name) not in self._names:
                break
            relative_path = f"{folder}/{relative_path}"
            name = document_name(relative_path) or "unnamed"
        self._names.add(same_name(name))
        return name

    def _without_renamed(self, gone_files: list[SyncedFile]) -> list[SyncedFile]:
        """Turn new files with the bytes of some that are gone into renamed ones; return the rest of these."""
        by_bytes: dict[str, list[SyncedFile]] = defaultdict(list)
        for file in gone_files:
            by_bytes[file.sha256].append(file)
        for i, change in enumerate(self._changes):
            older_files = by_bytes.get(change.file.sha256)
            is_known = change.file.sha256 in self._documents.contents
            if change.kind is ChangeKind.ADDED and older_files and is_known:
                older = older_files.pop()
                self._changes[i] = Change(ChangeKind.RENAMED, change.file, change.path, older)
        return [file for files in by_bytes.values() for file in files]


def _state_of(file: SyncedFile) -> FileState:
    return FileState(file.n_bytes, file.modified_ns, file.changed_ns, file.device)
