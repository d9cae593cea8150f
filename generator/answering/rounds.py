"""Writes an answer in rounds: a model looks again first, and searches anew where pages do not answer."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

from generator.answering.answer_so_far import AnswerSoFar
from generator.answering.answers import EvidenceMissing, StepTaken, Token, WriterEvent
from generator.answering.extractive_writer import not_found
from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.finding.rewriting import search_again
from generator.answering.looking.loop import LookingBudget, look_again
from generator.answering.looking.page_tools import PageTools
from generator.answering.writer import AnswerWriter, WritingRequest
from retriever.hits import SearchResult


class WritingRounds:
    """One answer under way.

    request, result  what it is written from by now, and what was searched for that
    """

    def __init__(
        self,
        writer: AnswerWriter,
        finder: PageFinder,
        search: PageSearch,
        request: WritingRequest,
        result: SearchResult,
        so_far: AnswerSoFar,
    ) -> None:
        self._writer = writer
        self._finder = finder
        self._search = search
        self._so_far = so_far
        self.request = request
        self.result = result

    def events(
        self,
        looking: LookingBudget,
        tools: PageTools,
        n_rewritten: int,
        is_cancelled: Callable[[], bool],
    ) -> Generator[WriterEvent]:
        """Yield what is said and done, with at most `n_rewritten` searches anew. Raises BackendError."""
        self.request = replace(self.request, is_cancelled=is_cancelled)
        if looking.steps and self.request.pages and self.request.json_schema is None:
            self.request = yield from look_again(
                self._writer, self.request, tools, looking, self._so_far
            )
            hits = tuple(page.hit for page in self.request.pages)
            self.result = replace(self.result, hits=hits)
        for n_left in range(n_rewritten, -1, -1):
            is_missing = yield from self._round(is_last=n_left == 0)
            if is_cancelled() or not is_missing or not n_left:
                return
            again = search_again(
                self._writer, self._finder, self.request, self.result, self._search, self._so_far
            )
            if again is None:
                yield Token(not_found(self.request.pages))
                return
            self.request, self.result = again
            yield StepTaken("search", self.request.searched_question)

    def _round(self, *, is_last: bool) -> Generator[WriterEvent, None, bool]:
        """Yield one writing; return whether the pages lack the evidence. Only the last round says so."""
        is_missing = False
        for event in self._writer.write(self.request):
            is_missing |= isinstance(event, EvidenceMissing)
            if not (is_missing and isinstance(event, Token)) or is_last:
                yield event
        return is_missing
