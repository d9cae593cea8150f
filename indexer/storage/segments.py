"""What a vector store is: it keeps page multi-vectors; the catalog says which of them exist.

Dimension key: P pages, N vectors of all pages together, D dim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import DamagedPages
from indexer.base.pages import Boxes, PageEmbedding
from indexer.storage.checked_arrays import CheckedArray


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What the catalog remembers of one file of a segment, to know it again."""

    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """The catalog's row of one segment: enough to open it and to prove it is unharmed."""

    collection_id: str
    name: str
    n_pages: int
    n_vectors: int
    dim: int
    files: Mapping[str, StoredFile]

    @property
    def n_bytes(self) -> int:
        """Of all its files."""
        return sum(file.n_bytes for file in self.files.values())


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Pages and their vectors, ragged: page i owns the rows offsets[i]..offsets[i + 1].

    page_ids  (P,) int64, ascending
    offsets   (P + 1,) int64, from 0 to N
    vectors   (N, D) float16, L2-normalised
    boxes     (N, 4) uint16
    name      of the segment; empty in memory
    checked_vectors, checked_boxes  what knows whether these are the bytes that were written; None in memory

    Whoever reads vectors of a stored segment calls `require` before and `require_unbroken` after it.
    """

    page_ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    vectors: NDArray[np.float16]
    boxes: Boxes
    name: str = ""
    checked_vectors: CheckedArray | None = None
    checked_boxes: CheckedArray | None = None

    def page(self, page_id: int) -> PageEmbedding | None:
        """Return a page's vectors and boxes, or None when it is not in this segment.

        Raises DamagedPages, Unreadable.
        """
        i = int(np.searchsorted(self.page_ids, page_id))
        if i == len(self.page_ids) or self.page_ids[i] != page_id:
            return None
        self.require(np.array([i]), boxes=True)
        rows = slice(int(self.offsets[i]), int(self.offsets[i + 1]))
        return PageEmbedding(vectors=self.vectors[rows], boxes=self.boxes[rows])

    def require(self, rows: NDArray[np.int64] | None = None, *, boxes: bool = False) -> None:
        """Make sure that the vectors (and boxes) of pages are those that were written.

        rows  (R,) of `page_ids`; None: all

        Raises DamagedPages, Unreadable.
        """
        if self.checked_vectors is None or self.checked_boxes is None:
            return
        rows = np.arange(len(self.page_ids)) if rows is None else rows
        starts, stops = self.offsets[rows], self.offsets[rows + 1]
        is_damaged = self.checked_vectors.find_damage(starts, stops)
        if boxes:
            is_damaged = is_damaged | self.checked_boxes.find_damage(starts, stops)
        if is_damaged.any():
            raise DamagedPages(
                f"{int(is_damaged.sum())} pages of segment {self.name} do not hold the bytes that "
                "were written: run `pagesight verify --deep --repair`",
                self.name,
                frozenset(self.page_ids[rows[is_damaged]].tolist()),
            )

    @property
    def is_gone(self) -> bool:
        """Whether copies that it reads have gone to make room: it is to be opened anew."""
        arrays = (self.checked_vectors, self.checked_boxes)
        return any(array is not None and array.is_gone for array in arrays)

    def readable(self) -> NDArray[np.bool_] | None:
        """Say which pages (P,) are not known to be damaged; None: no damage was seen."""
        parts = [
            array
            for array in (self.checked_vectors, self.checked_boxes)
            if array is not None and array.has_damage
        ]
        if not parts:
            return None
        starts, stops = self.offsets[:-1], self.offsets[1:]
        readable = np.ones(len(starts), np.bool_)
        for array in parts:
            readable &= ~array.known_damage(starts, stops)
        return readable

    def require_unbroken(self) -> None:
        """Make sure that what was just read of the vectors stood in the file. Raises Unreadable."""
        if self.checked_vectors is not None:
            self.checked_vectors.require_unbroken()

    def require_unbroken_boxes(self) -> None:
        """Make sure that what was just read of the boxes stood in the file. Raises Unreadable."""
        if self.checked_boxes is not None:
            self.checked_boxes.require_unbroken()


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRows:
    """Some pages of a segment: the rows (R,) int64 of `segment.page_ids`, ascending."""

    segment: Segment
    rows: NDArray[np.int64]


class VectorStore(Protocol):
    """Immutable segments of page vectors. Nothing written is visible until the catalog names it."""

    def write(
        self, collection_id: str, page_ids: Sequence[int], pages: Sequence[PageEmbedding]
    ) -> SegmentRecord:
        """Store the pages durably as a new segment under a name never used before."""
        ...

    def merge(self, collection_id: str, parts: Sequence[SegmentRows]) -> SegmentRecord:
        """Store chosen pages of other segments as a new one, as `write` does; memory stays bounded.

        Raises ValueError for no pages or a repeated id.
        """
        ...

    def open(self, record: SegmentRecord) -> Segment:
        """Open the segment's arrays, not copied. Raises DamagedFile when it is not what was written."""
        ...

    def add_sums(self, record: SegmentRecord) -> SegmentRecord:
        """Make what tells damaged parts of a segment from whole ones, where it was written without.

        Raises DamagedPages when it is not whole.
        """
        ...

    def check(self, record: SegmentRecord, *, deep: bool) -> list[str]:
        """Return the faults of one segment, as sentences; `deep` reads every byte."""
        ...

    def remove(self, collection_id: str, name: str) -> None:
        """Forget a segment; readers that have it open keep it."""
        ...

    def folder_of(self, collection_id: str, name: str) -> Path | None:
        """Return the folder of a segment; None for a store that has no files."""
        ...

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield (collection_id, name) of every segment stored, also of those the catalog does not name."""
        ...


def segment_of(page_ids: Sequence[int], pages: Sequence[PageEmbedding]) -> Segment:
    """Return pages in memory as one segment, in ascending order of their ids.

    Raises ValueError for no pages, a repeated id, or vectors of different dims.
    """
    if not pages or len(page_ids) != len(pages) or len(set(page_ids)) != len(page_ids):
        raise ValueError("a segment needs at least one page, each with its own id")
    order = np.argsort(np.asarray(page_ids, np.int64), kind="stable")
    sorted_pages = [pages[i] for i in order]
    lengths = [len(page.vectors) for page in sorted_pages]
    return Segment(
        page_ids=np.asarray(page_ids, np.int64)[order],
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        vectors=np.concatenate([page.vectors for page in sorted_pages]).astype(
            np.float16, copy=False
        ),
        boxes=np.concatenate([page.boxes for page in sorted_pages]).astype(np.uint16, copy=False),
    )


@dataclass(frozen=True, slots=True, eq=False)
class MergePlan:
    """Where each page of a merged segment comes from, in ascending order of page ids.

    page_ids (P,) int64 · parts (P,) int64 · rows (P,) int64 · offsets (P + 1,) int64
    """

    page_ids: NDArray[np.int64]
    parts: NDArray[np.int64]
    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def runs(self) -> Iterator[tuple[int, slice, slice]]:
        """Yield (part, rows of the part, rows of the merged segment), each copied in one go."""
        apart = (np.diff(self.parts) != 0) | (np.diff(self.rows) != 1)
        edges = [0, *(np.flatnonzero(apart) + 1).tolist(), len(self.rows)]
        for start, stop in pairwise(edges):
            first = int(self.rows[start])
            yield int(self.parts[start]), slice(first, first + stop - start), slice(start, stop)


def merge_plan(parts: Sequence[SegmentRows]) -> MergePlan:
    """Plan a merge. Raises ValueError for no pages or a repeated id."""
    page_ids = np.concatenate([np.zeros(0, np.int64), *(p.segment.page_ids[p.rows] for p in parts)])
    if len(page_ids) == 0 or len(np.unique(page_ids)) != len(page_ids):
        raise ValueError("a segment needs at least one page, each with its own id")
    order = np.argsort(page_ids, kind="stable")
    lengths = np.concatenate([np.diff(p.segment.offsets)[p.rows] for p in parts])[order]
    return MergePlan(
        page_ids=page_ids[order],
        parts=np.repeat(np.arange(len(parts)), [len(p.rows) for p in parts])[order],
        rows=np.concatenate([p.rows for p in parts]).astype(np.int64)[order],
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )
