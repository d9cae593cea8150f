"""How often a bucket is asked before a search is answered: each file of a segment once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from indexer.inputs.sources import Source
from indexer.storage.bucket.bucket_folder import BucketFolder
from indexer.storage.bucket.objects import Bucket, ObjectFacts
from indexer.storage.segments import Segment, SegmentRecord
from tests.builders import write_pdf
from tests.integration.test_bucket import Place, answers, ingest, pages

pytest.importorskip("moto")


class CountingBucket(Bucket):
    """A bucket that notes what it is asked for."""

    def __init__(self, bucket: Bucket) -> None:
        self.__dict__.update(bucket.__dict__)
        self.asked_keys: list[str] = []

    def get(self, key: str) -> bytes | None:
        self.asked_keys.append(key)
        return super().get(key)

    def get_ranges(
        self, key: str, ranges: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, bytes]]:
        self.asked_keys.append(key)
        return super().get_ranges(key, ranges)

    def facts(self, key: str) -> ObjectFacts | None:
        self.asked_keys.append(key)
        return super().facts(key)

    def of(self, segment: str) -> list[str]:
        """Return the files of a segment that it was asked for."""
        return sorted(key.rpartition("/")[2] for key in self.asked_keys if f"/{segment}/" in key)


def test_each_file_of_a_segment_is_asked_for_once_also_where_another_is_merged_meanwhile(
    tmp_path: Path, s3_server: str
) -> None:
    place = Place(tmp_path, s3_server)
    writer, reader = place.services("writer"), place.services("reader")
    ingest(writer, tmp_path, 3)
    first_id = writer.stores.catalog.snapshot("c").documents[0].id
    writer.compactor.run("c", eager=True)
    (merged_record,) = writer.stores.catalog.segments.all()
    path = write_pdf(tmp_path / "late.pdf", "the oil level of the pump")
    writer.pipeline.ingest(writer.collection_for_ingest("c"), Source(path, path.name))
    folder, vectors = reader.stores.folder, reader.stores.vectors
    assert isinstance(folder, BucketFolder)
    folder.bucket = bucket = CountingBucket(folder.bucket)
    open_segment = vectors.open

    def open_after_compaction(record: SegmentRecord) -> Segment:
        if record.name == merged_record.name:  # it is written anew before it is opened
            writer.stores.catalog.documents.delete(first_id)
            assert writer.compactor.run("c").n_dropped_pages
        return open_segment(record)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vectors, "open", open_after_compaction)
        opened = reader.searcher._collections.open("c")
    names = {segment.record.name for segment in opened.segments}
    assert len(names) == 2 and merged_record.name not in names
    # `vectors.npy` twice: whether it is there, and its bytes.
    files = ["offsets.npy", "pages.npy", "sums.npy", "vectors.npy", "vectors.npy"]
    assert [bucket.of(name) for name in names] == [files, files]
    bucket.asked_keys.clear()
    assert pages(answers(reader)) == pages(answers(writer))
    assert {file for name in names for file in bucket.of(name)} <= {"boxes.npy"}
