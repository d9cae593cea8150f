"""What is asked of the kernel ahead of a read."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.storage.arrays import map_of
from retriever.scoring import prefetch
from retriever.scoring.prefetch import GAP_BYTES, will_need

ROW_BYTES = 128


@pytest.fixture
def mapped(tmp_path: Path) -> Any:
    path = tmp_path / "vectors.npy"
    np.save(path, np.zeros((40_000, ROW_BYTES), np.int8))
    return np.asarray(np.load(path, mmap_mode="r"))


def rows(*pairs: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    starts, stops = zip(*pairs, strict=True)
    return np.array(starts, np.int64), np.array(stops, np.int64)


def test_near_parts_are_asked_for_as_one(mapped: Any) -> None:
    far = GAP_BYTES // ROW_BYTES + 1
    assert will_need(mapped, *rows((0, 600), (600, 1_200), (1_300, 1_400))) == 1
    assert will_need(mapped, *rows((1_300, 1_400), (700, 700), (0, 600), (600, 1_200))) == 1
    assert will_need(mapped, *rows((0, 0), (32, 32))) == 0
    assert will_need(mapped, *rows((0, 600), (600 + far, 700 + far), (39_000, 40_000))) == 3


def test_every_wanted_byte_is_inside_a_part(mapped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[tuple[int, int]] = []
    whole = map_of(mapped)
    assert whole is not None
    file = bytes(whole)
    header = len(file) - 40_000 * ROW_BYTES

    class Noting(mmap.mmap):
        def madvise(self, *given: int) -> None:
            noted.append((given[1], given[1] + given[2]))
            super().madvise(*given)

    again = Noting(-1, len(file))
    again.write(file)
    monkeypatch.setattr(prefetch, "map_of", lambda _: again)
    array = np.frombuffer(again, np.int8, offset=header).reshape(-1, ROW_BYTES)
    will_need(array, *rows((10, 20), (30_000, 30_001)))
    for first, last in ((10, 20), (30_000, 30_001)):
        begin, end = header + first * ROW_BYTES, header + last * ROW_BYTES
        assert any(start <= begin and end <= stop for start, stop in noted)
    assert all(start % mmap.PAGESIZE == 0 for start, _ in noted)


def test_an_array_in_memory_needs_no_advice() -> None:
    assert will_need(np.zeros((9, 4), np.int8), *rows((0, 9))) == 0
    assert will_need(np.zeros((0, 4), np.int8), np.zeros(0, np.int64), np.zeros(0, np.int64)) == 0
