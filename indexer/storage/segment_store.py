"""Segments on disk: one folder each, plain `.npy` files, never changed once named.

collections/<collection id>/<segment>/
    vectors.npy  (N, D) float16     boxes.npy    (N, 4) uint16
    offsets.npy  (P + 1,) int64     pages.npy    (P,) int64
    sums.npy     (B, 16) uint8, of the blocks of vectors.npy and then boxes.npy
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import Boxes, PageEmbedding
from indexer.base.side_by_side import side_by_side
from indexer.storage.arrays import array_bytes, begin_array, write_array, write_rows
from indexer.storage.checked_arrays import sums_and_sha256_of, sums_of
from indexer.storage.durable import DurableFolder
from indexer.storage.files import NewFile
from indexer.storage.folder_files import FolderFiles
from indexer.storage.segment_reading import (
    FILES,
    MAPPED,
    SUMS,
    damage_of,
    file_errors_translated,
    open_segment,
)
from indexer.storage.segments import (
    MergePlan,
    Segment,
    SegmentRecord,
    SegmentRows,
    StoredFile,
    merge_plan,
    segment_of,
)

_BLOCK_VECTORS = 65_536  # written at a time


class SegmentStore:
    """The vector store of a data folder."""

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._root = folder.root / "collections"

    def write(
        self, collection_id: str, page_ids: Sequence[int], pages: Sequence[PageEmbedding]
    ) -> SegmentRecord:
        segment = segment_of(page_ids, pages)
        rows = [(segment.vectors, segment.boxes)]
        return self._keep(
            collection_id, segment.page_ids, segment.offsets, segment.vectors.shape[1], rows
        )

    def merge(self, collection_id: str, parts: Sequence[SegmentRows]) -> SegmentRecord:
        def require(part: SegmentRows) -> None:
            part.segment.require(part.rows, boxes=True)

        side_by_side(require, parts, self._folder.opened_at_once)
        plan = merge_plan(parts)
        dim = parts[0].segment.vectors.shape[1]
        return self._keep(
            collection_id, plan.page_ids, plan.offsets, dim, _merged_rows(plan, parts)
        )

    def _keep(
        self,
        collection_id: str,
        page_ids: NDArray[np.int64],
        offsets: NDArray[np.int64],
        dim: int,
        rows: Iterable[tuple[NDArray[np.float16], Boxes]],
    ) -> SegmentRecord:
        """Store a new segment; `rows` are its vectors and boxes, piece by piece."""
        name, n_vectors = uuid4().hex, int(offsets[-1])
        with self._folder.new_folder(self.folder_of(collection_id, name)) as staging_path:
            files = {}
            with (
                NewFile(staging_path / "vectors.npy") as vector_file,
                NewFile(staging_path / "boxes.npy") as box_file,
                NewFile(staging_path / "offsets.npy") as offset_file,
                NewFile(staging_path / "pages.npy") as page_file,
            ):
                begin_array(vector_file, FILES["vectors"], (n_vectors, dim))
                begin_array(box_file, FILES["boxes"], (n_vectors, 4))
                for vectors, boxes in rows:
                    write_rows(vector_file, vectors)
                    write_rows(box_file, boxes)
                write_array(offset_file, offsets)
                write_array(page_file, page_ids)
                for file in (box_file, offset_file, page_file, vector_file):
                    sha256 = file.seal()
                    files[file.path.name] = StoredFile(file.n_bytes, sha256)
            with NewFile(staging_path / SUMS) as file:
                write_array(
                    file, np.concatenate([sums_of(staging_path / f"{stem}.npy") for stem in MAPPED])
                )
                files[SUMS] = StoredFile(file.n_bytes, file.seal())
            record = SegmentRecord(
                collection_id=collection_id,
                name=name,
                n_pages=len(page_ids),
                n_vectors=n_vectors,
                dim=dim,
                files=files,
            )
            # Its parts fit together, before anybody may see them.
            open_segment(FolderFiles(staging_path), staging_path, record)
        return record

    def open(self, record: SegmentRecord) -> Segment:
        if not self._folder.is_bucket and (faults := self._wrong_sizes(record)):
            raise damage_of(record, f"{faults[0]}: run `pagesight verify --repair`")
        return open_segment(self._folder, self.folder_of(record.collection_id, record.name), record)

    def add_sums(self, record: SegmentRecord) -> SegmentRecord:
        """Write the sums of a segment of before there were any, and return its record with them.

        Raises DamagedPages where its files do not hold what was written, StorageError, Unreadable.
        """
        folder = self.folder_of(record.collection_id, record.name)
        parts = []
        for stem in MAPPED:
            path, sha256_written = folder / f"{stem}.npy", record.files[f"{stem}.npy"].sha256
            with file_errors_translated(path, record):
                part, sha256 = sums_and_sha256_of(self._folder.local_path(path, sha256_written))
            if sha256 != sha256_written:
                raise damage_of(record, f"{folder / stem}.npy is not what was written")
            parts.append(part)
        data = array_bytes(np.concatenate(parts))
        self._folder.add_bytes(folder / SUMS, data)
        with file_errors_translated(folder, record):
            self._folder.sync_names(folder)
        file = StoredFile(len(data), hashlib.sha256(data).hexdigest())
        return replace(record, files={**record.files, SUMS: file})

    def check(self, record: SegmentRecord, *, deep: bool) -> list[str]:
        faults = self._wrong_sizes(record)
        if faults or not deep:
            return faults
        folder = self.folder_of(record.collection_id, record.name)
        for name, file in record.files.items():
            if not self._folder.holds(folder / name, file.sha256):
                faults.append(f"{folder / name} does not hold the bytes that were written")
        return faults or _faults_of_content(folder, self.open(record))

    def remove(self, collection_id: str, name: str) -> None:
        self._folder.remove(self.folder_of(collection_id, name))

    def entries(self) -> Iterator[tuple[str, str]]:
        for folder in self._folder.paths(self._root, 2):
            yield folder.parent.name, folder.name

    def folder_of(self, collection_id: str, name: str) -> Path:
        return self._root / collection_id / name

    def _wrong_sizes(self, record: SegmentRecord) -> list[str]:
        folder = self.folder_of(record.collection_id, record.name)
        faults = []
        for name, file in record.files.items():
            n_bytes = self._folder.n_bytes(folder / name)
            if n_bytes is None:
                faults.append(f"{folder / name} is missing")
            elif n_bytes != file.n_bytes:
                faults.append(f"{folder / name} has {n_bytes} bytes, {file.n_bytes} were written")
        return faults


def _merged_rows(
    plan: MergePlan, parts: Sequence[SegmentRows]
) -> Iterator[tuple[NDArray[np.float16], Boxes]]:
    """Yield vectors and boxes of a merged segment, a run of pages at a time.

    Raises DamagedPages, Unreadable: damage must not become what was written.
    """
    for part, source_rows, _ in plan.runs():
        source = parts[part].segment
        a, b = source.offsets[source_rows.start], source.offsets[source_rows.stop]
        for start in range(a, b, _BLOCK_VECTORS):
            stop = min(start + _BLOCK_VECTORS, b)
            yield source.vectors[start:stop], source.boxes[start:stop]
    for of_part in parts:
        of_part.segment.require_unbroken()
        of_part.segment.require_unbroken_boxes()


def _faults_of_content(folder: Path, segment: Segment) -> list[str]:
    """Find what right bytes may still get wrong: a writer's bug, not a disk's."""
    segment.require()
    faults = []
    if (np.diff(segment.page_ids) <= 0).any():
        faults.append(f"{folder}: page ids are not ascending")
    if segment.offsets[0] != 0 or segment.offsets[-1] != len(segment.vectors):
        faults.append(f"{folder}: offsets do not span the vectors")
    if (np.diff(segment.offsets) < 0).any():
        faults.append(f"{folder}: offsets are not ascending")
    for start in range(0, len(segment.vectors), _BLOCK_VECTORS):
        block = segment.vectors[start : start + _BLOCK_VECTORS].astype(np.float32)
        if not np.allclose(np.linalg.norm(block, axis=1), 1.0, atol=5e-3):  # also false for NaN
            faults.append(f"{folder}: vectors are not of length one")
            break
    return faults
