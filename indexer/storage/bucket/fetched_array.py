"""A mapped array of which only those blocks are on the disk that were needed: the others are fetched then.

The file is as long as the whole array and full of holes. A block is compared with its sum before its first
use, as everywhere; here one that is not right is fetched before it is judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from numpy.typing import DTypeLike

from indexer.base.disk_errors import storage_error
from indexer.base.errors import Unreadable
from indexer.storage.arrays import array_bytes_length, header_of, map_array
from indexer.storage.bucket.file_cache import most_room_for, room_of
from indexer.storage.bucket.objects import PART_BYTES
from indexer.storage.checked_arrays import BLOCK_BYTES, CheckedArray, Sums
from indexer.storage.files import FILE_MODE

_GAP_BLOCKS = 4  # so few between two parts are fetched along: a request costs more
_PART_BLOCKS = PART_BYTES // BLOCK_BYTES

Ranges = list[tuple[int, int]]
Fetch = Callable[[Ranges], Iterable[tuple[int, bytes]]]


class FetchedArray(CheckedArray):
    """A CheckedArray over a file with holes.

    fetch    yields (start, bytes) of parts of the file
    on_use   called with what the file takes of the disk, before and after it grows; None: it has no name
    """

    def __init__(
        self,
        path: Path,
        dtype: DTypeLike,
        shape: tuple[int, ...],
        sums: Sums,
        sha256: str,
        fetch: Fetch,
        on_use: Callable[[int | None], None],
    ) -> None:
        """Raises OSError."""
        self._fetch, self._on_use = fetch, on_use
        self._fd, self._was_there = _open_with_holes(path, dtype, shape)
        super().__init__(path, map_array(path, dtype, shape), sums, sha256)
        self._note_use()

    def __del__(self) -> None:
        os.close(self._fd)

    @property
    def is_gone(self) -> bool:
        """Whether the file has lost its name, to make room: it takes its room until nobody maps it."""
        return os.fstat(self._fd).st_nlink == 0

    def _verify_blocks(self, blocks: Iterable[int]) -> None:
        unknown_blocks = [block for block in blocks if self._is_unknown(block)]
        missing_blocks = [
            block for block in unknown_blocks if not (self._was_there and self._is_right(block))
        ]
        self._fill(missing_blocks)
        # Once more, for what was spoilt on its way.
        self._fill([block for block in missing_blocks if not self._is_right(block)])
        super()._verify_blocks(unknown_blocks)

    def _fill(self, blocks: list[int]) -> None:
        """Fetch blocks and write them in their places. Raises Unreadable."""
        for start, data in self._fetch(list(_parts(blocks, self._n_bytes))) if blocks else ():
            self._note_use(most_room_for(len(data)))
            try:
                os.pwrite(self._fd, data, start)
            except OSError as error:
                raise Unreadable(str(storage_error(Path(self._path), error))) from error
        self._note_use()

    def _note_use(self, n_more_bytes: int = 0) -> None:
        self._on_use(None if self.is_gone else room_of(os.fstat(self._fd)) + n_more_bytes)

    def _has_changed(self) -> bool:
        return False  # it is written to all the time, and what is read was compared with its sum


def _parts(blocks: list[int], n_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges to fetch, so that near blocks come together and none is too long."""
    first = last = None
    for block in sorted(blocks):
        if first is not None and last is not None:
            if block - last <= _GAP_BLOCKS and block - first < _PART_BLOCKS:
                last = block
                continue
            yield first * BLOCK_BYTES, min((last + 1) * BLOCK_BYTES, n_bytes)
        first = last = block
    if first is not None and last is not None:
        yield first * BLOCK_BYTES, min((last + 1) * BLOCK_BYTES, n_bytes)


def _open_with_holes(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> tuple[int, bool]:
    """Open the file of an array, or make it with nothing but its head; whether it was there."""
    n_bytes = array_bytes_length(dtype, shape)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        was_there = os.fstat(fd).st_size == n_bytes
        os.ftruncate(fd, n_bytes)
        os.pwrite(fd, header_of(dtype, shape), 0)
    except OSError:
        os.close(fd)
        raise
    return fd, was_there
