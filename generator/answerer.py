"""A question in, a cited answer out, in one piece or as it is written."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from generator.answers import Answer, AnswerEvent, Citation, Cited, Done, PagesFound, Token
from generator.errors import GeneratorUnavailable
from generator.extractive import ExtractiveModel
from generator.settings import GeneratorSettings
from generator.support import ReadPage
from indexer.catalog.catalog import Catalog
from retriever.hits import PageHit, SearchFilter, SearchResult
from retriever.searcher import Searcher

GENERATORS = ("extractive",)


class Answerer:
    """Answers questions over collections. Safe to use from several threads."""

    def __init__(self, searcher: Searcher, catalog: Catalog, settings: GeneratorSettings) -> None:
        """Raises GeneratorUnavailable."""
        if settings.generator not in GENERATORS:
            raise GeneratorUnavailable(
                f"no generator is called {settings.generator!r}: set PAGESIGHT_GENERATOR to one of "
                f"{', '.join(GENERATORS)}"
            )
        self._searcher = searcher
        self._catalog = catalog
        self._model = ExtractiveModel(settings.min_support, settings.max_quotations)

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
    ) -> Iterator[AnswerEvent]:
        """PagesFound, then Token and Cited as the answer is written, last Done.

        The search is done when this returns: it raises what `Searcher.search` raises.
        """
        began = time.perf_counter()
        return self._events(began, self._searcher.search(question, collections, k, wanted))

    def _events(self, began: float, result: SearchResult) -> Iterator[AnswerEvent]:
        yield PagesFound(result.hits)
        text: list[str] = []
        citations: list[Citation] = []
        for event in self._model.answer(
            result.query, result.embedding, self._read(result.hits)
        ):
            match event:
                case Token(piece):
                    text.append(piece)
                case Cited(citation):
                    citations.append(citation)
            yield event
        yield Done(
            Answer(
                question=result.query,
                answer="".join(text),
                grounded=bool(citations),
                citations=tuple(citations),
                pages=result.hits,
                usage={
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
