"""A folder of backups. Each is a catalog and the files that it names; files are kept once for all of them.

BACKUPS                                the format of this folder, a number
originals/ images/ collections/        files of the data folder, under the same paths
backups/<moment>/                      a catalog, the sums of its files, a manifest (see `manifest`)

A backup is made under tmp/ and gets its name when all of it is on the disk: what has a name is whole.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from indexer.base.errors import DamagedBackup, DataFolderTooNew, StorageError
from indexer.maintenance.backups.manifest import (
    FAMILIES,
    NO_CONTENT,
    Backup,
    FileSums,
    read_manifest,
    read_sums,
    write_backup,
    write_synced,
)
from indexer.storage.files import make_root, sync_folder
from indexer.storage.locks import hold_lock

FORMAT_VERSION = 1  # raised whenever an older pagesight could misread a folder of backups
_MARK = "BACKUPS"


class BackupFolder:
    """One folder of backups.

    create  make it where there is none

    Raises DataFolderTooNew, DamagedBackup when there is none, StorageError.
    """

    def __init__(self, root: Path, *, create: bool = False) -> None:
        self.root = root
        self._backups = root / "backups"
        mark = root / _MARK
        try:
            number = mark.read_text(errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError) as error:
            if not create:
                raise DamagedBackup(
                    f"{root} holds no backups: `pagesight backup` makes one"
                ) from error
            self._make()
            return
        except OSError as error:
            raise StorageError(f"cannot read {root}: {error.strerror or error}") from error
        if not (number.isascii() and number.isdigit()):
            raise DamagedBackup(
                f"{mark} is damaged: it should hold a format number, not {number!r}"
            )
        if int(number) > FORMAT_VERSION:
            raise DataFolderTooNew(
                f"{root} has backups of format {number}, this pagesight knows {FORMAT_VERSION}: "
                "use the pagesight that made them"
            )

    def _make(self) -> None:
        try:
            make_root(self.root)
            if {path.name for path in self.root.iterdir()} - NO_CONTENT:
                raise StorageError(
                    f"{self.root} is not empty and holds no backups: give a new folder"
                )
            write_synced(self.root / _MARK, f"{FORMAT_VERSION}\n".encode())
            sync_folder(self.root)
        except OSError as error:
            raise StorageError(f"cannot write {self.root}: {error.strerror or error}") from error

    # -- what is here ------------------------------------------------------------------------------

    def backups(self) -> list[Backup]:
        """Return the backups whose manifest can be read, the oldest first."""
        manifests = (read_manifest(path) for path in sorted(self._backups.glob("*")))
        return [backup for backup in manifests if backup is not None]

    def find(self, name: str | None = None) -> Backup:
        """Return the backup of that name, or the newest. Raises DamagedBackup."""
        backups = {backup.name: backup for backup in self.backups()}
        newest = max(backups, default=None)
        backup = backups.get(newest if name is None else name) if newest else None
        if backup is None:
            there = ", ".join(backups) or "none that is whole"
            raise DamagedBackup(f"{self.root} has no backup {name or ''}: there is {there}")
        return backup

    def folder_of(self, backup: Backup) -> Path:
        """Return where the catalog of a backup lies."""
        return self._backups / backup.name

    def sums(self, backup: Backup) -> FileSums:
        """Return the SHA-256 of every file of a backup, its catalog proven. Raises DamagedBackup."""
        return read_sums(self.folder_of(backup), backup)

    # -- additions ---------------------------------------------------------------------------------

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Yield an empty folder for what is not whole yet, and keep other backups away meanwhile.

        Raises DataFolderBusy.
        """
        refusal = f"another backup to {self.root} is being made: try again later"
        with hold_lock(self.root / "lock", fcntl.LOCK_EX, refusal):
            staging_root = self.root / "tmp"
            shutil.rmtree(staging_root, ignore_errors=True)  # of a backup that broke off
            staging_path = staging_root / uuid4().hex
            try:
                staging_path.mkdir(mode=0o700, parents=True)
                yield staging_path
            finally:
                shutil.rmtree(staging_root, ignore_errors=True)

    def new_name(self) -> str:
        """Return a name for a backup that begins now, which stands behind those that are here."""
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        newest = max((path.name for path in self._backups.glob("*")), default="")
        return (
            name if name > newest else f"{newest}a"
        )  # the same second, or a clock that was set back

    def publish(self, staging_path: Path, backup: Backup, sums: FileSums) -> Backup:
        """Let the catalog in the staging folder and the files with these sums be a backup.

        Raises OSError.
        """
        backup = write_backup(staging_path, backup, sums)
        self._backups.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self.root)
        staging_path.rename(self.folder_of(backup))
        sync_folder(self._backups)
        return backup

    # -- removals ----------------------------------------------------------------------------------

    def prune(self, n_kept: int) -> None:
        """Remove all but the newest backups, and the files that no backup names; call inside `staging`.

        Where a backup is damaged that stays, nobody knows what it names: no file is removed then.
        Raises OSError.
        """
        for backup in self.backups()[:-n_kept]:
            # It gives up its name first; `staging` removes it.
            self.folder_of(backup).rename(self.root / "tmp" / backup.name)
        names: set[str] = set()
        for path in self._backups.glob("*"):
            manifest = read_manifest(path)
            try:
                names.update(read_sums(path, manifest) if manifest else ())
            except DamagedBackup:
                manifest = None
            if manifest is None:
                return
        for family in FAMILIES:
            for place, _, files in os.walk(self.root / family):
                for path in (Path(place) / file for file in files):
                    if path.relative_to(self.root).as_posix() not in names:
                        path.unlink()
