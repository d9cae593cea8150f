"""Search, then quote: the order of the events and what the whole answer says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from generator.answering.answerer import Answerer
from generator.answering.answers import AnswerDone, AnswerEvent, CitationAdded, PagesFound, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.passages.support import ReadPage
from generator.settings import GeneratorSettings
from indexer.base.errors import CollectionNotFound
from indexer.base.pages import PageEmbedding, PageWords
from indexer.catalog.document_records import Page
from indexer.encoders.base import EncoderFingerprint
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from tests.support.typed_pages import ENCODER, read_page, typed

PAGES = [
    read_page(typed("The bolts of the suction flange are tightened to 95 Nm."), 1),
    read_page(typed("The motor is lifted by a crane with two ropes."), 2),
]
QUESTION = "How tight are the bolts of the suction flange?"


class Shelf:
    """A searcher and a catalog that hold given pages and find all of them, in order."""

    max_query_characters = 4000

    def __init__(self, pages: Sequence[ReadPage], deleted: Sequence[int] = ()) -> None:
        self.pages = {page.hit.page.id: page for page in pages}
        self.deleted = set(deleted)
        self.asked: list[tuple[Any, ...]] = []
        self.images: list[Any] = []

    def search(
        self,
        query: str,
        collections: Sequence[str],
        k: int,
        filter: SearchFilter,
        image: Any = None,
    ) -> SearchResult:
        self.asked.append((query, tuple(collections), k, filter))
        self.images.append(image)
        if "manuals" not in collections:
            raise CollectionNotFound("no such collection")
        hits = tuple(page.hit for page in self.pages.values())
        return SearchResult(query, ENCODER.encode_queries([query])[0], hits, {"total": 1.5})

    def page_embeddings(
        self, collection: str, page_ids: Sequence[int], fingerprint: EncoderFingerprint
    ) -> dict[int, PageEmbedding]:
        return {i: self.pages[i].embedding for i in page_ids if i not in self.deleted}

    def words(self, page_ids: Sequence[int]) -> dict[int, PageWords]:
        return {i: self.pages[i].words for i in page_ids if i not in self.deleted}

    def of_document(self, document_id: str, *, after: int, limit: int) -> list[Page]:
        own = [page.hit.page for page in self.pages.values() if page.hit.document.id == document_id]
        return [page for page in own if page.page_number > after][:limit]


def answerer(shelf: Shelf, **settings: Any) -> Answerer:
    held: Any = shelf
    catalog: Any = SimpleNamespace(pages=shelf)
    chosen = GeneratorSettings(**settings)
    return Answerer(held, catalog, ExtractiveWriter(chosen.min_support, chosen.max_quotations))


@pytest.fixture
def streamed() -> Callable[..., list[AnswerEvent]]:
    def stream(**settings: Any) -> list[AnswerEvent]:
        return list(answerer(Shelf(PAGES), **settings).stream(QUESTION, ["manuals"]))

    return stream


def test_pages_come_first_and_the_whole_answer_last(
    streamed: Callable[..., list[AnswerEvent]],
) -> None:
    first, *between, last = streamed()
    assert isinstance(first, PagesFound)
    assert isinstance(last, AnswerDone)
    assert {type(event) for event in between} == {Token, CitationAdded}
    assert first.pages == last.answer.pages


def test_the_pieces_joined_are_the_answer(streamed: Callable[..., list[AnswerEvent]]) -> None:
    events = streamed()
    done = events[-1]
    assert isinstance(done, AnswerDone)
    assert done.answer.answer == "".join(e.text for e in events if isinstance(e, Token))
    assert done.answer.citations == tuple(
        e.citation for e in events if isinstance(e, CitationAdded)
    )


def test_a_supported_answer_is_grounded_and_cites_its_page() -> None:
    answer = answerer(Shelf(PAGES)).answer(QUESTION, ["manuals"])
    assert answer.grounded
    assert answer.citations[0].page_id == PAGES[0].hit.page.id
    assert answer.citations[0].quote in answer.answer
    assert answer.usage["pages"] == 2
    assert answer.usage["search_ms"] == 1.5
    assert answer.usage["total_ms"] >= 0


def test_an_unsupported_answer_is_not_grounded_and_gives_the_nearest_pages() -> None:
    answer = answerer(Shelf(PAGES)).answer("Who painted the lighthouse of Northmere?", ["manuals"])
    assert not answer.grounded
    assert answer.citations == ()
    assert answer.pages == tuple(page.hit for page in PAGES)
    assert answer.answer == (
        "Not found: none of these pages names Northmere. The nearest is page 1 of a.pdf."
    )
    assert answer.missing_words == ("Northmere",)


def test_the_search_is_asked_as_the_caller_asked() -> None:
    shelf = Shelf(PAGES)
    wanted = SearchFilter(("a.pdf",), (1, 2))
    answerer(shelf).answer(QUESTION, ["manuals"], 2, wanted)
    assert shelf.asked == [(QUESTION, ("manuals",), 2, wanted)]


def test_a_search_that_cannot_be_done_fails_before_the_first_event() -> None:
    with pytest.raises(CollectionNotFound):
        answerer(Shelf(PAGES)).stream(QUESTION, ["no-such"])


def test_a_page_deleted_since_the_search_is_not_quoted() -> None:
    shelf = Shelf(PAGES, deleted=[PAGES[0].hit.page.id])
    answer = answerer(shelf, min_support=0.0).answer(QUESTION, ["manuals"])
    assert {citation.page_id for citation in answer.citations} == {PAGES[1].hit.page.id}


def test_an_empty_collection_is_answered_not_found() -> None:
    answer = answerer(Shelf([])).answer(QUESTION, ["manuals"])
    assert not answer.grounded
    assert answer.answer == "Not found: there is no page to read."
