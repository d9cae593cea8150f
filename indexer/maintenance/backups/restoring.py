"""Restores a backup into an empty data folder and an empty catalog.

Until all of it is there, FORMAT holds the word `restoring` in the place of a number, so that no pagesight,
also none of before, takes the folder for whole. The files come first, each compared with its SHA-256; then
one transaction writes the catalog; FORMAT is last.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from indexer.base.errors import DamagedBackup, DataFolderTooNew, FolderNotEmpty, StorageError
from indexer.catalog.database import HEAD, Database, catalog_url
from indexer.catalog.pair_marks import PairMarks
from indexer.catalog.table_copy import copy_tables, copy_url, require_empty
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.copying import copy_file, is_whole, require_room, sync_all
from indexer.maintenance.backups.manifest import CATALOG, NO_CONTENT, Backup, FileSums, write_synced
from indexer.storage.durable import FORMAT_NAME, FORMAT_VERSION, RESTORING
from indexer.storage.files import make_root, sync_folder
from indexer.storage.locks import hold_lock
from indexer.storage.pair_mark import PAIR_NAME, PairMark

_SHOWN = 3  # damaged files that an error names


@dataclass(frozen=True, slots=True)
class Restoration:
    """What was restored.

    damaged_files  files of the backup whose bytes are wrong, so that they were left out
    """

    backup: Backup
    n_files: int
    damaged_files: tuple[str, ...]


class Copies(Protocol):
    """A catalog and the files that it names, which can be copied out: a backup, a bundle."""

    @property
    def sums(self) -> FileSums:
        """The SHA-256 of every file, by its path below a data folder."""
        ...

    def require_room(self, target: Path) -> None:
        """Raise StorageError when the disk of `target` has no room for the files."""
        ...

    def copy_file(self, path: str, target: Path) -> str | None:
        """Copy a file, proven; returns what is wrong with it. Raises OSError, StorageError of the target."""
        ...

    def copy_catalog(self, target: Path) -> None:
        """Copy the catalog. Raises OSError, StorageError."""
        ...

    def damage_error(self, paths: Sequence[str]) -> StorageError:
        """Return what to raise for files that are not what was written."""
        ...


@dataclass(frozen=True, slots=True)
class _BackupCopies:
    """What a backup names, in its folder."""

    root: Path
    folder: Path
    sums: FileSums

    def require_room(self, target: Path) -> None:
        require_room((self.root / path for path in self.sums), target)

    def copy_file(self, path: str, target: Path) -> str | None:
        return copy_file(self.root / path, target, self.sums[path])

    def copy_catalog(self, target: Path) -> None:
        shutil.copyfile(self.folder / CATALOG, target)

    def damage_error(self, paths: Sequence[str]) -> StorageError:
        return DamagedBackup(
            f"{len(paths)} files of {self.root} are not what was written ({', '.join(paths[:_SHOWN])}): "
            "restore another backup (`--list`), or all but these (`--keep-going`), and then "
            "`pagesight verify --repair`"
        )


class Restorer:
    """Restores backups of one folder."""

    def __init__(self, source: BackupFolder) -> None:
        self._source = source

    def check(self, backup: Backup) -> list[str]:
        """Read a whole backup; returns the paths of damaged files. Raises DamagedBackup for the rest."""
        sums = self._source.sums(backup)
        return [
            path for path, sha256 in sums.items() if not is_whole(self._source.root / path, sha256)
        ]

    def restore(
        self, backup: Backup, data_dir: Path, database_url: str | None, *, keep_going: bool = False
    ) -> Restoration:
        """Restore a backup into a data folder, and a catalog where `database_url` says, else in the folder.

        keep_going  leave damaged files out, instead of refusing the backup because of them

        Raises DamagedBackup, DataFolderTooNew, FolderNotEmpty, CatalogNotEmpty, StorageError. What was
        restored until then is refused by every command, and goes when the same is tried again.
        """
        if backup.schema > HEAD:
            raise DataFolderTooNew(
                f"backup {backup.name} was made by pagesight {backup.version}: restore it with that"
            )
        sums = self._source.sums(backup)
        copies = _BackupCopies(self._source.root, self._source.folder_of(backup), sums)
        damaged_files = fill_data_folder(copies, data_dir, database_url, keep_going=keep_going)
        return Restoration(backup, len(sums) - len(damaged_files), tuple(damaged_files))


def fill_data_folder(
    copies: Copies, data_dir: Path, database_url: str | None = None, *, keep_going: bool = False
) -> list[str]:
    """Fill an empty data folder, and a catalog where `database_url` says, else in the folder.

    Returns the paths of damaged files, which were left out: where not `keep_going`, they are an error.
    Raises as `Restorer.restore`.
    """
    database = Database(catalog_url(data_dir, database_url), migrate=False)
    path = database.sqlite_path
    try:
        _require_empty_folder(data_dir)
        if path is None or not path.absolute().is_relative_to(data_dir.absolute()):
            require_empty(database)
        copies.require_room(data_dir)
        make_root(data_dir)
        refusal = f"another restore into {data_dir} is going on: try again later"
        with hold_lock(data_dir / "lock", fcntl.LOCK_EX, refusal):
            _require_empty_folder(data_dir)
            _begin(data_dir)
            damaged_files = _copy_files(copies, data_dir, keep_going=keep_going)
            _copy_catalog(copies, data_dir, database)
            _end(data_dir)
    except OSError as error:
        raise StorageError(
            f"cannot write {data_dir}: {error.strerror or error}: what was restored so far is not used"
        ) from error
    finally:
        database.engine.dispose()
    return damaged_files


def _copy_files(copies: Copies, data_dir: Path, *, keep_going: bool) -> list[str]:
    folders, damaged_files = set(), []
    for path in copies.sums:
        target = data_dir / path
        if target.parent not in folders:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folders.add(target.parent)
        if copies.copy_file(path, data_dir / "tmp" / "file") is None:
            (data_dir / "tmp" / "file").rename(target)
        else:
            damaged_files.append(path)
    if damaged_files and not keep_going:
        raise copies.damage_error(damaged_files)
    sync_all(folders, data_dir)
    return damaged_files


def _copy_catalog(copies: Copies, data_dir: Path, target: Database) -> None:
    """Bring the copied catalog to the schema of now, and write its rows."""
    staging_path = data_dir / "tmp" / CATALOG
    copies.copy_catalog(staging_path)
    copy = Database(copy_url(staging_path))
    try:
        # The folder that it was made of goes on as another.
        mark = PairMark(uuid4().hex, 1)
        PairMarks(copy).write(mark)
        target.migrate()
        copy_tables(copy, target)
    finally:
        copy.engine.dispose()
    write_synced(data_dir / PAIR_NAME, mark.content)
    sync_folder(data_dir)


def _require_empty_folder(data_dir: Path) -> None:
    """Raise FolderNotEmpty, but not for what a restore left that broke off."""
    names = {path.name for path in data_dir.glob("*")}
    if names - NO_CONTENT and not _is_unfinished(data_dir):
        raise FolderNotEmpty(
            f"{data_dir} is not empty: set PAGESIGHT_DATA_DIR to a new folder, which the backup will fill"
        )


def _is_unfinished(data_dir: Path) -> bool:
    try:
        return (data_dir / FORMAT_NAME).read_text(errors="replace").strip() == RESTORING
    except FileNotFoundError:
        return False


def _begin(data_dir: Path) -> None:
    """Mark the folder, and remove what a restore left that broke off."""
    write_synced(data_dir / FORMAT_NAME, f"{RESTORING}\n".encode())
    sync_folder(data_dir)
    for path in data_dir.iterdir():
        if path.name in NO_CONTENT or path.name == FORMAT_NAME:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    (data_dir / "tmp").mkdir(mode=0o700)


def _end(data_dir: Path) -> None:
    shutil.rmtree(data_dir / "tmp")
    (data_dir / "tmp").mkdir(mode=0o700)
    write_synced(data_dir / FORMAT_NAME, f"{FORMAT_VERSION}\n".encode())
    sync_folder(data_dir)
