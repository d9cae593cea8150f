"""Writes an answer in rounds: a model looks again before it writes, and pages are searched anew after it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from generator.answering.answer_so_far import AnswerSoFar
from generator.answering.answers import EvidenceMissing, Token, WriterEvent
from generator.answering.finding.page_choice import ReadingPlan
from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.finding.rewriting import search_again
from generator.answering.looking.loop import NO_MORE_FITS, LookingBudget, look_again
from generator.answering.looking.page_tools import PageTools, RegionImage
from generator.answering.refusals import not_found
from generator.answering.steps import StepTaken
from generator.answering.writer import AnswerWriter, WritingRequest
from generator.errors import PromptTooDear, PromptTooLong
from retriever.hits import SearchResult


@dataclass(slots=True)
class Reading:
    """What an answer is written from; both change from round to round."""

    request: WritingRequest
    result: SearchResult


class Rounds:
    """Lets `writer` write, with the rounds that plan and budget allow."""

    def __init__(
        self,
        writer: AnswerWriter,
        finder: PageFinder,
        plan: ReadingPlan,
        looking: LookingBudget,
        region_image: RegionImage | None,
    ) -> None:
        self._writer = writer
        self._finder = finder
        self._max_cost = plan.max_cost
        self._n_rewritten = plan.rewritten_searches
        self._looking = looking
        self._region_image = region_image

    def write(
        self,
        reading: Reading,
        search: PageSearch,
        so_far: AnswerSoFar,
        is_cancelled: Callable[[], bool],
    ) -> Generator[WriterEvent]:
        """Yield the events of the answer; `reading` is then what it was written from.

        Raises GeneratorError, and what a search raises.
        """
        reading.request = replace(reading.request, is_cancelled=is_cancelled)
        before_looking = replace(reading)
        if self._looking.steps and reading.request.pages and reading.request.json_schema is None:
            yield from self._look_again(reading, search, so_far)
        is_missing = yield from self._first_round(reading, before_looking)
        for n_left in range(self._n_rewritten - 1, -1, -1):
            if is_cancelled() or not is_missing:
                return
            again = self._search_again(reading, search, so_far)
            if again is None:
                yield Token(not_found(reading.request.pages))
                return
            read_before = replace(reading)
            reading.request, reading.result = again
            yield StepTaken("search", reading.request.searched_question)
            try:
                is_missing = yield from self._write_round(reading.request, may_search=n_left > 0)
            except (PromptTooDear, PromptTooLong):  # what was read before lacks it
                reading.request, reading.result = read_before.request, read_before.result
                yield StepTaken("limit", NO_MORE_FITS)
                yield Token(not_found(reading.request.pages))
                return

    def _look_again(
        self, reading: Reading, search: PageSearch, so_far: AnswerSoFar
    ) -> Generator[WriterEvent]:
        tools = PageTools(self._finder, search, self._region_image)
        reading.request = yield from look_again(
            self._writer, reading.request, tools, self._looking, so_far
        )
        hits = tuple(page.hit for page in reading.request.pages)
        reading.result = replace(reading.result, hits=hits)

    def _first_round(
        self, reading: Reading, before_looking: Reading
    ) -> Generator[WriterEvent, None, bool]:
        """Write from what the model has looked at; where that is too much, from what there was before."""
        may_search = self._n_rewritten > 0
        try:
            return (yield from self._write_round(reading.request, may_search=may_search))
        except (PromptTooDear, PromptTooLong):
            if reading.request is before_looking.request:
                raise
        yield StepTaken("limit", NO_MORE_FITS)
        reading.request, reading.result = before_looking.request, before_looking.result
        return (yield from self._write_round(reading.request, may_search=may_search))

    def _search_again(
        self, reading: Reading, search: PageSearch, so_far: AnswerSoFar
    ) -> tuple[WritingRequest, SearchResult] | None:
        if self._max_cost is not None and so_far.cost >= self._max_cost:
            return None
        return search_again(
            self._writer, self._finder, reading.request, reading.result, search, so_far
        )

    def _write_round(
        self, request: WritingRequest, *, may_search: bool
    ) -> Generator[WriterEvent, None, bool]:
        """Yield the events of one round; return whether the model says that evidence is missing."""
        is_missing = False
        for event in self._writer.write(request):
            is_missing |= isinstance(event, EvidenceMissing)
            if is_missing and may_search and isinstance(event, Token):
                continue  # that nothing was found is said at the end
            yield event
        return is_missing
