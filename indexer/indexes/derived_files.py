"""The folders of derived data: sealed by a manifest that proves their files, and what they were made from."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indexer.base.errors import StorageError, Unreadable
from indexer.storage.durable import DurableFolder
from indexer.storage.files import NewFile
from indexer.storage.folder_files import FolderFiles
from indexer.storage.segment_reading import SUMS
from indexer.storage.segments import SegmentRecord, StoredFile

VERSION = 2  # of every derived file; another version is as good as none
# Its manifests had no SHA-256 of their own. Indexes need none of their figures, and are still good.
_WITHOUT_SUM = 1
MANIFEST = "manifest.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What proves a derived folder: its version, its files, and the figures that go with them.

    source  SHA-256 of the files that it was made from; empty for a codebook, which fits any segment
    """

    version: int
    source: str
    files: dict[str, StoredFile]
    facts: dict[str, Any]

    def to_json(self) -> str:
        body = asdict(self)
        return json.dumps(body | {"sha256": _sha256_of_body(body)}, indent=1) + "\n"


class Staging:
    """A derived folder that is being made, and what the files in it are meant to hold."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.files: dict[str, StoredFile] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[NewFile]:
        """Open a new file, sealed when the block succeeds. Raises OSError, StorageError."""
        with NewFile(self._path / name) as file:
            yield file
            sha256 = file.seal()
        self.files[name] = StoredFile(file.n_bytes, sha256)


def source_of(record: SegmentRecord) -> str:
    """Return what tells this segment's bytes from any other's."""
    hashes = {name: file.sha256 for name, file in record.files.items() if name != SUMS}
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def _sha256_of_body(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def read_manifest(folder_files: FolderFiles, path: Path, source: str) -> Manifest | None:
    """Read the manifest of a derived folder whose files have the right sizes, else None."""
    try:
        body = json.loads(folder_files.read(path / MANIFEST) or b"")
        if body["version"] == _WITHOUT_SUM and path.name != "int8":
            body |= {"version": VERSION, "source": source}
        elif body.pop("sha256") != _sha256_of_body(body):
            return None
        files = {name: StoredFile(**file) for name, file in body["files"].items()}
        manifest = Manifest(body["version"], body["source"], files, body["facts"])
        sizes_match = folder_files.is_bucket or all(
            folder_files.n_bytes(path / name) == file.n_bytes for name, file in files.items()
        )
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError):
        return None
    fits = manifest.version == VERSION and manifest.source == source
    return manifest if fits and sizes_match else None


def is_intact(folder_files: FolderFiles, path: Path, source: str) -> bool:
    """Read every byte of a derived folder. Raises Unreadable."""
    manifest = read_manifest(folder_files, path, source)
    return manifest is not None and all(
        folder_files.holds(path / name, file.sha256) for name, file in manifest.files.items()
    )


def make_derived(
    folder: DurableFolder, target: Path, source: str, fill: Callable[[Staging], dict[str, Any]]
) -> None:
    """Let `fill` write a derived folder, seal it with a manifest, and put it in the place of the old one.

    Raises StorageError, and what `fill` raises.
    """
    try:
        with folder.new_folder(target) as staging_path:
            staging = Staging(staging_path)
            facts = fill(staging)
            manifest = Manifest(VERSION, source, staging.files, facts)
            with NewFile(staging_path / MANIFEST) as file:
                file.write(manifest.to_json().encode())
                file.seal()
            folder.remove(target)
    except StorageError:
        if read_manifest(folder, target, source) is None:
            raise
        # Another process made the same at the same time, which is as good.
        _log.info("%s was made by another process", target)
