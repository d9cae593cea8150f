"""Segments on disk: one folder each, four plain `.npy` files, memory-mapped, never changed once named.

collections/<collection id>/<segment>/
    vectors.npy  (N, D) float16     boxes.npy    (N, 4) uint16
    offsets.npy  (P + 1,) int64     pages.npy    (P,) int64
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import DamagedFile
from indexer.base.pages import PageEmbedding
from indexer.storage.arrays import map_array
from indexer.storage.durable import DurableFolder, holds, sha256_of
from indexer.storage.segments import (
    Segment,
    SegmentRecord,
    SegmentRows,
    StoredFile,
    merge_plan,
    segment_of,
)

FILES = {"vectors": np.float16, "boxes": np.uint16, "offsets": np.int64, "pages": np.int64}


class SegmentStore:
    """The vector store of a data folder."""

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._root = folder.root / "collections"

    def write(
        self, collection_id: str, page_ids: Sequence[int], pages: Sequence[PageEmbedding]
    ) -> SegmentRecord:
        segment = segment_of(page_ids, pages)

        def fill(staging_path: Path) -> None:
            np.save(staging_path / "vectors.npy", segment.vectors, allow_pickle=False)
            np.save(staging_path / "boxes.npy", segment.boxes, allow_pickle=False)

        return self._keep(
            collection_id, segment.page_ids, segment.offsets, segment.vectors.shape[1], fill
        )

    def merge(self, collection_id: str, parts: Sequence[SegmentRows]) -> SegmentRecord:
        plan = merge_plan(parts)
        n_vectors, dim = int(plan.offsets[-1]), parts[0].segment.vectors.shape[1]

        def fill(staging_path: Path) -> None:
            vectors = _new_array(staging_path / "vectors.npy", np.float16, (n_vectors, dim))
            boxes = _new_array(staging_path / "boxes.npy", np.uint16, (n_vectors, 4))
            for part, source_rows, target_rows in plan.runs():
                source = parts[part].segment
                a, b = source.offsets[source_rows.start], source.offsets[source_rows.stop]
                start, stop = plan.offsets[target_rows.start], plan.offsets[target_rows.stop]
                vectors[start:stop], boxes[start:stop] = source.vectors[a:b], source.boxes[a:b]

        return self._keep(collection_id, plan.page_ids, plan.offsets, dim, fill)

    def _keep(
        self,
        collection_id: str,
        page_ids: NDArray[np.int64],
        offsets: NDArray[np.int64],
        dim: int,
        fill: Callable[[Path], None],
    ) -> SegmentRecord:
        """Store a new segment; `fill` writes its vectors and boxes."""
        name = uuid4().hex
        with self._folder.new_folder(self._path(collection_id, name)) as staging_path:
            fill(staging_path)
            np.save(staging_path / "offsets.npy", offsets, allow_pickle=False)
            np.save(staging_path / "pages.npy", page_ids, allow_pickle=False)
            files = {
                path.name: StoredFile(path.stat().st_size, sha256_of(path))
                for path in sorted(staging_path.iterdir())
            }
        return SegmentRecord(
            collection_id=collection_id,
            name=name,
            n_pages=len(page_ids),
            n_vectors=int(offsets[-1]),
            dim=dim,
            files=files,
        )

    def open(self, record: SegmentRecord) -> Segment:
        if faults := self._wrong_sizes(record):
            raise DamagedFile(f"{faults[0]}: run `pagesight verify --repair`")
        folder = self._path(record.collection_id, record.name)
        return Segment(
            page_ids=self._load(folder, "pages", (record.n_pages,)),
            offsets=self._load(folder, "offsets", (record.n_pages + 1,)),
            vectors=self._load(folder, "vectors", (record.n_vectors, record.dim)),
            boxes=self._load(folder, "boxes", (record.n_vectors, 4)),
        )

    def check(self, record: SegmentRecord, *, deep: bool) -> list[str]:
        faults = self._wrong_sizes(record)
        if faults or not deep:
            return faults
        folder = self._path(record.collection_id, record.name)
        for name, file in record.files.items():
            if not holds(folder / name, file.sha256):
                faults.append(f"{folder / name} does not hold the bytes that were written")
        return faults or _faults_of_content(folder, self.open(record))

    def remove(self, collection_id: str, name: str) -> None:
        self._folder.remove(self._path(collection_id, name))

    def entries(self) -> Iterator[tuple[str, str]]:
        for folder in self._root.glob("*/*"):
            yield folder.parent.name, folder.name

    def _path(self, collection_id: str, name: str) -> Path:
        return self._root / collection_id / name

    def _wrong_sizes(self, record: SegmentRecord) -> list[str]:
        folder = self._path(record.collection_id, record.name)
        faults = []
        for name, file in record.files.items():
            try:
                n_bytes = (folder / name).stat().st_size
            except FileNotFoundError:
                faults.append(f"{folder / name} is missing")
                continue
            if n_bytes != file.n_bytes:
                faults.append(f"{folder / name} has {n_bytes} bytes, {file.n_bytes} were written")
        return faults

    @staticmethod
    def _load(folder: Path, stem: str, shape: tuple[int, ...]) -> NDArray[Any]:
        path = folder / f"{stem}.npy"
        try:
            return map_array(path, FILES[stem], shape)
        except (OSError, ValueError) as error:
            raise DamagedFile(f"{path} cannot be read ({error})") from error


def _new_array(path: Path, dtype: type, shape: tuple[int, ...]) -> NDArray[Any]:
    """A new `.npy` file, filled through the array returned; the sync of the file writes the map too."""
    if 0 in shape:  # an empty file cannot be mapped
        empty: NDArray[Any] = np.zeros(shape, dtype)
        np.save(path, empty, allow_pickle=False)
        return empty
    return np.lib.format.open_memmap(path, "w+", dtype, shape)


def _faults_of_content(folder: Path, segment: Segment) -> list[str]:
    """Find what right bytes may still get wrong: a writer's bug, not a disk's."""
    faults = []
    if (np.diff(segment.page_ids) <= 0).any():
        faults.append(f"{folder}: page ids are not ascending")
    if segment.offsets[0] != 0 or segment.offsets[-1] != len(segment.vectors):
        faults.append(f"{folder}: offsets do not span the vectors")
    if (np.diff(segment.offsets) < 0).any():
        faults.append(f"{folder}: offsets are not ascending")
    norms = np.linalg.norm(segment.vectors.astype(np.float32), axis=1)
    if not np.allclose(norms, 1.0, atol=5e-3):  # also false for NaN
        faults.append(f"{folder}: vectors are not of length one")
    return faults
