"""One suite over every vector store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import DamagedFile
from indexer.base.pages import PageEmbedding
from indexer.storage.durable import DurableFolder
from indexer.storage.memory_store import MemoryStore
from indexer.storage.segment_store import SegmentStore
from indexer.storage.segments import SegmentRows, VectorStore
from tests.builders import bucket_folder


@pytest.fixture(params=["memory", "segments", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> VectorStore:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "bucket":
        return SegmentStore(bucket_folder(tmp_path, request.getfixturevalue("s3_server")))
    return SegmentStore(DurableFolder(tmp_path))


def page(n_vectors: int, seed: int = 0, dim: int = 8) -> PageEmbedding:
    generator = np.random.default_rng(seed)
    vectors = generator.normal(size=(n_vectors, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    boxes = generator.integers(0, 65536, (n_vectors, 4), dtype=np.uint16)
    return PageEmbedding(vectors.astype(np.float16), boxes)


def test_what_was_written_is_read_back_exactly(store: VectorStore) -> None:
    pages = [page(3, 1), page(5, 2)]
    segment = store.open(store.write("c", [10, 11], pages))
    for page_id, written in zip([10, 11], pages, strict=True):
        read = segment.page(page_id)
        assert read is not None
        np.testing.assert_array_equal(read.vectors, written.vectors)
        np.testing.assert_array_equal(read.boxes, written.boxes)


def test_pages_stand_in_ascending_order_however_they_came(store: VectorStore) -> None:
    segment = store.open(store.write("c", [12, 3, 7], [page(1), page(2), page(4)]))
    assert segment.page_ids.tolist() == [3, 7, 12]
    assert np.diff(segment.offsets).tolist() == [2, 4, 1]


def test_a_page_without_vectors_keeps_its_place(store: VectorStore) -> None:
    segment = store.open(store.write("c", [1, 2, 3], [page(2), page(0), page(3)]))
    empty = segment.page(2)
    assert empty is not None and len(empty.vectors) == 0
    third = segment.page(3)
    assert third is not None and len(third.vectors) == 3


def test_a_segment_of_blank_pages_only_can_be_kept(store: VectorStore) -> None:
    segment = store.open(store.write("c", [1, 2], [page(0), page(0)]))
    assert segment.vectors.shape == (0, 8)


def test_a_page_that_is_not_in_the_segment_is_none(store: VectorStore) -> None:
    segment = store.open(store.write("c", [5, 9], [page(1), page(1)]))
    assert [segment.page(i) for i in (4, 6, 10)] == [None, None, None]


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_merged_pages_are_those_that_were_chosen_in_the_order_of_their_ids(
    store: VectorStore,
) -> None:
    pages = {i: page(n, seed=i) for i, n in ((1, 3), (2, 0), (3, 5), (4, 2), (7, 1), (9, 4))}
    first = store.open(store.write("c", [1, 3, 9], [pages[i] for i in (1, 3, 9)]))
    second = store.open(store.write("c", [2, 4, 7], [pages[i] for i in (2, 4, 7)]))
    record = store.merge("c", [SegmentRows(first, rows(0, 1, 2)), SegmentRows(second, rows(0, 2))])
    merged = store.open(record)
    assert merged.page_ids.tolist() == [1, 2, 3, 7, 9]
    assert (record.n_pages, record.n_vectors) == (5, 13)
    for i in (1, 2, 3, 7, 9):
        kept = merged.page(i)
        assert kept is not None
        np.testing.assert_array_equal(kept.vectors, pages[i].vectors)
        np.testing.assert_array_equal(kept.boxes, pages[i].boxes)
    assert merged.page(4) is None
    assert store.check(record, deep=True) == []


def test_blank_pages_alone_can_be_merged(store: VectorStore) -> None:
    segment = store.open(store.write("c", [1, 2], [page(0), page(0)]))
    merged = store.open(store.merge("c", [SegmentRows(segment, rows(0, 1))]))
    assert merged.vectors.shape == (0, 8) and merged.page_ids.tolist() == [1, 2]


def test_a_page_that_would_stand_twice_is_refused(store: VectorStore) -> None:
    segment = store.open(store.write("c", [1, 2], [page(1), page(1)]))
    twice = [SegmentRows(segment, rows(0, 1)), SegmentRows(segment, rows(1))]
    with pytest.raises(ValueError, match="its own id"):
        store.merge("c", twice)
    with pytest.raises(ValueError, match="its own id"):
        store.merge("c", [SegmentRows(segment, rows())])


def test_no_two_segments_share_a_name(store: VectorStore) -> None:
    names = {store.write("c", [1], [page(1)]).name for _ in range(20)}
    assert len(names) == 20


def test_a_removed_segment_cannot_be_opened_but_an_open_one_stays_readable(
    store: VectorStore,
) -> None:
    record = store.write("c", [1], [page(300, 1)])
    segment = store.open(record)
    before = segment.vectors.copy()
    store.remove("c", record.name)
    store.remove("c", record.name)  # twice is fine
    np.testing.assert_array_equal(segment.vectors, before)
    with pytest.raises(DamagedFile):
        store.open(record)
    assert store.check(record, deep=False)


def test_an_unharmed_segment_has_no_faults(store: VectorStore) -> None:
    record = store.write("c", [1, 2], [page(3), page(0)])
    assert store.check(record, deep=True) == []


def test_stored_lists_every_segment(store: VectorStore) -> None:
    records = [store.write(c, [1], [page(1)]) for c in ("a", "a", "b")]
    assert sorted(store.entries()) == sorted((r.collection_id, r.name) for r in records)


def test_pages_of_different_dims_are_refused(store: VectorStore) -> None:
    with pytest.raises(ValueError, match="dim"):
        store.write("c", [1, 2], [page(1), page(1, dim=4)])


@pytest.mark.parametrize("ids", [[], [1, 1]])
def test_no_pages_and_repeated_ids_are_refused(store: VectorStore, ids: list[int]) -> None:
    with pytest.raises(ValueError, match="its own id"):
        store.write("c", ids, [page(1) for _ in ids])
