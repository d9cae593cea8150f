"""Compares a place with what the catalog remembers of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import astuple, replace
from pathlib import Path, PurePosixPath

from indexer.base.errors import Unreadable
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.synced_files import SyncedFile
from indexer.ingest.sync.place import UNREAD, FileState, PlaceScan, is_bucket
from indexer.ingest.sync.plan import Brake, Change, ChangeKind, SyncPlan
from indexer.inputs.names import document_name, same_name
from indexer.storage.files import sha256_of


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

    def names_elsewhere(self, place: str) -> set[str]:
        """Return the names that files of other places have; of folders, of those that are there now."""
        return {
            same_name(file.name)
            for other_place, files in self.files.items()
            if other_place != place and (is_bucket(other_place) or Path(other_place).is_dir())
            for file in files.values()
        }


class PlacePlanner:
    """Plans for one place; `settle_s`: a file that changed so lately is still being written."""

    def __init__(self, scan: PlaceScan, documents: KnownDocuments, settle_s: float = 0.0) -> None:
        self._scan = scan
        self._documents = documents
        self._settle_s = settle_s
        self._known_files = documents.files.get(scan.place, {})
        self._names = documents.names_elsewhere(scan.place)
        self._names |= {same_name(file.name) for file in self._known_files.values()}
        self._sha256_by_tag = {
            file.entity_tag: file.sha256 for file in self._known_files.values() if file.entity_tag
        }
        self._changes: list[Change] = []
        self._seen_again: list[tuple[SyncedFile, PlaceScan]] = []
        self._unsettled_paths: list[str] = []
        self._unknown_paths = set(scan.unknown_paths)
        self._n_unchanged = 0

    def plan(self, brake: Brake) -> SyncPlan:
        """Compare every file. Those of a folder that are new or were touched are read, to hash them."""
        for path, state in self._scan.states.items():
            self._look_at(path, state)
        gone_files = [
            file
            for path, file in self._known_files.items()
            if path not in self._scan.states and not self._may_be_there(path)
        ]
        gone_files = self._without_renamed(gone_files)
        reason = brake.reason(list(self._known_files.values()), gone_files, self._scan.place)
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

    def _may_be_there(self, path: str) -> bool:
        """Say whether a file that was not seen lies where nobody could look."""
        return any(path == place or path.startswith(f"{place}/") for place in self._unknown_paths)

    def _look_at(self, path: str, state: FileState) -> None:
        known_file = self._known_files.get(path)
        is_touched = known_file is None or _state_of(known_file) != state
        if known_file is not None and not is_touched:
            if known_file.sha256 in self._documents.contents:
                self._n_unchanged += 1
            else:  # its document was deleted, or its ingest broke off
                self._changes.append(Change(ChangeKind.ADDED, known_file, self._scan))
            return
        sha256 = self._hash(path, state)
        if sha256 is None:
            return
        name = known_file.name if known_file else self._new_name(path)
        file = SyncedFile(self._scan.place, path, name, sha256, *astuple(state))
        before = known_file.sha256 if known_file else self._documents.newest_of(name)
        if before == sha256 and sha256 in self._documents.contents:
            self._n_unchanged += 1
            self._seen_again.append((file, self._scan))
        elif before is None or before == sha256:
            self._changes.append(Change(ChangeKind.ADDED, file, self._scan))
        else:
            self._changes.append(Change(ChangeKind.CHANGED, file, self._scan))

    def _hash(self, path: str, state: FileState) -> str | None:
        """Return the SHA-256 of a file, as far as it can be known before it is read.

        None where it is being written, cannot be read, or went.
        """
        if state.entity_tag in self._sha256_by_tag:
            return self._sha256_by_tag[state.entity_tag]
        try:
            sha256 = self._scan.sha256(path, self._settle_s)
        except Unreadable:
            self._unknown_paths.add(path)
            return None
        if sha256 is None:
            self._unsettled_paths.append(path)
        return sha256

    def _new_name(self, path: str) -> str:
        """Return the name of a new document: its path, behind as many folders as tell it from others."""
        relative_path = path
        name = document_name(relative_path) or "unnamed"
        for folder in (*PurePosixPath(self._scan.place).parts[:0:-1], *"23456789"):
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
        lost_sizes = {file.n_bytes for file in gone_files}
        for i, change in enumerate(self._changes):
            if change.kind is not ChangeKind.ADDED:
                continue
            file = change.file
            if file.sha256 == UNREAD and file.n_bytes in lost_sizes:
                file = replace(file, sha256=self._read_hash(file.path))
            older_files = by_bytes.get(file.sha256)
            if older_files and file.sha256 in self._documents.contents:
                older = older_files.pop()
                self._changes[i] = Change(ChangeKind.RENAMED, file, self._scan, older)
        return [file for files in by_bytes.values() for file in files]

    def _read_hash(self, path: str) -> str:
        """Read a file that may be another one under a new name; UNREAD where that cannot be done now."""
        try:
            with self._scan.lent(path) as lent_path:
                return sha256_of(lent_path)
        except (Unreadable, FileNotFoundError):
            return UNREAD


def _state_of(file: SyncedFile) -> FileState:
    return FileState(file.n_bytes, file.modified_ns, file.changed_ns, file.device, file.entity_tag)
