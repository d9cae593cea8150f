"""Reads a bundle, which anybody may have made: nothing in it is believed before it is proven."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Self

from indexer.base.errors import DamagedBackup, DamagedBundle, StorageError, Unreadable
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.table_copy import copy_url
from indexer.maintenance.backups.copying import require_room_for
from indexer.maintenance.backups.manifest import FileSums, parse_sums
from indexer.maintenance.bundles.contents import CATALOG, MANIFEST, SIGNATURE, SUMS, BundleFacts
from indexer.maintenance.bundles.signatures import Signer
from indexer.storage.files import NewFile

_MAX_MANIFEST_BYTES = 1 << 20
_READ_BYTES = 1 << 20
_SHOWN = 3  # damaged files that an error names
_ENCRYPTED = 1
# What zipfile raises for bytes that are no archive, or one that somebody made to mislead.
_NO_ARCHIVE = (
    *(zipfile.BadZipFile, NotImplementedError, EOFError, ValueError),
    *(RuntimeError, OverflowError, struct.error, KeyError),
)


class BundleFile:
    """One bundle, its structure, manifest and sums read and in order; its files are not read yet.

    signer  whose signature it must have; None: whoever made it

    Raises DamagedBundle, DataFolderTooNew, Unreadable. Close it, or use it in `with`.
    """

    def __init__(self, path: Path, signer: Signer | None = None) -> None:
        self.path = path
        try:
            n_bytes = path.stat().st_size
            self._archive = zipfile.ZipFile(path)
        except OSError as error:
            raise Unreadable(f"cannot read {path}: {error.strerror or error}") from error
        except _NO_ARCHIVE as error:
            raise DamagedBundle(
                f"{path} is no bundle, or was cut short on its way: copy it again"
            ) from error
        try:
            self._check_members(n_bytes)
            manifest = self._content_of(MANIFEST, _MAX_MANIFEST_BYTES)
            self.is_signed = SIGNATURE in self._names
            if signer is not None:
                self._check_signature(signer, manifest)
            self.facts = BundleFacts.from_bytes(manifest, str(path))
            self.catalog_sha256, self.sums = self._read_sums()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    # -- what is in it -----------------------------------------------------------------------------

    def check(self) -> list[str]:
        """Read everything; returns the paths of damaged files. Raises DamagedBundle for a damaged catalog."""
        with TemporaryDirectory(prefix="pagesight-bundle-") as folder:
            self.copy_catalog(Path(folder) / CATALOG)
        return [path for path, sha256 in self.sums.items() if self._sha256_of(path) != sha256]

    # As `Copies` of indexer.maintenance.backups.restoring.

    def require_room(self, target: Path) -> None:
        """Raise StorageError when the disk of `target` has no room for what is in it."""
        require_room_for(sum(info.file_size for info in self._archive.infolist()), target)

    def copy_file(self, path: str, target: Path) -> str | None:
        """Copy a file, proven; returns what is wrong with it. Raises OSError, StorageError of the target."""
        with NewFile(target) as file:  # gone again unless it is sealed
            try:
                for block in self._blocks(path):
                    file.write(block)
            except DamagedBundle as error:
                return str(error)
            if file.sha256 != self.sums[path]:
                return f"{path} of {self.path}: not the bytes that were written"
            file.seal()
        return None

    def copy_catalog(self, target: Path) -> None:
        """Copy the catalog, which names every file of the bundle and no other.

        Raises DamagedBundle, OSError, StorageError.
        """
        with NewFile(target) as file:
            for block in self._blocks(CATALOG):
                file.write(block)
            if file.sha256 != self.catalog_sha256:
                raise self.damage_error([CATALOG])
            file.seal()
        copy = Database(copy_url(target), migrate=False)
        try:
            copy.migrate()
            names_all = _names_all(Catalog(copy), self.sums)
        except StorageError as error:
            raise DamagedBundle(
                f"{self.path} has a catalog that cannot be read: {error}"
            ) from error
        finally:
            copy.engine.dispose()
        if not names_all:
            raise DamagedBundle(
                f"{self.path} has other files than its catalog names: get it from its maker again"
            )

    def damage_error(self, paths: Sequence[str]) -> StorageError:
        """Return what to raise for files that are not what was written."""
        first_paths = ", ".join(paths[:_SHOWN])
        return DamagedBundle(
            f"{len(paths)} files of {self.path} are not what was written ({first_paths}): copy it again"
        )

    # -- members -----------------------------------------------------------------------------------

    def _check_members(self, n_bytes: int) -> None:
        """Raise DamagedBundle for what no pagesight has written: packed, hidden, doubled or overlapping."""
        infos = self._archive.infolist()
        self._names = {info.filename for info in infos}
        repeated_names = [
            name for name, n in Counter(info.filename for info in infos).items() if n > 1
        ]
        if repeated_names:
            raise DamagedBundle(
                f"{self.path} has {repeated_names[0]!r} twice: it is no bundle of pagesight"
            )
        for info in infos:
            is_plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & _ENCRYPTED
            if not is_plain or info.file_size != info.compress_size:
                raise DamagedBundle(
                    f"{self.path} has {info.filename!r} packed or locked: it is no bundle of pagesight"
                )
        if sum(info.file_size for info in infos) > n_bytes:
            raise DamagedBundle(f"{self.path} says to hold more than it has: it is no bundle")

    def _check_signature(self, signer: Signer, manifest: bytes) -> None:
        if not self.is_signed:
            raise DamagedBundle(f"{self.path} is not signed: get it from its maker again")
        if not signer.has_signed(manifest, self._content_of(SIGNATURE, _MAX_MANIFEST_BYTES)):
            raise DamagedBundle(
                f"{self.path} was signed with another key, or altered after it was: get it from its "
                "maker again"
            )

    def _read_sums(self) -> tuple[str, FileSums]:
        content = self._content_of(SUMS, self._archive.fp.seek(0, 2) if self._archive.fp else 0)
        if hashlib.sha256(content).hexdigest() != self.facts.sums_sha256:
            raise self.damage_error([SUMS])
        try:
            catalog_sha256, sums = parse_sums(content, CATALOG, f"{SUMS} of {self.path}")
        except DamagedBackup as error:
            raise DamagedBundle(str(error)) from error
        if missing := {*sums, CATALOG} - self._names:
            raise DamagedBundle(f"{self.path} lacks {min(missing)}: copy it again")
        if strange := self._names - {*sums, CATALOG, MANIFEST, SIGNATURE, SUMS}:
            raise DamagedBundle(
                f"{self.path} has {min(strange)!r}, which its sums do not name: it is no bundle of pagesight"
            )
        return catalog_sha256, sums

    def _content_of(self, name: str, most_bytes: int) -> bytes:
        if name not in self._names:
            raise DamagedBundle(f"{self.path} has no {name}: it is no bundle of pagesight")
        if self._archive.getinfo(name).file_size > most_bytes:
            raise DamagedBundle(f"{self.path} has too long a {name}: it is no bundle of pagesight")
        return b"".join(self._blocks(name))

    def _sha256_of(self, name: str) -> str | None:
        digest = hashlib.sha256()
        try:
            for block in self._blocks(name):
                digest.update(block)
        except DamagedBundle:
            return None
        return digest.hexdigest()

    def _blocks(self, name: str) -> Iterator[bytes]:
        with self._errors_translated(name), self._archive.open(name) as member:
            while block := member.read(_READ_BYTES):
                yield block

    @contextmanager
    def _errors_translated(self, name: str) -> Iterator[None]:
        try:
            yield
        except _NO_ARCHIVE as error:
            raise DamagedBundle(f"{name} of {self.path} cannot be read: copy it again") from error
        except OSError as error:
            raise Unreadable(f"cannot read {self.path}: {error.strerror or error}") from error


def _names_all(catalog: Catalog, sums: FileSums) -> bool:
    """Say whether a catalog names the files with these sums and no others, each where it belongs."""
    segment_files = {
        f"collections/{record.collection_id}/{record.name}/{name}": file.sha256
        for record in catalog.segments.all()
        for name, file in record.files.items()
    }
    originals, images = catalog.named_blobs()
    blobs = {("originals", name) for name in originals} | {("images", name) for name in images}
    other_files = {path: sha256 for path, sha256 in sums.items() if path not in segment_files}
    return (
        segment_files.items() <= sums.items()
        and {(path.split("/")[0], sha256) for path, sha256 in other_files.items()} == blobs
        and all(PurePosixPath(path).stem == sha256 for path, sha256 in other_files.items())
    )
