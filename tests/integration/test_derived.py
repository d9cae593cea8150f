"""Int8 copies and FAISS indexes on disk: made, found again, refused when they are not what was made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.indexes.derived import DerivedStore
from indexer.storage.durable import DurableFolder
from indexer.storage.segment_store import SegmentStore
from indexer.storage.segments import Segment, SegmentRecord
from tests.support.factories import embedding

faiss = pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")
DIM = 16


@pytest.fixture
def folder(tmp_path: Path) -> DurableFolder:
    return DurableFolder(tmp_path)


@pytest.fixture
def derived(folder: DurableFolder) -> DerivedStore:
    return DerivedStore(folder)


@pytest.fixture
def written(folder: DurableFolder) -> tuple[SegmentRecord, Segment]:
    store = SegmentStore(folder)
    record = store.write("c", range(60), [embedding(i % 9, DIM, seed=i) for i in range(60)])
    return record, store.open(record)


@pytest.fixture
def made(derived: DerivedStore, written: tuple[SegmentRecord, Segment]) -> Path:
    """The folder of what was derived from the segment."""
    derived.make_int8(*written)
    derived.make_tokens(*written)
    record = written[0]
    return derived._path(record)


def test_nothing_is_there_before_it_is_made(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment]
) -> None:
    assert derived.int8(written[0]) is None
    assert derived.tokens(written[0]) is None
    assert list(derived.entries()) == []


def test_the_int8_copy_is_as_near_to_the_truth_as_it_says(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment], made: Path
) -> None:
    assert_copy_is_near(derived, *written)


def assert_copy_is_near(derived: DerivedStore, record: SegmentRecord, segment: Segment) -> None:
    copy = derived.int8(record)
    assert copy is not None
    back = (copy.vectors.astype(np.float32) * copy.step) @ copy.rotation
    errors = np.linalg.norm(back - segment.vectors.astype(np.float32), axis=1)
    assert errors.max() <= copy.max_error + 1e-5
    assert copy.max_error < 0.1


def test_the_index_answers_with_the_rows_of_pages(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment], made: Path
) -> None:
    assert_index_finds_pages(derived, *written)


def assert_index_finds_pages(
    derived: DerivedStore, record: SegmentRecord, segment: Segment
) -> None:
    index = derived.tokens(record)
    assert index is not None and index.n_vectors == record.n_vectors
    for row in (1, 17, 59):
        query = segment.vectors[segment.offsets[row] : segment.offsets[row] + 1].astype(np.float32)
        _, rows = index.search(query, 5, n_probe=index.n_lists)
        assert row in rows[0]


@pytest.mark.parametrize("kind", ["int8", "tokens"])
@pytest.mark.parametrize("harm", ["missing", "short", "another version", "no manifest", "nonsense"])
def test_what_is_not_as_it_was_made_is_as_good_as_none(
    derived: DerivedStore,
    written: tuple[SegmentRecord, Segment],
    made: Path,
    kind: str,
    harm: str,
) -> None:
    path = made / kind
    file = next(f for f in path.iterdir() if f.suffix != ".json")
    manifest = path / "manifest.json"
    match harm:
        case "missing":
            file.unlink()
        case "short":
            file.write_bytes(file.read_bytes()[:-7])
        case "another version":
            manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": 0}))
        case "no manifest":
            manifest.unlink()
        case "nonsense":
            manifest.write_text("[1, 2")
    find = derived.int8 if kind == "int8" else derived.tokens
    other = derived.tokens if kind == "int8" else derived.int8
    assert find(written[0]) is None
    assert other(written[0]) is not None


@pytest.mark.parametrize("kind", ["int8", "tokens"])
def test_a_changed_byte_is_found_by_the_checksum_dropped_and_made_anew(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment], made: Path, kind: str
) -> None:
    record, segment = written
    file = next(f for f in (made / kind).iterdir() if f.suffix != ".json")
    before = file.read_bytes()
    file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    (fault,) = derived.check(record)
    assert kind in fault
    derived.drop_damaged(record)
    assert derived.check(record) == [] and not file.exists()
    # Not to the bit: the product that it is made of may be rounded otherwise the next time.
    if kind == "int8":
        derived.make_int8(record, segment)
        assert_copy_is_near(derived, record, segment)
    else:
        derived.make_tokens(record, segment)
        assert_index_finds_pages(derived, record, segment)
    assert derived.check(record) == [] and file.stat().st_size == len(before)


def test_the_codebook_is_trained_once_for_segments_of_one_size(
    folder: DurableFolder, derived: DerivedStore, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.indexes.token_index.train", None)  # to call it would fail
    store = SegmentStore(folder)
    record = store.write("c", range(60, 120), [embedding(4, DIM, seed=i) for i in range(60)])
    derived.make_tokens(record, store.open(record))
    index = derived.tokens(record)
    assert index is not None and index.n_vectors == 240


def test_a_damaged_codebook_is_trained_anew(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment], made: Path
) -> None:
    codebook = next(made.parent.glob("codebook-*"))
    file = codebook / "index.faiss"
    file.write_bytes(b"x" * file.stat().st_size)
    shutil.rmtree(made / "tokens")
    derived.make_tokens(*written)
    assert derived.tokens(written[0]) is not None


def test_making_it_twice_leaves_one_that_is_whole(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment], made: Path
) -> None:
    derived.make_int8(*written)
    derived.make_tokens(*written)
    assert derived.check(written[0]) == []
    assert list(derived.entries()) == [("c", written[0].name)]


def test_removed_is_gone_and_an_open_copy_stays_readable(
    derived: DerivedStore, written: tuple[SegmentRecord, Segment], made: Path
) -> None:
    copy = derived.int8(written[0])
    assert copy is not None
    before = copy.vectors.copy()
    derived.remove("c", written[0].name)
    assert derived.int8(written[0]) is None and not made.exists()
    np.testing.assert_array_equal(copy.vectors, before)
