"""Answers over every page of documents: a model notes what each part says, then answers from that."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from generator.answering.answer_so_far import AnswerSoFar, told_while_written
from generator.answering.answers import (
    AnswerDone,
    AnswerEvent,
    AnswerUsage,
    CitationAdded,
    EvidenceMissing,
    OnStopped,
    PagesFound,
    Token,
    WriterEvent,
)
from generator.answering.citations import MarkerReader
from generator.answering.finding.page_finder import PageSearch
from generator.answering.page_reading import read_pages
from generator.answering.refusals import not_found
from generator.answering.steps import StepTaken
from generator.answering.writer import AnswerWriter, WritingRequest
from generator.passages.support import ReadPage
from indexer.catalog.catalog import Catalog
from retriever.errors import InvalidQuery
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.searcher import Searcher

MAX_PAGES = 1000
_MAX_NOTED_PAGES = 12  # that the answer is written from, those with most support
_PROMPT_TOKENS = 400  # of rules and question
_CHARACTERS_OF_TOKEN = 4
_NOTE = "Note everything on these pages that bears on this question, in short sentences: "


@dataclass(frozen=True, slots=True, eq=False)
class _Note:
    """What a part of the pages says, with the pages that prove it and how well they do."""

    text: str
    pages: tuple[tuple[float, ReadPage], ...]


class WholeDocuments:
    """Reads all pages that a filter allows, `k` in a prompt."""

    def __init__(self, searcher: Searcher, catalog: Catalog, writer: AnswerWriter) -> None:
        self._searcher = searcher
        self._catalog = catalog
        self._writer = writer

    def stream(
        self,
        question: str,
        search: PageSearch,
        is_cancelled: Callable[[], bool],
        on_stopped: OnStopped,
    ) -> Generator[AnswerEvent]:
        """Yield what it will take as the first step, a step for each part, then the answer.

        `on_stopped` is called as by `Answerer.stream`, once the answer is being written.

        Raises InvalidQuery where there are more than MAX_PAGES pages, and what a search raises.
        """
        page_ids = self._page_ids(search.collections, search.filter)
        if len(page_ids) > MAX_PAGES:
            raise InvalidQuery(
                f"these are {len(page_ids)} pages, and at most {MAX_PAGES} are read whole: name "
                "documents or pages"
            )
        parts = [
            tuple(page_ids[start : start + search.k]) for start in range(0, len(page_ids), search.k)
        ]
        cost = StepTaken("cost", self._cost(page_ids, len(parts)))
        return self._events(question, search, parts, is_cancelled, on_stopped, cost)

    def _page_ids(self, collections: Sequence[str], filter: SearchFilter) -> list[int]:
        """Return the pages by the names of their documents."""
        snapshots = [self._catalog.snapshot(name) for name in collections]
        ranges = [
            (document.name, int(start), int(stop))
            for scope in page_scopes(snapshots, filter)
            for start, stop, document in zip(
                scope.starts, scope.stops, scope.documents, strict=True
            )
        ]
        return [page_id for _, start, stop in sorted(ranges) for page_id in range(start, stop)]

    def _cost(self, page_ids: Sequence[int], n_parts: int) -> str:
        words = self._catalog.pages.words(page_ids)
        n_characters = sum(page.n_characters + len(page) for page in words.values())
        n_tokens = n_characters // _CHARACTERS_OF_TOKEN + (n_parts + 1) * _PROMPT_TOKENS
        return (
            f"{len(page_ids)} pages in {n_parts} parts, {n_parts + 1} prompts, about {n_tokens:,} "
            "tokens of text"
        )

    def _events(
        self,
        question: str,
        search: PageSearch,
        parts: Sequence[tuple[int, ...]],
        is_cancelled: Callable[[], bool],
        on_stopped: OnStopped,
        cost: StepTaken,
    ) -> Generator[AnswerEvent]:
        began = time.perf_counter()
        so_far, writer = AnswerSoFar(), self._writer
        yield PagesFound((), question, question)
        so_far.note(cost)
        yield cost
        notes: list[_Note] = []
        result: SearchResult | None = None
        for n, part in enumerate(parts, start=1):
            if is_cancelled():
                return
            only = replace(search.filter, page_ids=frozenset(part))
            result = self._searcher.search(question, search.collections, len(part), only)
            pages = read_pages(result.hits, self._catalog, self._searcher)
            request = WritingRequest(f"{_NOTE}{question}", result.embedding, pages, is_cancelled)
            note = self._note(request, so_far)
            notes += [note] if note is not None else []
            step = StepTaken("note", f"part {n} of {len(parts)}")
            so_far.note(step)
            yield step
        if result is None or is_cancelled():
            return
        pages = _noted_pages(notes)
        result = replace(result, query=question, hits=tuple(page.hit for page in pages))
        text = "\n".join(f"- {note.text}" for note in notes)
        noted_question = (
            f"{question}\n\nNotes from reading all pages, to be checked on these:\n{text}"
        )
        request = WritingRequest(noted_question, result.embedding, pages)

        def write(is_over: Callable[[], bool]) -> Iterator[WriterEvent]:
            if not pages:
                return iter([Token(not_found([]))])
            return writer.write(replace(request, is_cancelled=is_over))

        def stop() -> None:
            is_markdown = writer.writes_markdown
            on_stopped(so_far.stopped_answer(question, question, result, is_markdown=is_markdown))

        pages_found = PagesFound(result.hits, question, question)
        is_whole = yield from told_while_written(pages_found, write, so_far, is_cancelled, stop)
        if not is_whole:
            return
        total_ms = round((time.perf_counter() - began) * 1e3, 2)
        figures = {"pages": sum(map(len, parts)), "prompts": len(parts) + 1, "total_ms": total_ms}
        yield AnswerDone(so_far.whole(question, question, result, figures))

    def _note(self, request: WritingRequest, so_far: AnswerSoFar) -> _Note | None:
        """Let the model note what a part says; None where it says nothing that a page proves."""
        text, supports = "", dict[int, float]()
        for event in self._writer.write(request):
            match event:
                case EvidenceMissing():
                    supports.clear()
                case Token(piece):
                    text += piece
                case CitationAdded(citation) if citation.supported:
                    support = supports.get(citation.page_id, 0.0)
                    supports[citation.page_id] = max(support, citation.support)
                case AnswerUsage():
                    so_far.spend(event.figures())
        pages = tuple(
            (supports[page.hit.page.id], page)
            for page in request.pages
            if page.hit.page.id in supports
        )
        names = ", ".join(f"{page.hit.document.name}, {page.hit.page.name}" for _, page in pages)
        parts = MarkerReader().feed(" ".join(text.split()) + "\n")
        plain_text = "".join(part for part in parts if isinstance(part, str)).strip()
        return _Note(f"{plain_text} ({names})", pages) if pages else None


def _noted_pages(notes: Sequence[_Note]) -> list[ReadPage]:
    """Return the pages with most support, in the order of the notes."""
    pages = [pair for note in notes for pair in note.pages]
    least_support = sorted((support for support, _ in pages), reverse=True)[:_MAX_NOTED_PAGES][-1:]
    return [page for support, page in pages if support >= least_support[0]][:_MAX_NOTED_PAGES]
