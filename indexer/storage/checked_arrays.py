"""Mapped arrays whose bytes are compared with their sums before they are used for the first time.

A file is cut into blocks of BLOCK_BYTES; the sum of each is the beginning of its SHA-256. A block is looked
at once, when it is first needed, and again when the file was written to since. A search of warm files pays
for a few calls of `stat`.

Dimension key: N rows of the array, B blocks of its file, R ranges of rows.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import Unreadable
from indexer.storage.arrays import MapWatch, address_of, map_of

BLOCK_BYTES = 64 * 1024
SUM_BYTES = 16
# Files of before there were sums are compared as a whole, as long as that takes no time to speak of.
WHOLE_FILE_BYTES = 256 * 1024**2

_UNKNOWN, _RIGHT, _DAMAGED = 0, 1, 2  # what a block is
_LOOK_S = 0.005  # a stat may cost 20 microseconds, and a search needs a dozen (measured)
_FEW = 8  # ranges that are faster looked at one by one

Sums = NDArray[np.uint8]  # (B, SUM_BYTES)


def n_blocks(n_bytes: int) -> int:
    """Return B of a file."""
    return -(-n_bytes // BLOCK_BYTES)


def sums_of(path: Path) -> Sums:
    """Compute the sums (B, SUM_BYTES) of a file. Raises OSError."""
    return sums_and_sha256_of(path)[0]


def sums_and_sha256_of(path: Path) -> tuple[Sums, str]:
    """Compute the sums (B, SUM_BYTES) of a file, and its SHA-256, of the same bytes. Raises OSError."""
    sums, digest = bytearray(), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            sums += _sum(block)
            digest.update(block)
    return np.frombuffer(bytes(sums), np.uint8).reshape(-1, SUM_BYTES), digest.hexdigest()


def _sum(block: bytes | memoryview) -> bytes:
    return hashlib.sha256(block).digest()[:SUM_BYTES]


class CheckedArray:
    """A mapped array and what its bytes must be. Safe to use from several threads.

    array   (N, ...) in its file, behind a header
    sums    of the file's blocks; None: only the SHA-256 of the whole file is known
    """

    def __init__(self, path: Path, array: NDArray[Any], sums: Sums | None, sha256: str) -> None:
        """Raises OSError where the file is gone again."""
        self.array = array
        self._path = str(path)
        self._sums = sums
        self._sha256 = sha256
        self._map = map_of(array)
        status = path.stat()
        self._identity = status.st_ino, status.st_size, status.st_mtime_ns
        self._n_bytes = status.st_size
        self._looked_at_s = time.monotonic() - _LOOK_S
        self._bytes = np.zeros(0, np.uint8)
        self._row_bytes = array.strides[0] if array.ndim and len(array) else 1
        self._data_offset = 0
        if self._map is not None:
            self._bytes = np.frombuffer(self._map, np.uint8)
            address = address_of(self._bytes)
            self._data_offset = address_of(array) - address
            # Every slice of the array holds its base, and so the map.
            self._watch = MapWatch(address, len(self._bytes), array.base)
        # Of every block: a single one is looked up in bytes, many in an array over them.
        self._states = bytearray(n_blocks(self._n_bytes))
        self._state_array = np.frombuffer(self._states, np.uint8)
        self.has_damage = False  # in the blocks that were looked at
        self._is_whole = self._map is None  # empty

    @property
    def has_sums(self) -> bool:
        return self._sums is not None

    @property
    def is_gone(self) -> bool:
        """Whether it was a copy that has gone to make room: it takes its room until nobody maps it."""
        return False

    def find_damage(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say of each range of rows (R,) whether it holds bytes that were never written so: (R,) bool.

        Raises Unreadable where the disk does not give the bytes: that says nothing about them.
        """
        self._notice_changes()
        if self._is_whole:
            return np.zeros(len(starts), bool)
        if self._sums is None:
            self._verify_whole()
        elif len(starts) <= _FEW:
            for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
                if start < stop:
                    self._verify_blocks(range(self._block_of(start), self._last_block(stop) + 1))
        else:
            first, last = self._blocks_of(starts, stops)
            blocks = _every(first, last - first + 1)
            unknown_blocks = blocks[self._state_array[blocks] == _UNKNOWN]
            if len(unknown_blocks):
                self._verify_blocks(np.unique(unknown_blocks).tolist())
                self._is_whole = bool((self._state_array == _RIGHT).all())
        return self.known_damage(starts, stops)

    def known_damage(
        self, starts: NDArray[np.int64], stops: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say what `find_damage` says, without looking at anything that was not looked at: (R,) bool."""
        if not self.has_damage:
            return np.zeros(len(starts), bool)
        if self._sums is None:
            return np.ones(len(starts), bool)
        first, last = self._blocks_of(starts, stops)
        n_before = np.concatenate([[0], np.cumsum(self._state_array == _DAMAGED)])
        return np.asarray(n_before[last + 1] > n_before[first])

    def require_unbroken(self) -> None:
        """Make sure that what was just read stood in the file all the time. Raises Unreadable."""
        if self._map is None:
            return
        if self._watch.is_broken:
            self._looked_at_s = -_LOOK_S
            raise Unreadable(f"{self._path} lost bytes while it was read: try again")
        if self._has_changed():
            self._looked_at_s = -_LOOK_S
            raise Unreadable(f"{self._path} was written to while it was read: try again")

    def _block_of(self, row: int) -> int:
        return (self._data_offset + row * self._row_bytes) // BLOCK_BYTES

    def _last_block(self, stop: int) -> int:
        return (self._data_offset + stop * self._row_bytes - 1) // BLOCK_BYTES

    def _blocks_of(
        self, starts: NDArray[np.int64], stops: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and the last block of each range; of an empty range the one before."""
        first = (self._data_offset + starts * self._row_bytes) // BLOCK_BYTES
        last = (self._data_offset + stops * self._row_bytes - 1) // BLOCK_BYTES
        is_empty = stops <= starts
        if is_empty.any():
            first, last = np.where(is_empty, 0, first), np.where(is_empty, -1, last)
        return first, last

    def _verify_blocks(self, blocks: Iterable[int]) -> None:
        for block in blocks:
            if self._is_unknown(block):
                self._judge(self._is_right(block), slice(block, block + 1))

    def _is_unknown(self, block: int) -> bool:
        return self._states[block] == _UNKNOWN

    def _is_right(self, block: int) -> bool:
        assert self._sums is not None
        start = block * BLOCK_BYTES
        content = self._bytes[start : start + BLOCK_BYTES].data
        # What the file was cut short by is not even looked at: nothing may watch the map.
        is_there = start + len(content) <= self._identity[1]
        return is_there and _sum(content) == self._sums[block].tobytes()

    def _verify_whole(self) -> None:
        if self._n_bytes > WHOLE_FILE_BYTES or self._states[0] != _UNKNOWN:
            return
        is_there = self._identity[1] >= self._n_bytes
        is_right = is_there and hashlib.sha256(self._bytes.data).hexdigest() == self._sha256
        self._judge(is_right, slice(None))
        self._is_whole = not self.has_damage

    def _judge(self, is_right: bool, blocks: slice) -> None:
        """Note what blocks are. Raises Unreadable where they are zeros in the place of what the disk has."""
        if not is_right and self._watch.is_broken and self._look()[1] == self._n_bytes:
            raise Unreadable(f"{self._path} cannot be read by the disk")
        self._state_array[blocks] = _RIGHT if is_right else _DAMAGED
        self.has_damage = self.has_damage or not is_right

    def _notice_changes(self) -> None:
        """Look at every block anew when the file was written to.

        Who reads asks `require_unbroken` at the end, so that this need not look again and again.
        """
        now_s = time.monotonic()
        if self._map is None or now_s - self._looked_at_s < _LOOK_S:
            return
        self._looked_at_s = now_s
        if self._has_changed():
            self._identity = self._look()
            self._is_whole = self.has_damage = False
            self._state_array[:] = _UNKNOWN

    def _has_changed(self) -> bool:
        identity = self._look()
        # Under another number stands another file; this one lives on as long as its map.
        return identity != self._identity and identity[0] == self._identity[0]

    def _look(self) -> tuple[int, int, int]:
        """Return what changes when the file is written to: (inode, bytes, time); as ever if it is gone."""
        try:
            status = os.stat(self._path)  # noqa: PTH116 - twice as fast, and called for every search
        except FileNotFoundError:
            return self._identity
        return status.st_ino, status.st_size, status.st_mtime_ns


def _every(first: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return first[i], first[i] + 1, ... (counts[i] numbers) for every i, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - ends + counts, counts)
