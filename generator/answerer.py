"""A question in, a cited answer out, in one piece or as it is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol

from generator.answers import Answer, AnswerEvent, Citation, Cited, Done, PagesFound, Spent, Token
from generator.support import ReadPage
from indexer.catalog.catalog import Catalog
from indexer.pages import QueryEmbedding
from retriever.hits import PageHit, SearchFilter, SearchResult
from retriever.searcher import Searcher


class AnswerWriter(Protocol):
    """Turns pages that were read into an answer: by quoting them, or with a model."""

    def answer(
        self,
        question: str,
        query: QueryEmbedding,
        pages: Sequence[ReadPage],
        cancelled: Callable[[], bool],
    ) -> Iterator[Token | Cited | Spent]:
        """Token and Cited, and Spent last where it cost something.

        Without a Cited event nothing supports an answer. It ends early, without Spent, soon after
        `cancelled` turns true. Raises GeneratorError.
        """
        ...


class Answerer:
    """Answers questions over collections. Safe to use from several threads."""

    def __init__(self, searcher: Searcher, catalog: Catalog, writer: AnswerWriter) -> None:
        self._searcher = searcher
        self._catalog = catalog
        self._writer = writer

    def answer(
        self,
        question: str,
        collections: Sequence[str],
        k: int = 5,
        wanted: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
    ) -> Answer:
        """The whole answer, read from the `k` best pages. Raises what `Searcher.search` raises."""
        for event in self.stream(question, collections, k, wanted):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream ends with Done")

    def stream(
        self,
        question: str,
        collections: Sequence[str],
        k: int = 5,
        wanted: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Generator[AnswerEvent]:
        """PagesFound, then Token and Cited as the answer is written, last Done.

        The search is done when this returns: it raises what `Searcher.search` raises. The events
        raise GeneratorError, and end without Done soon after `cancelled` turns true.
        """
        began = time.perf_counter()
        result = self._searcher.search(question, collections, k, wanted)
        return self._events(began, result, cancelled)

    def _events(
        self, began: float, result: SearchResult, cancelled: Callable[[], bool]
    ) -> Generator[AnswerEvent]:
        yield PagesFound(result.hits)
        text: list[str] = []
        citations: list[Citation] = []
        usage: dict[str, float] = {}
        pages = self._read(result.hits)
        for event in self._writer.answer(result.query, result.embedding, pages, cancelled):
            match event:
                case Token(piece):
                    text.append(piece)
                case Cited(citation):
                    citations.append(citation)
                case Spent(figures):
                    usage |= figures
                    continue
            yield event
        if cancelled():
            return
        yield Done(
            Answer(
                question=result.query,
                answer="".join(text),
                grounded=bool(citations),
                citations=tuple(citations),
                pages=result.hits,
                usage=usage
                | {
                    "pages": len(result.hits),
                    "search_ms": result.timing_ms["total"],
                    "total_ms": round((time.perf_counter() - began) * 1e3, 2),
                },
            )
        )

    def _read(self, hits: Sequence[PageHit]) -> list[ReadPage]:
        """The hits with their words and vectors; a page that was deleted since the search is left out."""
        words = self._catalog.words([hit.page.id for hit in hits])
        pages = []
        for hit in hits:
            embedding = self._searcher.page_embedding(hit.collection, hit.page.id)
            if embedding is not None and hit.page.id in words:
                pages.append(ReadPage(hit, words[hit.page.id], embedding))
        return pages
