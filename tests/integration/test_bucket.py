"""Everything stored in a bucket, over a real S3 server: found again, limited on the disk, proven, mended."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from sqlalchemy import update

from api.services.places import bucket_folder as open_bucket
from api.services.wiring import Services
from api.worker.background_compaction import BackgroundCompaction
from api.worker.worker import Worker
from indexer.base.errors import (
    DataFolderBusy,
    DataFolderTooNew,
    ReadOnly,
    StorageUnavailable,
    Unreadable,
)
from indexer.catalog.database import Database
from indexer.catalog.shared_locks import CatalogLocks
from indexer.catalog.tables import holds
from indexer.inputs.sources import Source
from indexer.maintenance.moving import Mover
from indexer.storage.bucket.bucket_folder import BucketFolder
from indexer.storage.bucket.objects import Bucket
from retriever.hits import SearchResult
from tests.builders import bucket_folder, fake_services, write_pdf
from tests.support.s3 import new_prefix

pytest.importorskip("moto")
QUESTIONS = ("bolts of the pump", "oil level", "number3")


class Place:
    """A bucket and a catalog, and the processes that use them."""

    def __init__(self, root: Path, server: str) -> None:
        self.root, self.server, self.address = root, server, new_prefix()
        self.client = boto3.client("s3", endpoint_url=server)
        self.name, self.prefix = self.address.removeprefix("s3://").split("/")

    def services(self, name: str, **options: Any) -> Services:
        """Return a process with a data folder of its own."""
        catalog = f"sqlite:///{self.root / 'catalog.sqlite3'}"
        options = {"page_dpi": 48, "database_url": catalog, "storage": self.address} | options
        return fake_services(self.root / name, s3_endpoint=self.server, **options)

    def keys(self, part: str = "") -> list[str]:
        listing = self.client.list_objects_v2(Bucket=self.name, Prefix=f"{self.prefix}/{part}")
        return [entry["Key"] for entry in listing.get("Contents", ())]

    def rot(self, key: str) -> None:
        """Let the object hold other bytes, of the same number."""
        body = bytearray(self.client.get_object(Bucket=self.name, Key=key)["Body"].read())
        body[len(body) // 2] ^= 0xFF
        self.client.put_object(Bucket=self.name, Key=key, Body=bytes(body))


def ingest(services: Services, folder: Path, n: int = 4) -> None:
    collection = services.create_collection("c")
    for i in range(n):
        text = ["the bolts of the pump are tightened", "check the oil level", f"page number{i}"]
        path = write_pdf(folder / f"{i}.pdf", *text)
        outcome = services.pipeline.ingest(collection, Source(path, path.name))
        assert outcome.verdict.searchable, outcome.error


def answers(services: Services) -> list[SearchResult]:
    return [services.searcher.search(question, ["c"], 5) for question in QUESTIONS]


def pages(results: list[SearchResult]) -> list[list[tuple[str, int]]]:
    return [[(h.document.name, h.page.page_number) for h in result.hits] for result in results]


def scores(results: list[SearchResult]) -> list[float]:
    return [hit.score for result in results for hit in result.hits]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Place:
    place = Place(tmp_path_factory.mktemp("filled"), s3_server)
    ingest(place.services("writer"), place.root)
    return place


def test_a_process_with_an_empty_folder_finds_the_same_as_one_over_a_folder(
    filled: Place, tmp_path: Path
) -> None:
    at_home = fake_services(tmp_path / "data", page_dpi=48)
    ingest(at_home, tmp_path)
    reader = filled.services("reader")
    expected, found = answers(at_home), answers(reader)
    assert pages(found) == pages(expected)
    np.testing.assert_allclose(scores(found), scores(expected), atol=1e-3)
    boxes = [[hit.evidence for hit in result.hits] for result in (*found, *expected)]
    assert boxes[:3] == boxes[3:]
    report = reader.repairer.verify(deep=True)
    assert report.clean and not report.garbage, (report.faults, report.garbage)
    (batch, *_) = found[0].hits
    assert reader.stores.images.read(batch.page.image_sha256)[8:12] == b"WEBP"


def test_copies_keep_their_limit_and_what_has_gone_is_fetched_again(filled: Place) -> None:
    limit = 200_000
    reader = filled.services("small", cache_bytes=limit)
    folder = reader.stores.folder
    assert isinstance(folder, BucketFolder)
    first = answers(reader)
    for result in first:
        for hit in result.hits:
            reader.stores.images.read(hit.page.image_sha256)
    on_disk = sum(
        p.stat().st_blocks * 512 for p in (folder.root / "copies").rglob("*") if p.is_file()
    )
    assert on_disk <= folder.cache.n_bytes <= limit, (on_disk, folder.cache.n_bytes)
    shutil.rmtree(folder.root / "copies")
    assert scores(answers(reader)) == scores(first)


def test_a_rotten_copy_is_fetched_anew_and_is_no_damage(filled: Place) -> None:
    reader = filled.services("rotten")
    expected = scores(answers(reader))
    for path in (reader.stores.folder.root / "copies").rglob("*"):
        if path.is_file():
            path.write_bytes(bytes(path.stat().st_size))
    again = filled.services("rotten")
    assert scores(answers(again)) == expected
    assert again.stores.damage.entries() == []


def test_what_rots_in_the_bucket_is_left_out_told_and_mended(
    tmp_path: Path, s3_server: str
) -> None:
    place = Place(tmp_path, s3_server)
    services = place.services("writer")
    ingest(services, tmp_path, n=2)
    expected = pages(answers(services))
    place.rot(next(key for key in place.keys("collections") if key.endswith("vectors.npy")))
    place.rot(place.keys("images")[0])
    reader = place.services("reader")
    assert len(answers(reader)[0].hits) < len(expected[0])
    assert answers(reader)[0].missing_pages is not None
    assert [damage.kind for damage in reader.stores.damage.entries()] == ["pages"]
    report = services.repairer.verify(deep=True)
    assert len(report.faults) >= 2
    for task in services.repairer.repair(report):
        services.pipeline.ingest(task.collection, task.source)
    assert services.repairer.verify(deep=True).clean
    assert pages(answers(place.services("late"))) == expected
    (batch, *_) = services.stores.quarantine.batches()
    assert batch.n_files >= 5 and batch.n_bytes > 0


def test_a_bucket_that_does_not_answer_is_a_typed_error_and_the_file_waits(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = filled.services("cut off")
    collection = services.stores.catalog.collections.get("c")
    path = write_pdf(filled.root / "late.pdf", "a late page about valves")
    services.intake.copy_in(collection, [Source(path, "late.pdf")])
    answered = Bucket._ask

    def refused(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(Bucket, "_ask", refused)
    monkeypatch.setattr(Bucket, "put", _down)
    with pytest.raises(Unreadable, match="check PAGESIGHT_STORAGE"):
        filled.services("fresh").searcher.search("valves", ["c"], 1)
    Worker(services).run(drain=True)
    (job,) = services.queue.jobs()
    assert job.state == "queued" and job.error is not None
    monkeypatch.undo()
    assert Bucket._ask is answered
    with pytest.raises(StorageUnavailable):
        Bucket("s3://pages/x", endpoint_url="http://127.0.0.1:9").delete(["a"])


def _down(*_: Any) -> None:
    raise StorageUnavailable("nobody listens")


class Ended(BaseException):
    """The process ends here."""


def test_a_process_that_ends_at_any_write_leaves_nothing_half(
    tmp_path: Path, s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, s3_server)
    judge = place.services("judge")
    ingest(judge, tmp_path, n=1)
    path = write_pdf(tmp_path / "second.pdf", "the bolts", "of a second document")
    for n in range(0, 40, 3):
        dying = DyingProcess(n // 2, is_done=n % 2 == 1)
        with monkeypatch.context() as patched, suppress(Ended):
            patched.setattr(Bucket, "put", dying.wrap(Bucket.put))
            patched.setattr(Bucket, "delete", dying.wrap(Bucket.delete))
            services = place.services("victim")
            collection = services.stores.catalog.collections.get("c")
            services.pipeline.ingest(collection, Source(path, "second.pdf"))
        report = judge.repairer.verify(deep=True)
        assert report.clean, (n, report.faults)
        assert report.n_documents == 1 + (not dying.is_over)
        if not dying.is_over:
            break
    assert n >= 10
    with judge.database.writing() as transaction:  # the minute passes
        transaction.execute(update(holds).values(ends_at=datetime(2000, 1, 1, tzinfo=UTC)))
    judge.repairer.repair(report)
    assert judge.repairer.verify(deep=True).garbage == []


class DyingProcess:
    """Ends at its nth change of the bucket: before it, or when it `is_done`; nothing works afterwards."""

    def __init__(self, n: int, *, is_done: bool) -> None:
        self._n_left, self._is_done = n, is_done
        self.is_over = False

    def wrap(self, really: Callable[..., None]) -> Callable[..., None]:
        def change(bucket: Bucket, *arguments: Any) -> None:
            self._n_left -= 1
            if self._n_left < 0:
                if self._is_done and not self.is_over:
                    really(bucket, *arguments)
                self.is_over = True
                raise Ended
            really(bucket, *arguments)

        return change


def test_locks_in_the_catalog_hold_between_processes_and_end_with_who_fell_silent(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    ours, theirs = CatalogLocks(Database(url)), CatalogLocks(Database(url))
    with ours.keeping():
        ours.pin("a" * 64)
        with pytest.raises(DataFolderBusy), theirs.sweeping():
            pass
        with theirs.keeping(), theirs.removing() as names:
            assert names == {"a" * 64}
    with theirs.removing() as names, pytest.raises(DataFolderBusy, match=r"mine .*killed .* 60 s"):
        assert names == frozenset()
        with theirs.alone("mending", "mine"), ours.alone("mending", "mine"):
            pass
    database = Database(url)
    silent = CatalogLocks(database, hold_s=-1)  # over before it is asked for
    with pytest.raises(DataFolderBusy, match="silent"), silent.keeping():
        with theirs.sweeping():
            pass
        with database.writing():
            pass


def test_what_a_newer_pagesight_has_written_is_refused(tmp_path: Path, s3_server: str) -> None:
    place = new_prefix()
    folder = bucket_folder(tmp_path / "a", s3_server, address=place)
    folder.add_bytes(folder.root / "FORMAT", b"99\n")
    with pytest.raises(DataFolderTooNew, match="has data format 99"):
        bucket_folder(tmp_path / "b", s3_server, address=place)


def test_everything_moves_to_a_bucket_and_back_while_it_is_searched(
    tmp_path: Path, s3_server: str
) -> None:
    at_home = fake_services(tmp_path / "data", page_dpi=48, s3_endpoint=s3_server)
    ingest(at_home, tmp_path)
    expected = answers(at_home)
    place = new_prefix()
    bucket = open_bucket(at_home.settings, place, at_home.database)
    really_put, n_puts = Bucket.put, 0

    def broken_put(self: Bucket, *arguments: Any) -> None:
        nonlocal n_puts
        n_puts += 1
        if n_puts == 9:
            raise StorageUnavailable("cut off")
        really_put(self, *arguments)

    with pytest.MonkeyPatch.context() as patched, pytest.raises(StorageUnavailable):
        patched.setattr(Bucket, "put", broken_put)
        Mover(at_home.stores, at_home.database).move(bucket, place)
    at_home.stores.folder.require_in_use()
    stopping, wrong = threading.Event(), []

    def search() -> None:
        while not stopping.wait(0.1):
            results = answers(at_home)
            if pages(results) != pages(expected) or scores(results) != scores(expected):
                wrong.append(results)

    searching = threading.Thread(target=search)
    searching.start()
    moved = Mover(at_home.stores, at_home.database).move(bucket, place)
    stopping.set()
    searching.join(60)
    assert not wrong and not moved.damaged_files and 0 < moved.n_copied < moved.n_files
    collection = at_home.stores.catalog.collections.get("c")
    late = Source(write_pdf(tmp_path / "late.pdf", "too late"), "late.pdf")
    outcome = at_home.pipeline.ingest(collection, late)
    assert outcome.try_again and "PAGESIGHT_STORAGE" in str(outcome.error)
    with pytest.raises(ReadOnly, match="was moved to"):
        fake_services(tmp_path / "data")
    there = fake_services(tmp_path / "data", page_dpi=48, storage=place, s3_endpoint=s3_server)
    assert pages(answers(there)) == pages(expected) and scores(answers(there)) == scores(expected)
    assert there.pipeline.ingest(collection, late).verdict.searchable
    back = Mover(there.stores, there.database).move(at_home.stores.folder, "folder")
    assert back.n_copied < back.n_files
    again = fake_services(tmp_path / "data", page_dpi=48)
    assert pages(answers(again))[:2] == pages(answers(there))[:2]
    assert again.repairer.verify(deep=True).clean


def test_upkeep_runs_in_one_process_of_all(filled: Place) -> None:
    ours, theirs = filled.services("ours"), filled.services("theirs")
    n_segments = len(ours.stores.catalog.segments.all())
    assert n_segments > 1
    ours_eager = partial(ours.compactor.run, "c", eager=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ours.compactor, "run", lambda _: ours_eager())
        compaction = BackgroundCompaction(ours, 60.0)
        with theirs.stores.folder.alone("compaction", "busy"):
            compaction.run_once()
            assert len(ours.stores.catalog.segments.all()) == n_segments
        compaction.run_once()
    assert len(ours.stores.catalog.segments.all()) == 1
    assert pages(answers(theirs)) == pages(answers(ours)) != []


def test_a_segment_that_is_merged_while_it_is_searched_is_no_damage(
    tmp_path: Path, s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if they were large: small ones are fetched when they are opened.
    monkeypatch.setattr("retriever.open_collections._FETCHED_BYTES", 0)
    place = Place(tmp_path, s3_server)
    services, reader = place.services("writer"), place.services("reader")
    ingest(services, tmp_path)
    opened = reader.searcher._collections.open("c")  # as a search that begins now
    services.compactor.run("c", eager=True)
    with pytest.raises(Unreadable, match="look for it anew"):
        for segment in opened.segments:
            segment.segment.require()
    assert pages(answers(reader)) == pages(answers(services))
    assert reader.stores.damage.entries() == []
    (key,) = [key for key in place.keys("collections") if key.endswith("vectors.npy")]
    place.client.delete_object(Bucket=place.name, Key=key)
    late = place.services("late")
    assert answers(late)[0].missing_pages is not None
    assert [damage.kind for damage in late.stores.damage.entries()] == ["pages"]
