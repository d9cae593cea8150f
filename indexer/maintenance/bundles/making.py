"""Makes a bundle of one collection, while everything else goes on."""

from __future__ import annotations

import hashlib
import os
import zipfile
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from indexer.base.errors import DamagedFile, DataFolderBusy, StorageError
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.database import HEAD, Database
from indexer.maintenance.backups.catalog_copies import CatalogCopy, copy_catalog
from indexer.maintenance.backups.copying import ReadFailed, blocks_of, require_room
from indexer.maintenance.backups.manifest import sums_text
from indexer.maintenance.bundles.contents import CATALOG, MANIFEST, SIGNATURE, SUMS, BundleFacts
from indexer.maintenance.compaction import Compactor
from indexer.storage.files import sha256_of, sync, sync_folder
from indexer.stores import Stores

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MOMENT = (1980, 1, 1, 0, 0, 0)  # of every member: when they were packed is in the manifest
_MODE = 0o600 << 16
_N_TRIES = 5
_LARGE_BYTES = 2**31  # as zipfile has it


class _Changed(Exception):
    """A file of the collection is not there with its bytes: deleted or merged meanwhile, or damaged."""


class BundleMaker:
    """Makes bundles of the collections of one data folder."""

    def __init__(self, stores: Stores, database: Database) -> None:
        self._stores = stores
        self._database = database

    def make(
        self, name: str, target: Path, signing_key: Ed25519PrivateKey | None = None
    ) -> BundleFacts:
        """Write the searchable documents of a collection into the file `target`, which must not be there.

        What was deleted is not in it: the vectors of deleted pages are written out of their segments first.

        Raises CollectionNotFound, DataFolderBusy while documents are being indexed, DamagedFile where
        something of the collection is damaged, StorageError.
        """
        _require_free(target)
        Compactor(self._stores, int8=False, min_indexed=2**62, drop_deleted_after=timedelta(0)).run(
            name
        )
        fault = ""
        for _ in range(_N_TRIES):
            collection = self._stores.catalog.collections.get(name)
            self._require_quiet(collection)
            try:
                return self._write(collection, target, signing_key)
            except _Changed as change:
                if str(change) == fault:
                    raise DamagedFile(
                        f"{fault}: run `pagesight verify --deep --repair`"
                    ) from change
                fault = str(change)
            except OSError as error:
                raise StorageError(f"cannot write {target}: {error.strerror or error}") from error
        raise DataFolderBusy(f"{name} changes faster than it can be copied: try again later")

    def _require_quiet(self, collection: Collection) -> None:
        """Raise DataFolderBusy while documents are being indexed: a bundle never gets their other pages."""
        for document in self._stores.catalog.snapshot(collection.name).documents:
            if document.verdict is Verdict.INDEXING:
                raise DataFolderBusy(f"{document.name} is being indexed: try again when it is done")

    def _write(
        self, collection: Collection, target: Path, signing_key: Ed25519PrivateKey | None
    ) -> BundleFacts:
        # A folder of its own: another process may make the same bundle at the same time.
        with TemporaryDirectory(prefix=".bundle-", dir=target.parent) as folder:
            catalog_path, part_path = Path(folder) / CATALOG, Path(folder) / "part"
            copy = copy_catalog(
                self._stores, self._database, catalog_path, collection_id=collection.id
            )
            if not self._stores.folder.is_bucket:
                root = self._stores.folder.root
                paths = [catalog_path, *(root / path for path in copy.sums)]
                require_room(paths, target.parent)
            facts = self._pack(part_path, collection, catalog_path, copy, signing_key)
            _require_free(target)
            part_path.rename(target)
            sync_folder(target.parent)
        return facts

    def _pack(
        self,
        path: Path,
        collection: Collection,
        catalog_path: Path,
        copy: CatalogCopy,
        signing_key: Ed25519PrivateKey | None,
    ) -> BundleFacts:
        """Write the archive, synced. Raises _Changed."""
        catalog_sha256, n_bytes, folder = sha256_of(catalog_path), 0, self._stores.folder
        sums = sums_text(CATALOG, catalog_sha256, copy.sums)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                _add_file(archive, CATALOG, catalog_path, catalog_sha256)
                for name, sha256 in sorted(copy.sums.items()):
                    with folder.lent(folder.root / name, sha256, prove=False) as source:
                        n_bytes += _add_file(archive, name, source or folder.root / name, sha256)
                facts = _facts(collection, copy, n_bytes, hashlib.sha256(sums).hexdigest())
                archive.writestr(_member(SUMS), sums)
                archive.writestr(_member(MANIFEST), facts.to_bytes())
                if signing_key is not None:
                    archive.writestr(_member(SIGNATURE), signing_key.sign(facts.to_bytes()))
            file.flush()
            sync(file.fileno())
        return facts


def _require_free(target: Path) -> None:
    if target.exists():
        raise StorageError(f"{target} is there already: give the bundle another name")


def _facts(
    collection: Collection, copy: CatalogCopy, n_bytes: int, sums_sha256: str
) -> BundleFacts:
    return BundleFacts(
        collection=collection.name,
        title=collection.title,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=version("pagesight"),
        schema=HEAD,
        encoder=collection.fingerprint.to_dict(),
        n_documents=copy.n_rows["documents"],
        n_pages=copy.n_rows["pages"],
        n_files=len(copy.sums),
        n_bytes=n_bytes,
        sums_sha256=sums_sha256,
    )


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _MOMENT)
    member.external_attr = _MODE
    return member


def _add_file(archive: zipfile.ZipFile, name: str, path: Path, sha256: str) -> int:
    """Return the length of the file. Raises _Changed where it does not have these bytes."""
    digest = hashlib.sha256()
    try:
        member = _member(name)
        member.file_size = path.stat().st_size
        with archive.open(member, "w", force_zip64=member.file_size >= _LARGE_BYTES) as target:
            for block in blocks_of(path):
                digest.update(block)
                target.write(block)
    except (ReadFailed, FileNotFoundError) as error:
        raise _Changed(f"{path} cannot be read") from error
    if digest.hexdigest() != sha256:
        raise _Changed(f"{path} does not hold the bytes that were written")
    return member.file_size
