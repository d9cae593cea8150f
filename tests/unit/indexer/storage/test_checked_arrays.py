"""Mapped files that change, shrink or rot while they are read."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import Unreadable
from indexer.storage import arrays
from indexer.storage.arrays import map_array
from indexer.storage.checked_arrays import BLOCK_BYTES, CheckedArray, sums_of

ROWS = BLOCK_BYTES // 64  # of 64 bytes: about a block
N_BLOCKS = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = np.random.default_rng(0).integers(0, 100, (ROWS * N_BLOCKS, 64), np.int8)
    np.save(tmp_path / "rows.npy", rows, allow_pickle=False)
    return tmp_path / "rows.npy"


def opened(path: Path, *, with_sums: bool = True) -> CheckedArray:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = sums_of(path) if with_sums else None
    return CheckedArray(path, map_array(path, np.int8, (ROWS * N_BLOCKS, 64)), sums, sha256)


def damaged(checked: CheckedArray, *ranges: tuple[int, int]) -> list[bool]:
    starts, stops = np.array(ranges).T
    return checked.find_damage(starts, stops).tolist()


def change(path: Path, row: int) -> None:
    with path.open("r+b") as file:
        file.seek(128 + row * 64)
        byte = file.read(1)[0]
        file.seek(128 + row * 64)
        file.write(bytes([byte ^ 1]))
    os.utime(path)  # two writes may come within one tick of the file system's clock


def test_what_was_written_is_whole(path: Path) -> None:
    checked = opened(path)
    assert damaged(checked, (0, 1), (5, 5), (ROWS * 7, ROWS * 8)) == [False] * 3
    assert damaged(checked, (0, ROWS * N_BLOCKS)) == [False]
    checked.require_unbroken()


def test_only_the_rows_of_a_damaged_block_are_damaged(path: Path) -> None:
    checked = opened(path)
    change(path, ROWS * 3)
    assert damaged(checked, (0, ROWS), (ROWS * 3 - 1, ROWS * 3 + 1), (ROWS * 6, ROWS * 7)) == [
        False,
        True,
        False,
    ]
    assert checked.has_damage


def test_a_file_that_is_written_to_after_it_was_checked_is_checked_again(path: Path) -> None:
    checked = opened(path)
    assert damaged(checked, (0, ROWS * N_BLOCKS)) == [False]
    change(path, 5)
    with pytest.raises(Unreadable):
        checked.require_unbroken()
    assert damaged(checked, (0, 1)) == [True]


def test_a_file_of_before_there_were_sums_is_compared_as_a_whole(path: Path) -> None:
    assert damaged(opened(path, with_sums=False), (0, 1)) == [False]
    checked = opened(path, with_sums=False)
    change(path, ROWS * 7)
    assert damaged(checked, (0, 1)) == [True]


def test_a_file_that_lost_its_name_stays_readable(path: Path) -> None:
    checked = opened(path)
    path.unlink()
    assert damaged(checked, (0, ROWS * N_BLOCKS)) == [False]
    checked.require_unbroken()


@pytest.mark.skipif(arrays._bus_faults is None, reason="no C compiler where this was installed")
def test_a_file_that_is_cut_short_under_a_reader_ends_nothing(path: Path) -> None:
    checked = opened(path)
    assert damaged(checked, (0, ROWS)) == [False]
    kept_slice = checked.array[ROWS * 4 :]
    os.truncate(path, BLOCK_BYTES)
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(int(kept_slice.sum())))
    thread.start()
    thread.join()
    assert results == [0]
    with pytest.raises(Unreadable):
        checked.require_unbroken()
    assert damaged(checked, (0, ROWS // 2), (ROWS * 2, ROWS * 3)) == [False, True]


@pytest.mark.skipif(arrays._bus_faults is None, reason="no C compiler where this was installed")
def test_thousands_of_maps_are_watched_and_forgotten(tmp_path: Path) -> None:
    paths = []
    for i in range(3):
        np.save(tmp_path / f"{i}.npy", np.ones((5000, 8), np.int8), allow_pickle=False)
        paths.append(tmp_path / f"{i}.npy")
    for _ in range(3):
        checked = [
            CheckedArray(paths[i % 3], map_array(paths[i % 3], np.int8, (5000, 8)), None, "")
            for i in range(1200)
        ]
        os.truncate(paths[2], 4096)
        assert int(checked[-1].array.sum()) < 40_000  # also of a map beyond the first thousand
        np.save(paths[2], np.ones((5000, 8), np.int8), allow_pickle=False)
        del checked
