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
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import numpy as np

from indexer.base.errors import Unreadable
from indexer.indexes import int8_copy
from indexer.indexes.candidate_source import CandidateIndex, CandidateSource
from indexer.indexes.derived_files import (
    Staging,
    is_intact,
    make_derived,
    read_manifest,
    source_of,
)
from indexer.indexes.faiss_source import FaissSource
from indexer.indexes.int8_copy import Int8Copy
from indexer.storage.arrays import array_of, begin_array, write_array, write_rows
from indexer.storage.checked_arrays import SUM_BYTES, n_blocks, sums_of
from indexer.storage.durable import DurableFolder
from indexer.storage.segments import Segment, SegmentRecord

_SUMS = "sums.npy"
_RECALL = "recall.json"
_log = logging.getLogger(__name__)


class DerivedStore:
    """Int8 copies and candidate indexes of the segments of a data folder."""

    def __init__(self, folder: DurableFolder, candidates: CandidateSource | None = None) -> None:
        """`candidates`: what makes candidate indexes; by default FAISS, in the same folders."""
        self._folder = folder
        self._root = folder.root / "derived"
        self._candidates = candidates or FaissSource(folder, self._root)

    # -- int8 copies -------------------------------------------------------------------------------

    def int8(self, record: SegmentRecord) -> Int8Copy | None:
        """Open the int8 copy, mapped; None when it is missing, damaged or of another version."""
        path = self._path(record) / "int8"
        manifest = read_manifest(self._folder, path, source_of(record))
        if manifest is None:
            return None
        try:
            vectors_path = path / "vectors.npy"
            sums_sha256 = manifest.files[_SUMS].sha256
            sums_data = self._folder.read(path / _SUMS, sums_sha256) or b""
            if hashlib.sha256(sums_data).hexdigest() != sums_sha256:
                return None
            shape = n_blocks(manifest.files["vectors.npy"].n_bytes), SUM_BYTES
            sums = array_of(sums_data, np.uint8, shape)
            sha256 = manifest.files["vectors.npy"].sha256
            dimensions = record.n_vectors, record.dim
            checked_array = self._folder.map(
                vectors_path, np.int8, dimensions, sums, sha256, is_seen=True
            )
        except (OSError, ValueError, KeyError, Unreadable):
            return None
        facts = manifest.facts
        rotation = int8_copy.rotation(record.dim)
        step, max_error = facts["step"], facts["max_error"]
        return Int8Copy(checked_array.array, rotation, step, max_error, checked_array, record.name)

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

        make_derived(self._folder, self._path(record) / "int8", source_of(record), fill)

    # -- candidate indexes -------------------------------------------------------------------------

    @property
    def can_make_tokens(self) -> bool:
        """Whether what makes candidate indexes is installed."""
        return self._candidates.is_installed

    def tokens(self, record: SegmentRecord) -> CandidateIndex | None:
        """Open the candidate index; None when it is missing, damaged, unreadable or older."""
        return self._candidates.open(record)

    def make_tokens(self, record: SegmentRecord, segment: Segment) -> None:
        """Make the candidate index of a segment. Raises StorageError, DamagedPages."""
        self._candidates.build(record, segment)

    # -- recall ------------------------------------------------------------------------------------

    def recall(self, collection_id: str) -> dict[str, Any]:
        """Return what `keep_recall` stored last; empty when nothing can be read."""
        try:
            recall = json.loads(self._folder.read(self._root / collection_id / _RECALL) or b"")
        except (Unreadable, ValueError):
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

    def all_kinds(self, collection_id: str) -> Set[tuple[str, str]]:
        """Return (segment, kind) of all that was made for a collection, in one look; it may be damaged."""
        names = {(segment, "tokens") for segment in self._candidates.segments(collection_id)}
        for path in self._folder.paths(self._root / collection_id, 2):
            names.add((path.parent.name, path.name))
        return names

    def kinds(self, record: SegmentRecord) -> list[str]:
        """Return of `int8` and `tokens` those that were made; their bytes are not read."""
        is_copied = read_manifest(self._folder, self._path(record) / "int8", source_of(record))
        is_made = {"int8": is_copied is not None, "tokens": self._candidates.is_made(record)}
        return [kind for kind, is_there in is_made.items() if is_there]

    def damaged_kinds(self, record: SegmentRecord) -> list[str]:
        """Return of `int8` and `tokens` those that are there and not what was written; reads every byte.

        Raises Unreadable.
        """
        return [
            kind
            for kind in ("int8", "tokens")
            if any(self._folder.paths(self._path(record) / kind, 1))
            and not is_intact(self._folder, self._path(record) / kind, source_of(record))
        ]

    def remove(self, collection_id: str, segment: str) -> None:
        """Forget what was derived from a segment; readers that have it open keep it."""
        self._candidates.drop(collection_id, segment)
        self._folder.remove(self._root / collection_id / segment)

    def drop_damaged(self, record: SegmentRecord) -> None:
        """Remove what is not as it was made. Raises Unreadable, and removes nothing of that."""
        for kind in self.damaged_kinds(record):
            self.drop(record, kind)

    def drop(self, record: SegmentRecord, kind: str) -> None:
        """Remove the `int8` copy or the index of `tokens` of a segment, to be made anew."""
        if kind == "tokens":
            self._candidates.drop(record.collection_id, record.name)
        self._folder.remove(self._path(record) / kind)

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield every segment that something is derived from, as (collection id, segment name)."""
        yield from self._candidates.entries()
        for path in self._folder.paths(self._root, 2):
            if path.name != _RECALL and not path.name.startswith("codebook-"):
                yield path.parent.name, path.name

    def collections(self) -> Iterator[str]:
        """Yield the ids of collections that something is derived from."""
        yield from self._candidates.collections()
        for path in self._folder.paths(self._root, 1):
            yield path.name

    def remove_collection(self, collection_id: str) -> None:
        self._candidates.drop_collection(collection_id)
        self._folder.remove(self._root / collection_id)

    def _path(self, record: SegmentRecord) -> Path:
        return self._root / record.collection_id / record.name
