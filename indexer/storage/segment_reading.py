"""Opens the files of a segment, and lets nobody read what was not written.

The two large arrays are mapped, and their blocks are compared with their sums before their first use; the
others are read and compared with their SHA-256 here. Segments of before have no sums.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.disk_errors import is_absent, unreadable
from indexer.base.errors import DamagedPages
from indexer.storage.arrays import array_of
from indexer.storage.checked_arrays import SUM_BYTES, CheckedArray, Sums, n_blocks
from indexer.storage.folder_files import FolderFiles
from indexer.storage.segments import Segment, SegmentRecord

FILES = {"vectors": np.float16, "boxes": np.uint16, "offsets": np.int64, "pages": np.int64}
MAPPED = ("vectors", "boxes")
SUMS = "sums.npy"


def open_segment(files: FolderFiles, folder: Path, record: SegmentRecord) -> Segment:
    """Open the files of a segment in `folder`. Raises DamagedPages, Unreadable."""
    sums = _sums(files, folder, record)
    vectors = _map(files, folder, record, "vectors", (record.n_vectors, record.dim), sums)
    boxes = _map(files, folder, record, "boxes", (record.n_vectors, 4), sums, is_seen=True)
    return Segment(
        page_ids=_read_small(files, folder, record, "pages.npy", np.int64, (record.n_pages,)),
        offsets=_read_small(files, folder, record, "offsets.npy", np.int64, (record.n_pages + 1,)),
        vectors=vectors.array,
        boxes=boxes.array,
        name=record.name,
        checked_vectors=vectors,
        checked_boxes=boxes,
    )


def damage_of(record: SegmentRecord, message: str) -> DamagedPages:
    """Return the error of a segment of which nothing can be read."""
    return DamagedPages(message, record.name)


@contextmanager
def file_errors_translated(path: Path, record: SegmentRecord) -> Iterator[None]:
    """A file that is gone or another array is damaged; one that cannot be read now may be whole."""
    try:
        yield
    except ValueError as error:
        raise damage_of(record, f"{path} cannot be read ({error})") from error
    except OSError as error:
        if is_absent(error):
            raise damage_of(record, f"{path} is missing") from error
        raise unreadable(path, error) from error


def _sums(files: FolderFiles, folder: Path, record: SegmentRecord) -> dict[str, Sums]:
    """Return the sums of the blocks by file; none for a segment of before there were any."""
    if SUMS not in record.files:
        return {}
    counts = {stem: n_blocks(record.files[f"{stem}.npy"].n_bytes) for stem in MAPPED}
    sums = _read_small(files, folder, record, SUMS, np.uint8, (sum(counts.values()), SUM_BYTES))
    return {"vectors": sums[: counts["vectors"]], "boxes": sums[counts["vectors"] :]}


def _map(
    files: FolderFiles,
    folder: Path,
    record: SegmentRecord,
    stem: str,
    shape: tuple[int, ...],
    sums: dict[str, Sums],
    *,
    is_seen: bool = False,
) -> CheckedArray:
    path = folder / f"{stem}.npy"
    with file_errors_translated(path, record):
        sha256 = record.files[path.name].sha256
        return files.map(path, FILES[stem], shape, sums.get(stem), sha256, is_seen=is_seen)


def _read_small(
    files: FolderFiles,
    folder: Path,
    record: SegmentRecord,
    name: str,
    dtype: type,
    shape: tuple[int, ...],
) -> NDArray[Any]:
    """Read a small file whole, and compare it with what was written."""
    path = folder / name
    data = files.read(path, record.files[name].sha256)
    if data is None:
        raise damage_of(record, f"{path} is missing")
    if hashlib.sha256(data).hexdigest() != record.files[name].sha256:
        raise damage_of(record, f"{path} does not hold the bytes that were written")
    with file_errors_translated(path, record):
        return array_of(data, dtype, shape)
