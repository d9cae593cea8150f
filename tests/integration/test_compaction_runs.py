"""Compaction over the real catalog and real files: nothing is lost, doubled or shown that is gone."""

from __future__ import annotations

import importlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from indexer.base.errors import DataFolderBusy, StorageError
from indexer.catalog.database import Database
from indexer.maintenance.compaction import CompactionResult, Compactor
from indexer.maintenance.merge_plan import MANY_FRESH
from indexer.maintenance.repair import Repairer
from indexer.maintenance.verification import Report
from indexer.storage.durable import DurableFolder
from indexer.storage.segments import SegmentRecord, SegmentRows
from indexer.stores import Stores
from retriever.open_collections import OpenCollections
from retriever.query.filters import SearchFilter
from retriever.scoring.kernels import C_PATHS, kernel_name
from retriever.searcher import Searcher
from retriever.settings import RetrieverSettings
from tests.support.searching import WORDS, AddDocument, add_document, fake_searcher, places


@pytest.fixture
def add(stores: Stores) -> AddDocument:
    return add_document(stores)


@pytest.fixture
def searcher(stores: Stores) -> Searcher:
    return fake_searcher(stores)


@pytest.fixture
def compactor(stores: Stores) -> Compactor:
    return Compactor(stores, min_copied=1, min_indexed=10**9)


def names_of_segments(stores: Stores) -> set[str]:
    return {segment.name for segment in stores.catalog.segments.all()}


def scores(searcher: Searcher, query: str) -> dict[int, float]:
    """Score by page id, best first; torch's last bits depend on the other pages, the kernels' not."""
    return {hit.page.id: hit.score for hit in searcher.search(query, ["c"], k=20).hits}


def test_many_small_segments_become_one_and_answers_stay_the_same(
    stores: Stores, searcher: Searcher, compactor: Compactor, add: AddDocument
) -> None:
    for i in range(MANY_FRESH):
        add("c", f"{i}.pdf", [f"{WORDS[i]} {WORDS[i + 1]}", WORDS[i + 2]])
    before = {word: scores(searcher, word) for word in WORDS[:10]}
    assert compactor.run("c") == CompactionResult(n_merged_segments=MANY_FRESH, n_int8_copies=1)
    (name,) = names_of_segments(stores)
    assert [segment for _, segment in stores.vectors.entries()] == [name]
    for word, scores_before in before.items():
        scores_after = scores(searcher, word)
        assert scores_after == pytest.approx(scores_before, abs=1e-5)
        if kernel_name() in C_PATHS:  # the same to the bit, so equal scores keep their order
            assert [*scores_after.items()] == [*scores_before.items()]
    assert compactor.run("c").is_empty


def test_deleted_pages_are_left_behind(
    stores: Stores, searcher: Searcher, compactor: Compactor, add: AddDocument
) -> None:
    document_ids = [add("c", f"{i}.pdf", ["alpha beta", "beta"]) for i in range(4)]
    compactor.run("c", eager=True)
    stores.delete_document(document_ids[1])
    assert len(places(searcher, "beta", k=20)) == 6  # at once, by the catalog alone
    assert compactor.run("c", eager=True) == CompactionResult(
        n_merged_segments=1, n_dropped_pages=2, n_int8_copies=1
    )
    (record,) = stores.catalog.segments.all()
    assert record.n_pages == 6
    assert len(places(searcher, "beta", k=20)) == 6


def test_a_filter_holds_in_a_merged_segment(
    stores: Stores, searcher: Searcher, compactor: Compactor, add: AddDocument
) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        add("c", name, ["alpha", "alpha beta", "beta"])
    compactor.run("c", eager=True)
    second_pages = SearchFilter(documents=("b.pdf",), page_range=(2, 3))
    assert places(searcher, "alpha", filter=second_pages, k=9) == [("b.pdf", 2), ("b.pdf", 3)]


def test_a_reader_that_opened_before_goes_on_reading(
    stores: Stores, compactor: Compactor, add: AddDocument
) -> None:
    for i in range(3):
        add("c", f"{i}.pdf", ["alpha"])
    collection = OpenCollections(stores.catalog, stores.vectors, stores.derived_data).open("c")
    vectors = [part.segment.vectors.copy() for part in collection.segments]
    compactor.run("c", eager=True)
    for part, before in zip(collection.segments, vectors, strict=True):
        np.testing.assert_array_equal(part.segment.vectors, before)


def faults_of_vectors(report: Report) -> list[str]:
    """The documents of these tests have vectors only: neither originals nor page images."""
    absent = ("the original is missing", "the page image is missing")
    return [f.message for f in report.faults if not any(part in f.message for part in absent)]


class _ProcessDeath(BaseException):
    """Ends a round where a process would have been killed: nothing below handles it."""


N_BESIDE = 20  # documents; with more of them the searches get slower, not more in danger
STEPS = ["merge", "replace", "remove", "make_int8", "mark_changed"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_round_that_dies_at_any_step_damages_nothing(
    stores: Stores, database: Database, add: AddDocument, monkeypatch: pytest.MonkeyPatch,
    step: str, moment: str,
) -> None:  # fmt: skip
    for i in range(3):
        add("c", f"{i}.pdf", ["alpha beta", "gamma"])
    owner = {
        "merge": stores.vectors, "remove": stores.vectors, "make_int8": stores.derived_data,
        "replace": stores.catalog.segments, "mark_changed": stores.catalog.collections,
    }[step]  # fmt: skip
    real = getattr(owner, step)

    def dying(*args: object, **options: object) -> object:
        if moment == "after":
            real(*args, **options)
        raise _ProcessDeath

    monkeypatch.setattr(owner, step, dying)
    with pytest.raises(_ProcessDeath):
        Compactor(stores, min_copied=1).run("c", eager=True)
    monkeypatch.undo()
    repairer = Repairer(stores, database)
    assert not faults_of_vectors(repairer.verify(deep=True))
    assert len(places(fake_searcher(stores), "gamma", k=20)) == 6
    repairer.sweep()
    Compactor(stores, min_copied=1).run("c", eager=True)
    report = repairer.verify(deep=True)
    assert not faults_of_vectors(report) and report.n_pages == 6 and not report.garbage
    assert len(places(fake_searcher(stores), "gamma", k=20)) == 6


def test_a_document_deleted_during_a_merge_stays_deleted(
    stores: Stores, searcher: Searcher, compactor: Compactor, add: AddDocument,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    document_id = add("c", "a.pdf", ["alpha"])
    add("c", "b.pdf", ["alpha"])
    _between(stores, monkeypatch, lambda: stores.delete_document(document_id))
    compactor.run("c", eager=True)
    assert places(searcher, "alpha", k=9) == [("b.pdf", 1)]
    assert len(names_of_segments(stores)) == 1
    compactor.run("c", eager=True)
    assert places(searcher, "alpha", k=9) == [("b.pdf", 1)]


def test_a_document_added_during_a_merge_is_found(
    stores: Stores, searcher: Searcher, compactor: Compactor, add: AddDocument,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("a.pdf", "b.pdf"):
        add("c", name, ["alpha"])
    _between(stores, monkeypatch, lambda: add("c", "new.pdf", ["alpha"]))
    compactor.run("c", eager=True)
    names = {name for name, _ in places(searcher, "alpha", k=9)}
    assert names == {"a.pdf", "b.pdf", "new.pdf"}


def test_a_collection_deleted_during_a_merge_leaves_no_file(
    stores: Stores, database: Database, compactor: Compactor, add: AddDocument,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("a.pdf", "b.pdf"):
        add("c", name, ["alpha"])
    _between(stores, monkeypatch, lambda: stores.delete_collection("c"))
    with pytest.raises(Exception, match="deleted meanwhile"):
        compactor.run("c", eager=True)
    Repairer(stores, database).sweep()
    assert list(stores.vectors.entries()) == []


def _between(stores: Stores, monkeypatch: pytest.MonkeyPatch, happen: Callable[[], object]) -> None:
    """Let something happen between the writing of a merged segment and its commit."""
    merge = stores.vectors.merge

    def and_then(collection_id: str, parts: list[SegmentRows]) -> SegmentRecord:
        record = merge(collection_id, parts)
        monkeypatch.undo()
        happen()
        return record

    monkeypatch.setattr(stores.vectors, "merge", and_then)


def test_two_compactors_at_once_neither_lose_nor_double_a_page(
    stores: Stores, searcher: Searcher, add: AddDocument
) -> None:
    for i in range(12):
        add("c", f"{i}.pdf", ["alpha", "beta"])
    errors: list[BaseException] = []

    def compact() -> None:
        try:
            for _ in range(4):
                Compactor(stores, min_copied=1).run("c", eager=True)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            errors.append(error)

    threads = [threading.Thread(target=compact) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A segment may be gone when the slower one opens it; that round is then for nothing.
    pages = places(searcher, "alpha", k=50)
    assert len(pages) == len(set(pages)) == 24
    assert len(names_of_segments(stores)) == 1
    assert not errors


def test_it_keeps_away_from_a_folder_under_repair(
    stores: Stores, compactor: Compactor, add: AddDocument
) -> None:
    add("c", "a.pdf", ["alpha"])
    elsewhere = replace(stores, folder=DurableFolder(stores.folder.root))
    with elsewhere.folder.sweeping(), pytest.raises(DataFolderBusy):
        compactor.run("c")


def test_derived_garbage_is_swept(
    stores: Stores, database: Database, compactor: Compactor, add: AddDocument
) -> None:
    add("c", "a.pdf", ["alpha"])
    compactor.run("c", eager=True)
    (record,) = stores.catalog.segments.all()
    stores.derived_data.make_int8(replace(record, name="f" * 32), stores.vectors.open(record))
    assert len(list(stores.derived_data.entries())) == 2
    Repairer(stores, database).sweep()
    assert list(stores.derived_data.entries()) == [(record.collection_id, record.name)]


def test_what_was_derived_for_a_collection_that_is_gone_is_swept(
    stores: Stores, database: Database, add: AddDocument
) -> None:
    """A search that measures its recall may write down what it found just after the deletion."""
    add("c", "a.pdf", ["alpha"])
    existing_id, deleted_id = stores.catalog.collections.get("c").id, "0" * 32
    for collection_id in (existing_id, deleted_id):
        stores.derived_data.keep_recall(collection_id, {"step_up": 1})
    Repairer(stores, database).sweep()
    assert list(stores.derived_data.collections()) == [existing_id]


@pytest.mark.parametrize(
    ("function", "nth"),
    [
        ("indexer.indexes.int8_copy.int8_blocks", 0),
        ("indexer.storage.durable.sync_folder", 0),  # the copy is whole
        ("indexer.storage.folder_files.sync_folder", 0),  # the folders above it are made
        ("indexer.storage.folder_files.sync_folder", 3),  # it has its name
    ],
)
def test_a_segment_that_is_deleted_while_it_is_copied_is_no_failure(
    stores: Stores,
    compactor: Compactor,
    add: AddDocument,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    nth: int,
) -> None:
    document = add("c", "a.pdf", ["alpha"])
    module, name = function.rsplit(".", 1)
    really = getattr(importlib.import_module(module), name)
    calls: list[object] = []

    def delete_first(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == nth + 1:
            stores.delete_document(document)
        return really(*arguments)

    monkeypatch.setattr(function, delete_first)
    assert compactor.run("c") == CompactionResult()
    assert len(calls) > nth and list(stores.derived_data.entries()) == []


def test_a_copy_that_cannot_be_written_is_told(
    stores: Stores, compactor: Compactor, add: AddDocument
) -> None:
    add("c", "a.pdf", ["alpha"])
    (stores.folder.root / "derived").write_text("in the way")
    with pytest.raises(StorageError, match="Not a directory"):
        compactor.run("c")


def test_searches_never_fail_while_documents_come_go_and_are_merged(
    stores: Stores, add: AddDocument
) -> None:
    """300 searches beside a writer and a compactor: no error, and never a page twice."""
    for i in range(4):
        add("c", f"first-{i}.pdf", ["alpha beta"])
    stop, errors = threading.Event(), []
    searcher = fake_searcher(stores, RetrieverSettings(recall_sampling=0))

    def keep_writing() -> None:
        added: deque[str] = deque()  # in the order in which they go again
        for n in count():
            if stop.is_set():
                return
            added.append(add("c", f"{n}.pdf", ["alpha gamma", "delta"]))
            if n % 2:
                stores.delete_document(added.pop())
            if len(added) > N_BESIDE:
                stores.delete_document(added.popleft())

    def keep_compacting() -> None:
        while not stop.is_set():
            Compactor(stores, min_copied=1).run("c", eager=True)
            stop.wait(0.02)  # leaves the searches some of the machine

    def catching(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told to the test below
                errors.append(error)

        return run

    threads = [threading.Thread(target=catching(w)) for w in (keep_writing, keep_compacting)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(300):
            page_ids = [hit.page.id for hit in searcher.search("alpha beta", ["c"], k=20).hits]
            assert len(page_ids) == len(set(page_ids)) >= 4
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not errors
