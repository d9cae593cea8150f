"""What a backup says of itself, and the SHA-256 of every file that it holds.

catalog.sqlite3    every table of the catalog, also where that is PostgreSQL
SHA256SUMS         the catalog and every file, as `sha256sum -c` reads it
manifest.json      the facts below; it is written last
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

from indexer.base.errors import DamagedBackup
from indexer.storage.files import sha256_of, sync, sync_folder
from indexer.storage.folder_files import holds

FAMILIES = ("originals", "images", "collections")
NEW_FILE = ".new"  # a file that is being written, before it has its name
NO_CONTENT = {"lost+found", "lock", NEW_FILE}  # a folder that holds nothing else is empty
CATALOG, SUMS, MANIFEST = "catalog.sqlite3", "SHA256SUMS", "manifest.json"

_PATH = re.compile(rf"(?:{'|'.join(FAMILIES)})(?:/[0-9A-Za-z][0-9A-Za-z_.-]*)+")
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")

FileSums = Mapping[str, str]  # SHA-256 by path below the data folder


@dataclass(frozen=True, slots=True)
class Backup:
    """The facts of one backup.

    name               the moment it was begun, UTC, as 20261127-110455
    version, schema    of the pagesight that made it, and of its catalog
    n_bytes            of the files, without the catalog
    faults             files of the data folder that were missing or damaged, so that they are not here
    sums_sha256        SHA-256 of SHA256SUMS, which has those of all the rest
    """

    name: str
    version: str
    schema: str
    n_collections: int
    n_documents: int
    n_pages: int
    n_files: int
    n_bytes: int
    faults: tuple[str, ...] = ()
    sums_sha256: str = ""


def write_backup(folder: Path, backup: Backup, sums: FileSums) -> Backup:
    """Write sums and manifest beside the catalog, all of it synced. Raises OSError."""
    catalog = f"backups/{backup.name}/{CATALOG}"
    write_synced(folder / SUMS, sums_text(catalog, sha256_of(folder / CATALOG), sums))
    backup = replace(backup, sums_sha256=sha256_of(folder / SUMS))
    write_synced(folder / MANIFEST, f"{json.dumps(asdict(backup), indent=1)}\n".encode())
    sync_folder(folder)
    return backup


def read_manifest(folder: Path) -> Backup | None:
    """Return the facts of the backup in a folder, None where they cannot be read."""
    try:
        body = json.loads((folder / MANIFEST).read_bytes())
        return Backup(**body | {"name": folder.name, "faults": tuple(body["faults"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_sums(folder: Path, backup: Backup) -> FileSums:
    """Return the SHA-256 of every file, the catalog compared with its own. Raises DamagedBackup."""
    require_bytes(folder / SUMS, backup.sums_sha256)
    content, catalog = (folder / SUMS).read_bytes(), f"backups/{backup.name}/{CATALOG}"
    catalog_sha256, sums = parse_sums(content, catalog, str(folder / SUMS))
    require_bytes(folder / CATALOG, catalog_sha256)
    return sums


def sums_text(catalog: str, catalog_sha256: str, sums: FileSums) -> bytes:
    """Return the content of SHA256SUMS, the catalog first, which stands there under the path `catalog`."""
    lines = [f"{sha256}  {path}\n" for path, sha256 in sorted(sums.items())]
    return "".join([f"{catalog_sha256}  {catalog}\n", *lines]).encode()


def parse_sums(content: bytes, catalog: str, place: str) -> tuple[str, FileSums]:
    """Return the SHA-256 of the catalog and of every other file that SHA256SUMS names.

    place  what an error calls the file

    Raises DamagedBackup, also for a path that leads out of a data folder.
    """
    sums = {}
    for line in content.decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            raise DamagedBackup(f"{place} has a line that names no file: {line[:80]!r}")
        sums[match[2]] = match[1]
    catalog_sha256 = sums.pop(catalog, "")
    for path in sums:
        if not _PATH.fullmatch(path) or ".." in PurePosixPath(path).parts:
            raise DamagedBackup(f"{place} names {path!r}, which no data folder holds")
    return catalog_sha256, sums


def require_bytes(path: Path, sha256: str) -> None:
    """Raise DamagedBackup where a file does not have that SHA-256."""
    if not holds(path, sha256):
        raise DamagedBackup(
            f"{path} is not what was written: restore another backup (`--list` shows them)"
        )


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, in the place of another if there is one, and sync it. Raises OSError."""
    staging_path = path.with_name(NEW_FILE)
    fd = os.open(staging_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        sync(fd)
    staging_path.rename(path)
