"""Makes a backup while everything else goes on: uploads, ingests, compactions, deletions.

The catalog first, then the files that it names. Files are never changed, and are written before the catalog
names them, so all of them were there at that moment. Compaction or deletion may remove some before they are
copied: then a newer catalog is copied, which does not name them any more, and what it names beside is copied
too. What two catalogs name, one after the other, and is not there both times, is lost or damaged: the backup
says so.

Nothing is linked to the data folder: a file that shared its blocks would rot with it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from indexer.base.errors import DataFolderBusy, StorageError, Unreadable
from indexer.catalog.database import HEAD, Database
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.catalog_copies import CatalogCopy, copy_catalog
from indexer.maintenance.backups.copying import copy_file, is_whole, require_room, sync_all
from indexer.maintenance.backups.manifest import CATALOG, Backup
from indexer.stores import Stores

KEPT = 3  # backups in a folder, unless somebody says otherwise

_MAX_PASSES = 20


@dataclass(slots=True)
class CopyWork:
    """What a backup has done.

    n_copied, n_bytes_copied  files that were not in the backup folder yet
    """

    n_copied: int = 0
    n_bytes_copied: int = 0


class BackupMaker:
    """Makes backups of one data folder and its catalog."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._database = database

    def make(
        self, target: BackupFolder, *, n_kept: int = KEPT, deep: bool = False
    ) -> tuple[Backup, CopyWork]:
        """Make a backup beside those that are in the folder; only the newest `n_kept` stay.

        deep  read the files, too, that an earlier backup has brought, and replace those that rotted

        Raises StorageError, and DataFolderBusy when the data changes faster than it can be copied.
        """
        self._require_apart(target.root)
        work, name = CopyWork(), target.new_name()
        try:
            with target.staging() as staging_path:
                copy = self._copy_all(target.root, staging_path, work, deep=deep)
                backup = target.publish(staging_path, _facts(name, copy, target.root), copy.sums)
                target.prune(n_kept)
        except OSError as error:
            raise StorageError(
                f"cannot write {target.root}: {error.strerror or error}: the backups of before are whole"
            ) from error
        return backup, work

    def _copy_all(
        self, root: Path, staging_path: Path, work: CopyWork, *, deep: bool
    ) -> CatalogCopy:
        """Copy catalogs and what they name, until one names nothing that was removed meanwhile."""
        faults_before: dict[str, str] = {}
        for _ in range(_MAX_PASSES):
            copy = copy_catalog(self._stores, self._database, staging_path / CATALOG)
            faults = self._copy_files(copy.sums, root, staging_path, work, deep=deep)
            if faults.keys() <= faults_before.keys():
                sums = {path: sha256 for path, sha256 in copy.sums.items() if path not in faults}
                # All of them: a backup that broke off has left names that nobody synced.
                sync_all({(root / path).parent for path in sums}, root)
                return CatalogCopy(copy.n_rows, sums, tuple(faults.values()))
            faults_before = faults
            deep = False  # once is enough
        raise DataFolderBusy(
            f"{self._stores.folder.root} changes faster than it can be copied: try again later"
        )

    def _require_apart(self, root: Path) -> None:
        data_dir, backup_dir = self._stores.folder.root.resolve(), root.resolve()
        if data_dir.is_relative_to(backup_dir) or backup_dir.is_relative_to(data_dir):
            raise StorageError(
                f"{root} and the data folder {data_dir} lie in one another: back up to another disk"
            )

    def _copy_files(
        self, sums: dict[str, str], root: Path, staging_path: Path, work: CopyWork, *, deep: bool
    ) -> dict[str, str]:
        """Copy what the backup folder lacks; returns what is wrong with files of the data folder, by path."""
        folder = self._stores.folder
        missing = [
            path
            for path, sha256 in sums.items()
            if not self._is_there(root / path, folder.root / path, sha256, deep=deep)
        ]
        if not folder.is_bucket:
            require_room((folder.root / path for path in missing), root)
        faults = {}
        for path in missing:
            target = root / path
            with folder.lent(folder.root / path, sums[path], prove=False) as source:
                fault = copy_file(source or folder.root / path, staging_path / "file", sums[path])
            if fault is not None:
                faults[path] = fault
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (staging_path / "file").rename(target)
            work.n_copied += 1
            work.n_bytes_copied += target.stat().st_size
        return faults

    def _is_there(self, target: Path, source: Path, sha256: str, *, deep: bool) -> bool:
        """Say whether an earlier backup has brought the file.

        Its bytes are read if `deep`, or if the source is gone.
        """
        try:
            n_bytes = target.stat().st_size
        except FileNotFoundError:
            return False
        if not deep and self._stores.folder.is_bucket:
            return True  # it was compared when it was copied, and to ask for each object takes long
        with suppress(Unreadable):  # the copy may be all that is left
            if not deep and self._stores.folder.n_bytes(source) == n_bytes:
                return True
        return is_whole(target, sha256)


def _facts(name: str, copy: CatalogCopy, root: Path) -> Backup:
    return Backup(
        name=name,
        version=version("pagesight"),
        schema=HEAD,
        n_collections=copy.n_rows["collections"],
        n_documents=copy.n_rows["documents"],
        n_pages=copy.n_rows["pages"],
        n_files=len(copy.sums),
        n_bytes=sum((root / path).stat().st_size for path in copy.sums),
        faults=copy.faults,
    )
