"""Files that are harmed under an open collection: the server lives, and no answer is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import DamagedBlob, DamagedPages
from indexer.maintenance.compaction import Compactor
from indexer.storage.damage_log import Damage, DamageLog
from indexer.stores import Stores
from retriever.query.filters import SearchFilter
from tests.support.searching import add_document, fake_searcher, places


def path_of(stores: Stores, name: str, segment: int = 0) -> Path:
    record = stores.catalog.snapshot("c").segments[segment]
    return stores.folder.root / "collections" / record.collection_id / record.name / name


@pytest.fixture
def library(stores: Stores) -> Stores:
    add = add_document(stores)
    add("c", "a.pdf", ["alpha beta", "gamma"])
    add("c", "b.pdf", ["alpha gamma", "delta"])
    return stores


def segment_of(stores: Stores, document: str) -> int:
    snapshot = stores.catalog.snapshot("c")
    first_page_ids = {row.name: row.first_page_id for row in snapshot.documents}
    return next(
        i
        for i, record in enumerate(snapshot.segments)
        if first_page_ids[document] in stores.vectors.open(record).page_ids
    )


@pytest.mark.parametrize("name", ["vectors.npy", "boxes.npy"])
def test_a_segment_that_is_cut_short_leaves_the_rest_to_be_searched(
    library: Stores, name: str
) -> None:
    searcher = fake_searcher(library)
    assert ("a.pdf", 1) in places(searcher, "alpha")
    os.truncate(path_of(library, name, segment_of(library, "a.pdf")), 130)
    result = searcher.search("alpha", ["c"])
    assert [(hit.document.name, hit.page.page_number) for hit in result.hits] == [
        ("b.pdf", 1),
        ("b.pdf", 2),
    ]
    assert result.missing_pages is not None
    assert (result.missing_pages.documents, result.missing_pages.n_pages) == (("a.pdf",), 2)
    page_ids, fingerprint = [hit.page.id for hit in result.hits], result.hits[0].fingerprint
    assert searcher.page_embeddings("c", page_ids, fingerprint).keys() == set(page_ids)


def test_a_segment_that_is_gone_is_named_and_comes_back_when_somebody_brings_it(
    library: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(library, "pages.npy", segment_of(library, "a.pdf"))
    content = path.read_bytes()
    path.unlink()
    searcher = fake_searcher(library)
    result = searcher.search("alpha", ["c"])
    assert result.missing_pages is not None and result.missing_pages.documents == ("a.pdf",)
    (damage,) = library.damage.entries()
    assert (damage.kind, damage.name, damage.page_ids) == ("pages", path.parent.name, None)
    path.write_bytes(content)
    monkeypatch.setattr("retriever.open_collections._LOOK_AGAIN_S", 0.0)
    assert searcher.search("alpha", ["c"]).missing_pages is None


def test_what_a_filter_leaves_out_is_not_missed(library: Stores) -> None:
    path_of(library, "pages.npy", segment_of(library, "a.pdf")).unlink()
    searcher = fake_searcher(library)
    assert (
        searcher.search("alpha", ["c"], 5, SearchFilter(documents=("b.pdf",))).missing_pages is None
    )


def test_damage_is_never_merged_into_a_new_segment(library: Stores) -> None:
    path = path_of(library, "vectors.npy")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedPages):
        Compactor(library).run("c", eager=True)
    assert len(library.catalog.snapshot("c").segments) == 2


def test_a_page_image_with_other_bytes_is_never_read(library: Stores) -> None:
    sha256 = library.images.add(b"one")
    path = library.images.path(sha256)
    for harm in (b"two", b"", None):
        path.write_bytes(harm) if harm is not None else path.unlink()
        with pytest.raises(DamagedBlob, match="--repair"):
            library.images.read(sha256)
        with pytest.raises(DamagedBlob):
            library.images.require(sha256)


def test_a_blob_that_was_checked_is_checked_again_when_it_has_changed(library: Stores) -> None:
    sha256 = library.originals.add(b"original")
    library.originals.require(sha256)
    assert library.originals.is_checked(sha256)
    library.originals.path(sha256).write_bytes(b"0riginal")
    os.utime(library.originals.path(sha256))
    assert not library.originals.is_checked(sha256)
    with pytest.raises(DamagedBlob):
        library.originals.require(sha256)


def test_damage_is_remembered_beyond_the_process_until_it_is_mended(library: Stores) -> None:
    library.damage.report(DamagedPages("some", "segment", frozenset({2})))
    library.damage.report(DamagedPages("more", "segment", frozenset({5, 2})))
    other = DamageLog(library.folder)
    assert other.entries() == [Damage("pages", "segment", "more", (2, 5))]
    other.report(DamagedPages("all", "segment"))
    assert [damage.page_ids for damage in library.damage.entries()] == [None]
    for damage in other.entries():
        other.forget(damage)
    assert DamageLog(library.folder).entries() == []


def test_a_damaged_int8_copy_costs_time_and_nothing_else(library: Stores) -> None:
    for record in library.catalog.snapshot("c").segments:
        library.derived_data.make_int8(record, library.vectors.open(record))
    searcher = fake_searcher(library)
    before = [(hit.page.id, hit.score) for hit in searcher.search("alpha gamma", ["c"]).hits]
    (path,) = list((library.folder.root / "derived").rglob("int8/vectors.npy"))[:1]
    data = np.frombuffer(path.read_bytes(), np.uint8).copy()
    data[128:] = 7
    path.write_bytes(data.tobytes())
    os.utime(path)
    result = searcher.search("alpha gamma", ["c"])
    assert [(hit.page.id, hit.score) for hit in result.hits] == before and not result.missing_pages
    assert [damage.kind for damage in library.damage.entries()] == ["int8"]
