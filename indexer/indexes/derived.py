"""Store derived data of segments: made from the vectors, checked, made anew when it is missing.

derived/<collection id>/<segment>/int8/      vectors.npy (N, D) int8 · manifest.json
derived/<collection id>/<segment>/tokens/    index.faiss · manifest.json
derived/<collection id>/codebook-<K>/        index.faiss (trained, empty) · manifest.json
derived/<collection id>/recall.json          what searches measured of their candidate indexes

The whole folder may be deleted at any time: searches go on, exactly and more slowly.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.base.errors import StorageError
from indexer.indexes import int8_copy, token_index
from indexer.indexes.int8_copy import Int8Copy
from indexer.indexes.token_index import TokenIndex
from indexer.storage.arrays import begin_array, map_array, write_rows
from indexer.storage.durable import DurableFolder, holds
from indexer.storage.files import NewFile
from indexer.storage.segments import Segment, SegmentRecord, StoredFile

VERSION = 1  # of every derived file; another version is as good as none
_MANIFEST = "manifest.json"
_RECALL = "recall.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What proves a derived folder: its version, its files, and the figures that go with them."""

    version: int
    files: dict[str, StoredFile]
    facts: dict[str, Any]


class DerivedStore:
    """Int8 copies and candidate indexes of the segments of a data folder."""

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._root = folder.root / "derived"

    # -- int8 copies -------------------------------------------------------------------------------

    def int8(self, record: SegmentRecord) -> Int8Copy | None:
        """Open the int8 copy, mapped; None when it is missing, damaged or of another version."""
        path = self._path(record) / "int8"
        manifest = _read_manifest(path)
        if manifest is None:
            return None
        try:
            vectors = map_array(path / "vectors.npy", np.int8, (record.n_vectors, record.dim))
        except (OSError, ValueError):
            return None
        facts = manifest.facts
        rotation = int8_copy.rotation(record.dim)
        return Int8Copy(vectors, rotation, facts["step"], facts["max_error"])

    def make_int8(self, record: SegmentRecord, segment: Segment) -> None:
        """Make the int8 copy of a segment that has vectors. Raises StorageError."""

        def fill(staging: _Staging) -> dict[str, Any]:
            max_error = 0.0
            with staging.file("vectors.npy") as file:
                begin_array(file, np.int8, (record.n_vectors, record.dim))
                for rows, error in int8_copy.int8_blocks(segment.vectors):
                    write_rows(file, rows)
                    max_error = max(max_error, error)
            seed = int8_copy.ROTATION_SEED
            step = int8_copy.step_of(record.dim)
            return {"step": step, "max_error": max_error, "rotation_seed": seed}

        self._make(self._path(record) / "int8", fill)

    # -- candidate indexes -------------------------------------------------------------------------

    def tokens(self, record: SegmentRecord) -> TokenIndex | None:
        """Open the candidate index, its lists mapped; None when it is missing, damaged or older."""
        path = self._path(record) / "tokens"
        if _read_manifest(path) is None:
            return None
        try:
            index = token_index.read(path / "index.faiss", mapped=True)
        except (OSError, RuntimeError, ImportError):
            return None
        fits = (index.n_vectors, index.dim) == (record.n_vectors, record.dim)
        return index if fits else None

    def make_tokens(self, record: SegmentRecord, segment: Segment) -> None:
        """Train a codebook if there is none of this size, then add every vector; needs FAISS.

        Raises StorageError.
        """
        codebook = self._codebook(record, segment)

        def fill(staging: _Staging) -> dict[str, Any]:
            index = codebook.build(segment)
            with staging.file("index.faiss") as file:
                index.write(file)
            token_index.read(file.path, mapped=True).require(index.n_vectors, index.dim)
            return {"n_lists": codebook.n_lists}

        self._make(self._path(record) / "tokens", fill)

    def _codebook(self, record: SegmentRecord, segment: Segment) -> TokenIndex:
        n_lists = token_index.n_lists_for(record.n_vectors)
        path = self._root / record.collection_id / f"codebook-{n_lists}"
        if _read_manifest(path) is not None:
            with suppress(OSError, RuntimeError):
                return token_index.read(path / "index.faiss", mapped=False)
        codebook = token_index.train(segment, n_lists)

        def fill(staging: _Staging) -> dict[str, Any]:
            with staging.file("index.faiss") as file:
                codebook.write(file)
            token_index.read(file.path, mapped=False).require(0, codebook.dim)
            return {"n_lists": n_lists}

        self._make(path, fill)
        return codebook

    # -- recall ------------------------------------------------------------------------------------

    def recall(self, collection_id: str) -> dict[str, Any]:
        """Return what `keep_recall` stored last; empty when nothing can be read."""
        try:
            recall = json.loads((self._root / collection_id / _RECALL).read_text())
        except (OSError, ValueError):
            return {}
        return recall if isinstance(recall, dict) else {}

    def keep_recall(self, collection_id: str, recall: dict[str, Any]) -> None:
        """Store what searches measured. Raises StorageError."""
        body = json.dumps(recall).encode()
        self._folder.add_bytes(self._root / collection_id / _RECALL, body)

    # -- maintenance -------------------------------------------------------------------------------

    def check(self, record: SegmentRecord) -> list[str]:
        """Name the derived folders of the segment whose bytes are not those that were written.

        Raises Unreadable.
        """
        return [
            f"{path} does not hold the bytes that were written"
            for path in (self._path(record) / "int8", self._path(record) / "tokens")
            if path.exists() and not _intact(path)
        ]

    def remove(self, collection_id: str, segment: str) -> None:
        """Forget what was derived from a segment; readers that have it open keep it."""
        self._folder.remove(self._root / collection_id / segment)

    def drop_damaged(self, record: SegmentRecord) -> None:
        """Remove what is not as it was made. Raises Unreadable, and removes nothing of that."""
        for path in (self._path(record) / "int8", self._path(record) / "tokens"):
            if path.exists() and not _intact(path):
                self._folder.remove(path)

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield every segment that something is derived from, as (collection id, segment name)."""
        for path in self._root.glob("*/*"):
            if path.is_dir() and not path.name.startswith("codebook-"):
                yield path.parent.name, path.name

    def collections(self) -> Iterator[str]:
        """Yield the ids of collections that something is derived from."""
        for path in self._root.glob("*"):
            if path.is_dir():
                yield path.name

    def remove_collection(self, collection_id: str) -> None:
        self._folder.remove(self._root / collection_id)

    def _path(self, record: SegmentRecord) -> Path:
        return self._root / record.collection_id / record.name

    def _make(self, target: Path, fill: Callable[[_Staging], dict[str, Any]]) -> None:
        """Let `fill` write a folder, seal it with a manifest, and put it in the place of the old one."""
        try:
            with self._folder.new_folder(target) as staging_path:
                staging = _Staging(staging_path)
                facts = fill(staging)
                manifest = asdict(_Manifest(VERSION, staging.files, facts))
                with NewFile(staging_path / _MANIFEST) as file:
                    file.write((json.dumps(manifest, indent=1) + "\n").encode())
                    file.seal()
                self._folder.remove(target)
        except StorageError:
            if _read_manifest(target) is None:
                raise
            # Another process made the same at the same time, which is as good.
            _log.info("%s was made by another process", target)


class _Staging:
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


def _read_manifest(path: Path) -> _Manifest | None:
    """Read the manifest of a derived folder whose files have the right sizes, else None."""
    try:
        body = json.loads((path / _MANIFEST).read_text())
        files = {name: StoredFile(**file) for name, file in body["files"].items()}
        manifest = _Manifest(body["version"], files, body["facts"])
        sizes_match = all((path / n).stat().st_size == f.n_bytes for n, f in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return manifest if manifest.version == VERSION and sizes_match else None


def _intact(path: Path) -> bool:
    manifest = _read_manifest(path)
    return manifest is not None and all(
        holds(path / name, file.sha256) for name, file in manifest.files.items()
    )
