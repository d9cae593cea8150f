"""A question in, a cited answer out, in one piece or as it is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol

from generator.answering.answers import (
    Answer,
    AnswerEvent,
    Citation,
    Cited,
    Done,
    PagesFound,
    Spent,
    Token,
)
from generator.answering.conversation_context import ConversationContext, search_text
from generator.passages.support import ReadPage
from generator.prompts import Turn
from indexer.base.pages import PageEmbedding, QueryEmbedding
from indexer.catalog.catalog import Catalog
from retriever.hits import PageHit, SearchResult
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher


class AnswerWriter(Protocol):
    """Turns pages that were read into an answer: by quoting them, or with a model."""

    def answer(
        self,
        question: str,
        query: QueryEmbedding,
        pages: Sequence[ReadPage],
        cancelled: Callable[[], bool],
        history: Sequence[Turn],
        wishes: str,
    ) -> Iterator[Token | Cited | Spent]:
        """Token and Cited, and Spent last where it cost something.

        Without a Cited event nothing supports an answer. It ends early, without Spent, soon after
        `cancelled` turns true. Raises GeneratorError.

        history  earlier turns of the same talk, oldest first
        wishes   what the client asks of every answer; it never loosens the rules of citing
        """
        ...

    def trouble(self) -> str:
        """What would keep it from answering now, in one line; empty when nothing is known to."""
        ...

    def side_task(self, task: str, cancelled: Callable[[], bool]) -> Iterator[Token | Spent]:
        """What a chat program wants beside the answers, such as a title. Raises GeneratorError."""
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
        talk: ConversationContext = ConversationContext(),  # noqa: B008 - frozen
    ) -> Generator[AnswerEvent]:
        """PagesFound, then Token and Cited as the answer is written, last Done.

        The search is done when this returns: it raises what `Searcher.search` raises. The events
        raise GeneratorError, and end without Done soon after `cancelled` turns true.
        """
        began = time.perf_counter()
        searched = search_text(question, talk)
        result = self._searcher.search(searched, collections, k, wanted, image=talk.image)
        return self._events(began, question, result, cancelled, talk)

    def unavailable_reason(self) -> str:
        """What would keep questions from being answered now, in one line; empty when nothing is known to."""
        return self._writer.trouble()

    def side_task(
        self, task: str, cancelled: Callable[[], bool] = lambda: False
    ) -> Generator[AnswerEvent]:
        """Token, last Done: what a chat program wants beside the answers. No page is searched.

        Raises GeneratorError; ends without Done soon after `cancelled` turns true.
        """
        text: list[str] = []
        usage: dict[str, float] = {}
        for event in self._writer.side_task(task, cancelled):
            if isinstance(event, Spent):
                usage |= event.figures
                continue
            text.append(event.text)
            yield event
        if not cancelled():
            yield Done(Answer(task, "".join(text), False, (), (), usage))

    def _events(
        self,
        began: float,
        question: str,
        result: SearchResult,
        cancelled: Callable[[], bool],
        talk: ConversationContext,
    ) -> Generator[AnswerEvent]:
        yield PagesFound(result.hits, result.query)
        text: list[str] = []
        citations: list[Citation] = []
        usage: dict[str, float] = {}
        pages = self._read(result.hits)
        written = self._writer.answer(
            question, result.embedding, pages, cancelled, talk.history, talk.wishes
        )
        for event in written:
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
                question=question,
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
        words = self._catalog.pages.words([hit.page.id for hit in hits])
        embeddings: dict[int, PageEmbedding] = {}
        for name in {hit.collection for hit in hits}:
            ids = [hit.page.id for hit in hits if hit.collection == name]
            embeddings |= self._searcher.page_embeddings(name, ids)
        return [
            ReadPage(hit, words[hit.page.id], embeddings[hit.page.id])
            for hit in hits
            if hit.page.id in embeddings and hit.page.id in words
        ]
