from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import DamagedFile
from indexer.base.pages import PageEmbedding
from indexer.storage.durable import DurableFolder
from indexer.storage.segment_store import SegmentStore
from indexer.storage.segments import SegmentRecord

FILES = ("vectors.npy", "boxes.npy", "offsets.npy", "pages.npy")


@pytest.fixture
def store(tmp_path: Path) -> SegmentStore:
    return SegmentStore(DurableFolder(tmp_path))


@pytest.fixture
def record(store: SegmentStore) -> SegmentRecord:
    vectors = np.eye(16, dtype=np.float16)
    return store.write("c", [1], [PageEmbedding(vectors, np.zeros((16, 4), np.uint16))])


def folder_of(root: Path, record: SegmentRecord) -> Path:
    return root / "collections" / record.collection_id / record.name


def test_vectors_are_memory_mapped_not_read(store: SegmentStore, record: SegmentRecord) -> None:
    segment = store.open(record)
    assert isinstance(segment.vectors.base, np.memmap)
    assert not segment.vectors.flags.writeable


@pytest.mark.parametrize("name", FILES)
def test_every_flipped_bit_is_found_by_a_deep_check(
    store: SegmentStore, record: SegmentRecord, tmp_path: Path, name: str
) -> None:
    path = folder_of(tmp_path, record) / name
    original = path.read_bytes()
    for position in np.random.default_rng(0).integers(0, len(original), 20):
        damaged = bytearray(original)
        damaged[position] ^= 1
        path.write_bytes(bytes(damaged))
        assert store.check(record, deep=True)
    path.write_bytes(original)
    assert store.check(record, deep=True) == []


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_or_missing_file_is_refused_at_open(
    store: SegmentStore, record: SegmentRecord, tmp_path: Path, name: str
) -> None:
    path = folder_of(tmp_path, record) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedFile, match=name):
        store.open(record)
    path.unlink()
    with pytest.raises(DamagedFile, match=name):
        store.open(record)


def test_vectors_not_of_length_one_are_a_fault(store: SegmentStore) -> None:
    vectors = np.full((2, 4), np.nan, np.float16)
    record = store.write("c", [1], [PageEmbedding(vectors, np.zeros((2, 4), np.uint16))])
    assert any("length one" in fault for fault in store.check(record, deep=True))


def test_a_pickled_array_is_never_loaded(
    store: SegmentStore, record: SegmentRecord, tmp_path: Path
) -> None:
    path = folder_of(tmp_path, record) / "pages.npy"
    n_bytes = path.stat().st_size
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    path.write_bytes(path.read_bytes().ljust(n_bytes, b"\0")[:n_bytes])
    with pytest.raises(DamagedFile):
        store.open(record)
