"""Store derived data of segments: made from the vectors, checked, made anew when it is missing.

derived/<collection id>/<segment>/int8/      vectors.npy (N, D) int8 · sums.npy · manifest.json
derived/<collection id>/<segment>/tokens/    index.faiss · manifest.json
derived/<collection id>/codebook-<K>/        index.faiss (trained, empty) · manifest.json
derived/<collection id>/recall.json          what searches measured of their candidate indexes

A manifest holds its own SHA-256, that of every file beside it, and the segment that all was made from. The
copy is mapped, and its blocks are compared with their sums before their first use; an index is compared as a
whole before it is read into memory.

The whole folder may be deleted at any time: searches go on, exactly and more slowly.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from indexer.base.errors import StorageError, Unreadable
from indexer.indexes import int8_copy, token_index
from indexer.indexes.derived_files import (
    MANIFEST,
    VERSION,
    Manifest,
    Staging,
    is_intact,
    read_manifest,
    source_of,
)
from indexer.indexes.int8_copy import Int8Copy
from indexer.indexes.token_index import TokenIndex
from indexer.storage.arrays import array_of, begin_array, map_array, write_array, write_rows
from indexer.storage.checked_arrays import SUM_BYTES, CheckedArray, n_blocks, sums_of
from indexer.storage.durable import DurableFolder
from indexer.storage.files import NewFile
from indexer.storage.segments import Segment, SegmentRecord

_SUMS = "sums.npy"
_RECALL = "recall.json"
_log = logging.getLogger(__name__)


class DerivedStore:
    """Int8 copies and candidate indexes of the segments of a data folder."""

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._root = folder.root / "derived"

    # -- int8 copies -------------------------------------------------------------------------------

    def int8(self, record: SegmentRecord) -> Int8Copy | None:
        """Open the int8 copy, mapped; None when it is missing, damaged or of another version."""
        path = self._path(record) / "int8"
        manifest = read_manifest(path, source_of(record))
        if manifest is None:
            return None
        try:
            vectors_path = path / "vectors.npy"
            vectors = map_array(vectors_path, np.int8, (record.n_vectors, record.dim))
            sums_data = (path / _SUMS).read_bytes()
            if hashlib.sha256(sums_data).hexdigest() != manifest.files[_SUMS].sha256:
                return None
            shape = n_blocks(manifest.files["vectors.npy"].n_bytes), SUM_BYTES
            sums = array_of(sums_data, np.uint8, shape)
            sha256 = manifest.files["vectors.npy"].sha256
            checked_array = CheckedArray(vectors_path, vectors, sums, sha256)
        except (OSError, ValueError, KeyError):
            return None
        facts = manifest.facts
        rotation = int8_copy.rotation(record.dim)
        return Int8Copy(
            vectors, rotation, facts["step"], facts["max_error"], checked_array, record.name
        )

    def make_int8(self, record: SegmentRecord, segment: Segment) -> None:
        """Make the int8 copy of a segment that has vectors. Raises StorageError, DamagedPages."""

        def fill(staging: Staging) -> dict[str, Any]:
            segment.require()
            max_error = 0.0
            with staging.file("vectors.npy") as file:
                begin_array(file, np.int8, (record.n_vectors, record.dim))
                for rows, error in int8_copy.int8_blocks(segment.vectors):
                    write_rows(file, rows)
                    max_error = max(max_error, error)
            segment.require_unbroken()
            with staging.file(_SUMS) as sum_file:
                write_array(sum_file, sums_of(file.path))
            seed = int8_copy.ROTATION_SEED
            step = int8_copy.step_of(record.dim)
            return {"step": step, "max_error": max_error, "rotation_seed": seed}

        self._make(self._path(record) / "int8", source_of(record), fill)

    # -- candidate indexes -------------------------------------------------------------------------

    def tokens(self, record: SegmentRecord) -> TokenIndex | None:
        """Read the candidate index; None when it is missing, damaged, unreadable or older."""
        path = self._path(record) / "tokens"
        try:
            if not is_intact(path, source_of(record)):
                return None
            index = token_index.read(path / "index.faiss")
        except (OSError, RuntimeError, ImportError, Unreadable):
            return None
        fits = (index.n_vectors, index.dim) == (record.n_vectors, record.dim)
        return index if fits else None

    def make_tokens(self, record: SegmentRecord, segment: Segment) -> None:
        """Train a codebook if there is none of this size, then add every vector; needs FAISS.

        Raises StorageError, DamagedPages.
        """
        segment.require()
        codebook = self._codebook(record, segment)

        def fill(staging: Staging) -> dict[str, Any]:
            index = codebook.build(segment)
            segment.require_unbroken()
            with staging.file("index.faiss") as file:
                index.write(file)
            token_index.read(file.path).require(index.n_vectors, index.dim)
            return {"n_lists": codebook.n_lists}

        self._make(self._path(record) / "tokens", source_of(record), fill)

    def _codebook(self, record: SegmentRecord, segment: Segment) -> TokenIndex:
        n_lists = token_index.n_lists_for(record.n_vectors)
        path = self._root / record.collection_id / f"codebook-{n_lists}"
        with suppress(OSError, RuntimeError, Unreadable):
            if is_intact(path, ""):
                return token_index.read(path / "index.faiss")
        codebook = token_index.train(segment, n_lists)
        segment.require_unbroken()

        def fill(staging: Staging) -> dict[str, Any]:
            with staging.file("index.faiss") as file:
                codebook.write(file)
            token_index.read(file.path).require(0, codebook.dim)
            return {"n_lists": n_lists}

        self._make(path, "", fill)
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
            f"{self._path(record) / kind} does not hold the bytes that were written"
            for kind in self.damaged_kinds(record)
        ]

    def kinds(self, record: SegmentRecord) -> list[str]:
        """Return of `int8` and `tokens` those that were made; their bytes are not read."""
        return [
            kind
            for kind in ("int8", "tokens")
            if read_manifest(self._path(record) / kind, source_of(record)) is not None
        ]

    def damaged_kinds(self, record: SegmentRecord) -> list[str]:
        """Return of `int8` and `tokens` those that are there and not what was written; reads every byte.

        Raises Unreadable.
        """
        return [
            kind
            for kind in ("int8", "tokens")
            if (self._path(record) / kind).exists()
            and not is_intact(self._path(record) / kind, source_of(record))
        ]

    def remove(self, collection_id: str, segment: str) -> None:
        """Forget what was derived from a segment; readers that have it open keep it."""
        self._folder.remove(self._root / collection_id / segment)

    def drop_damaged(self, record: SegmentRecord) -> None:
        """Remove what is not as it was made. Raises Unreadable, and removes nothing of that."""
        for kind in self.damaged_kinds(record):
            self.drop(record, kind)

    def drop(self, record: SegmentRecord, kind: str) -> None:
        """Remove the `int8` copy or the index of `tokens` of a segment, to be made anew."""
        self._folder.remove(self._path(record) / kind)

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

    def _make(self, target: Path, source: str, fill: Callable[[Staging], dict[str, Any]]) -> None:
        """Let `fill` write a folder, seal it with a manifest, and put it in the place of the old one."""
        try:
            with self._folder.new_folder(target) as staging_path:
                staging = Staging(staging_path)
                facts = fill(staging)
                manifest = Manifest(VERSION, source, staging.files, facts)
                with NewFile(staging_path / MANIFEST) as file:
                    file.write(manifest.to_json().encode())
                    file.seal()
                self._folder.remove(target)
        except StorageError:
            if read_manifest(target, source) is None:
                raise
            # Another process made the same at the same time, which is as good.
            _log.info("%s was made by another process", target)
