"""Search over the real catalog and real segments; the fake encoder makes equal words match."""

from __future__ import annotations

import pytest

from indexer.base.errors import DocumentNotFound, EncoderMismatch
from indexer.encoders.fake import FakeEncoder
from indexer.stores import Stores
from retriever.errors import EmptyQuery, InvalidQuery, QueryTooLong
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher
from retriever.settings import RetrieverSettings
from tests.support.searching import ENCODER, AddDocument, add_document, fake_searcher, places


@pytest.fixture
def searcher(stores: Stores) -> Searcher:
    return fake_searcher(stores, RetrieverSettings(max_query_characters=100, max_k=20))


@pytest.fixture
def add(stores: Stores) -> AddDocument:
    return add_document(stores)


def test_the_page_with_the_words_comes_first(searcher: Searcher, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta", "gamma delta"])
    add("c", "b.pdf", ["epsilon zeta"])
    assert places(searcher, "gamma delta")[0] == ("a.pdf", 2)
    assert places(searcher, "zeta")[0] == ("b.pdf", 1)


def test_every_page_of_two_collections_is_ranked_together(
    searcher: Searcher, add: AddDocument
) -> None:
    add("c", "a.pdf", ["alpha"])
    add("d", "b.pdf", ["beta"])
    result = searcher.search("beta", ["c", "d", "c"])
    assert [(hit.collection, hit.rank) for hit in result.hits] == [("d", 1), ("c", 2)]


def test_equal_scores_stand_in_the_order_of_ingest(searcher: Searcher, add: AddDocument) -> None:
    for name in ("z.pdf", "a.pdf", "m.pdf"):
        add("c", name, ["same words", "same words"])
    assert places(searcher, "same", k=4) == [
        ("z.pdf", 1), ("z.pdf", 2), ("a.pdf", 1), ("a.pdf", 2),
    ]  # fmt: skip


def test_what_a_filter_excludes_is_never_scored(searcher: Searcher, add: AddDocument) -> None:
    document = add("c", "a.pdf", ["alpha", "alpha beta", "alpha"])
    add("c", "b.pdf", ["alpha", "alpha"])
    by_name = SearchFilter(documents=("b.pdf",))
    assert set(places(searcher, "beta", filter=by_name)) == {("b.pdf", 1), ("b.pdf", 2)}
    by_id = SearchFilter(documents=(document,), page_range=(2, 99))
    assert set(places(searcher, "beta", filter=by_id)) == {("a.pdf", 2), ("a.pdf", 3)}
    assert places(searcher, "beta", filter=SearchFilter(page_range=(7, 9))) == []


def test_a_filter_on_an_unknown_document_says_so(searcher: Searcher, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha"])
    with pytest.raises(DocumentNotFound, match="documents list"):
        searcher.search("alpha", ["c"], filter=SearchFilter(documents=("b.pdf",)))


def test_a_filter_asks_the_collections_that_hold_its_document(
    searcher: Searcher, add: AddDocument
) -> None:
    add("c", "a.pdf", ["alpha"])
    add("d", "b.pdf", ["alpha"])
    only_b = SearchFilter(documents=("b.pdf",))
    hits = searcher.search("alpha", ["c", "d"], filter=only_b).hits
    assert [hit.document.name for hit in hits] == ["b.pdf"]
    with pytest.raises(DocumentNotFound, match="c, d"):
        searcher.search("alpha", ["c", "d"], filter=SearchFilter(documents=("b.pdf", "x.pdf")))


def test_a_deleted_document_is_absent_from_the_very_next_search(
    searcher: Searcher, stores: Stores, add: AddDocument
) -> None:
    document = add("c", "a.pdf", ["alpha"])
    add("c", "b.pdf", ["alpha"])
    assert len(places(searcher, "alpha")) == 2
    Stores.delete_document(stores, document)
    assert places(searcher, "alpha") == [("b.pdf", 1)]


def test_a_document_committed_by_someone_else_is_found_by_the_very_next_search(
    searcher: Searcher, add: AddDocument
) -> None:
    add("c", "a.pdf", ["alpha"])
    places(searcher, "alpha")
    add("c", "b.pdf", ["beta"])
    assert places(searcher, "beta")[0] == ("b.pdf", 1)


def test_a_page_without_vectors_is_never_a_hit(searcher: Searcher, add: AddDocument) -> None:
    add("c", "a.pdf", ["", "alpha"])
    assert places(searcher, "alpha", k=5) == [("a.pdf", 2)]


def test_an_empty_collection_has_no_hits(searcher: Searcher, stores: Stores) -> None:
    stores.catalog.collections.create("c", ENCODER.fingerprint)
    assert places(searcher, "alpha") == []


def test_a_hit_shows_the_words_it_was_found_by(searcher: Searcher, add: AddDocument) -> None:
    add("c", "a.pdf", ["first line here\nthe torque is high\nlast line"])
    (hit,) = searcher.search("torque", ["c"]).hits
    assert hit.snippet.startswith("the torque is high")
    x0, y0, x1, y1 = hit.evidence[0].box
    assert x1 - x0 < 0.1 and y1 - y0 < 0.05


def test_a_collection_of_another_encoder_is_refused(searcher: Searcher, stores: Stores) -> None:
    stores.catalog.collections.create("c", FakeEncoder(revision="2").fingerprint)
    with pytest.raises(EncoderMismatch, match="revision 2"):
        searcher.search("alpha", ["c"])


@pytest.mark.parametrize(
    ("query", "error"), [("", EmptyQuery), (" \n\t", EmptyQuery), ("x" * 101, QueryTooLong)]
)
def test_a_query_that_cannot_be_answered_is_refused(
    searcher: Searcher, query: str, error: type[InvalidQuery]
) -> None:
    with pytest.raises(error):
        searcher.search(query, ["c"])


@pytest.mark.parametrize("k", [0, -1, 21])
def test_k_has_its_limits(searcher: Searcher, k: int) -> None:
    with pytest.raises(InvalidQuery, match="between 1 and 20"):
        searcher.search("alpha", ["c"], k=k)


def test_no_collection_at_all_is_refused(searcher: Searcher) -> None:
    with pytest.raises(InvalidQuery, match="at least one"):
        searcher.search("alpha", [])
