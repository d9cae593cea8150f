"""What a disk may hold after the power went: rebuilt from what was synced, and what was not.

A file that was never synced may be empty, zeroed, cut or whole; one that was synced holds what it held then.
A name that was given or taken away is certain once its folder was synced. Of those that wait, all, none or
some by chance have reached the disk. The catalog is taken as it looks, as SQLite syncs its commits.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CATALOG = "catalog.sqlite3"
FILLINGS = ("empty", "zeroed", "cut", "whole")

Inode = int
Entry = tuple[Inode, str]  # a folder, and a name in it


@dataclass
class FileState:
    """The bytes of a file at its last sync, None before; and now."""

    synced: bytes | None
    now: bytes


@dataclass
class NameChange:
    """Names that were given (inode) or taken away (None) at once, as by one rename."""

    entries: dict[Entry, Inode | None]


@dataclass
class DiskModel:
    """What is certain, and what waits to become so. Folders and files are known by their inodes."""

    root: Path
    names: dict[Entry, Inode] = field(default_factory=dict)
    waiting: list[NameChange] = field(default_factory=list)
    files: dict[Inode, FileState] = field(default_factory=dict)
    folders: set[Inode] = field(default_factory=set)
    catalog: dict[str, bytes] = field(default_factory=dict)
    _seen: dict[Entry, Inode] = field(default_factory=dict)

    def begin(self) -> None:
        """Take everything that is there as synced."""
        self.look()
        self.names, self.waiting = dict(self._seen), []
        for state in self.files.values():
            state.synced = state.now

    def look(self) -> None:
        """Notice what changed: a name that went from here to there did so by one rename."""
        entries: dict[Entry, Inode] = {}
        self.catalog = {}
        if self.root.exists():
            self._walk(self.root, entries)
        changes = {
            entry: entries.get(entry)
            for entry in self._seen.keys() | entries.keys()
            if self._seen.get(entry) != entries.get(entry)
        }
        seen_before, self._seen = self._seen, entries
        self.waiting += _one_by_one(changes, seen_before)

    def _walk(self, folder: Path, entries: dict[Entry, Inode]) -> None:
        inode = folder.stat().st_ino
        self.folders.add(inode)
        for item in sorted(folder.iterdir()):
            if folder == self.root and item.name.startswith(CATALOG):
                if not item.name.endswith("-shm"):
                    self.catalog[item.name] = item.read_bytes()
                continue
            entries[inode, item.name] = item.stat().st_ino
            if item.is_dir():
                self._walk(item, entries)
            else:
                self._note_file(item)

    def _note_file(self, path: Path) -> None:
        content, inode = path.read_bytes(), path.stat().st_ino
        self.files.setdefault(inode, FileState(None, content)).now = content

    def on_sync(self, descriptor: int) -> None:
        """Make a file's bytes, or the names in a folder, certain."""
        self.look()
        inode = os.fstat(descriptor).st_ino
        if inode in self.files:
            self.files[inode].synced = self.files[inode].now
        still_waiting = []
        for change in self.waiting:
            if any(folder == inode for folder, _ in change.entries):
                _apply(self.names, change)
            else:
                still_waiting.append(change)
        self.waiting = still_waiting

    def states(self, chance: random.Random) -> Iterator[DiskState]:
        """Yield the disks that may be found now: all, none, or some of what waits; each filling."""
        for filling in FILLINGS:
            yield self._state(filling, lambda: True)
            yield self._state(filling, lambda: False)
        yield self._state(chance.choice(FILLINGS), lambda: chance.random() < 0.5)
        yield self._state(chance.choice(FILLINGS), lambda: chance.random() < 0.5)

    def _state(self, filling: str, happens: Any) -> DiskState:
        names = dict(self.names)
        for change in self.waiting:
            if happens():
                _apply(names, change)
        disk: dict[str, bytes | None] = {}
        if self.root.exists():
            self._lay_out(self.root.stat().st_ino, "", names, filling, disk)
        return DiskState(disk, self.catalog)

    def _lay_out(
        self,
        folder: Inode,
        prefix: str,
        names: dict[Entry, Inode],
        filling: str,
        disk: dict[str, bytes | None],
    ) -> None:
        for (parent, name), inode in names.items():
            if parent != folder:
                continue
            if inode in self.folders:
                disk[prefix + name] = None
                self._lay_out(inode, f"{prefix}{name}/", names, filling, disk)
            else:
                disk[prefix + name] = _filled(self.files[inode], filling)


@dataclass(frozen=True)
class DiskState:
    """The files of a data folder by path below it, folders as None, and the catalog's own files."""

    disk: dict[str, bytes | None]
    catalog: dict[str, bytes]

    def write(self, root: Path) -> None:
        """Make the folder hold exactly this."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        for path, content in sorted((self.disk | self.catalog).items()):
            if content is None:
                (root / path).mkdir(parents=True, exist_ok=True)
            else:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)

    @property
    def key(self) -> int:
        """Tell it from other states; those that are alike need no second judgement."""
        return hash((frozenset(self.disk.items()), frozenset(self.catalog.items())))


def _one_by_one(changes: dict[Entry, Inode | None], before: dict[Entry, Inode]) -> list[NameChange]:
    """Tell renames, of which both names change at once, from names that came or went by themselves."""
    goings = {before[entry]: entry for entry, inode in changes.items() if inode is None}
    singles = []
    for entry, inode in sorted(changes.items()):
        if inode is None:
            continue
        pair = {entry: inode}
        if inode in goings:
            pair[goings.pop(inode)] = None  # type: ignore[assignment]
        singles.append(NameChange(dict(pair)))
    return singles + [NameChange({entry: None}) for entry in goings.values()]


def _apply(names: dict[Entry, Inode], change: NameChange) -> None:
    for entry, inode in change.entries.items():
        if inode is None:
            names.pop(entry, None)
        else:
            names[entry] = inode


def _filled(state: FileState, filling: str) -> bytes:
    """Return the bytes of a file: those of its last sync, or what unsynced bytes may look like."""
    if state.synced is not None and state.synced == state.now:
        return state.now
    floor = state.synced or b""
    if filling == "whole":
        return state.now
    if filling == "zeroed":
        return floor + bytes(max(0, len(state.now) - len(floor)))
    if filling == "cut":
        return floor or state.now[: len(state.now) // 2]
    return floor
