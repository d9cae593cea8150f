"""A question in, a cited answer out, in one piece or as it is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from generator.answering.answer_form import AnswerForm
from generator.answering.answer_so_far import AnswerSoFar, told_while_written
from generator.answering.answers import (
    Answer,
    AnswerDone,
    AnswerEvent,
    AnswerUsage,
    OnStopped,
    PagesFound,
    Token,
    WriterEvent,
)
from generator.answering.conversation_context import ConversationContext, search_text
from generator.answering.finding.page_choice import ReadingPlan
from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.finding.part_questions import with_parts
from generator.answering.finding.whole_documents import WholeDocuments
from generator.answering.inert_text import InertText
from generator.answering.looking.loop import LookingBudget
from generator.answering.looking.page_tools import RegionImage
from generator.answering.refusals import not_found
from generator.answering.rounds import Reading, Rounds
from generator.answering.structured.field_filling import fill_fields, question_for
from generator.answering.structured.row_schema import ListField, read_row_schema
from generator.answering.structured.schema_fields import Schema, SchemaField, check_schema
from generator.answering.structured.table_filling import FilledList, TableFiller
from generator.answering.talk.document_lists import asks_for_documents, documents_in_words
from generator.answering.talk.small_talk import NO_WRITER, asks_for_writing, small_talk_reply
from generator.answering.talk.user_words import question_within
from generator.answering.writer import AnswerWriter, WritingRequest
from generator.errors import NeedsModel
from indexer.catalog.catalog import Catalog
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher

MIN_SUPPORT = 0.5  # as AnswerSettings.min_support


def _forget(_: Answer) -> None:
    """Keep nothing of an answer that is stopped."""


class Answerer:
    """Answers questions over collections. Safe to use from several threads."""

    def __init__(
        self,
        searcher: Searcher,
        catalog: Catalog,
        writer: AnswerWriter,
        plan: ReadingPlan = ReadingPlan(),  # noqa: B008 - frozen
        looking: LookingBudget = LookingBudget(),  # noqa: B008 - frozen
        region_image: RegionImage | None = None,
        min_support: float = MIN_SUPPORT,
    ) -> None:
        """`plan` says how pages are come by where a model writes; quotations are of the `k` best.

        looking       what a model may use up for looking again before it writes
        region_image  draws parts of pages for a model that sees
        min_support   least support of the rows of a table that fill a list, 0..1
        """
        self._searcher = searcher
        self._catalog = catalog
        self._writer = writer
        self._min_support = min_support
        if not writer.writes_json:
            plan, looking = ReadingPlan(), LookingBudget()
        self._finder = PageFinder(searcher, catalog, plan)
        self._rounds = Rounds(writer, self._finder, plan, looking, region_image)

    @property
    def writes_json(self) -> bool:
        """Whether a model answers that follows a JSON schema by itself."""
        return self._writer.writes_json

    def answer(
        self,
        question: str,
        collections: Sequence[str],
        k: int = 5,
        filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
    ) -> Answer:
        """Return the whole answer, read from the `k` best pages. Raises what `stream` raises."""
        for event in self.stream(question, collections, k, filter):
            if isinstance(event, AnswerDone):
                return event.answer
        raise AssertionError("a stream ends with AnswerDone")

    def stream(
        self,
        question: str,
        collections: Sequence[str],
        k: int = 5,
        filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        is_cancelled: Callable[[], bool] = lambda: False,
        conversation: ConversationContext = ConversationContext(),  # noqa: B008 - frozen
        form: AnswerForm = AnswerForm(),  # noqa: B008 - frozen
        on_stopped: OnStopped = _forget,
    ) -> Generator[AnswerEvent]:
        """Yield PagesFound, then Token and CitationAdded as the answer is written, last AnswerDone.

        With a schema in `form` the text is JSON, whole; raises InvalidSchema for one that cannot be followed.

        The search is done when this returns: it raises what `Searcher.search` raises. The events
        raise GeneratorError, and end without AnswerDone soon after `is_cancelled` turns true. Then, and when
        they are closed, `on_stopped` is called with what was told until then, and checked.
        """
        schema = form.json_schema
        if schema is not None:
            check_schema(schema)
        elif conversation.image is None and (reply := self._reply(question, collections)):
            return _small_talk(question, reply)
        question = self._searchable(question)
        if form.whole:
            search = PageSearch(collections, k, filter)
            return self._read_whole(question, search, is_cancelled, on_stopped)
        if schema is not None and not self._writer.writes_json:
            search = PageSearch(collections, k, filter)
            return self._fill(question, conversation, schema, search, is_cancelled)
        return self._ask(
            question, collections, k, filter, is_cancelled, conversation, form, on_stopped
        )

    def _fill(
        self,
        question: str,
        conversation: ConversationContext,
        schema: Schema,
        search: PageSearch,
        is_cancelled: Callable[[], bool],
    ) -> Generator[AnswerEvent]:
        base_question = search_text(question, conversation)
        row_schema = read_row_schema(schema)
        n_parts = len(row_schema.fields) + len(row_schema.lists)
        filler = TableFiller(self._finder, self._min_support)

        def ask(field: SchemaField) -> Generator[AnswerEvent]:
            text = question_for(field, base_question, n_parts)
            where = (search.collections, search.k, search.filter)
            return self._ask(text, *where, is_cancelled, may_have_parts=False)

        def fill_list(field: ListField) -> FilledList:
            return filler.fill(field, base_question, search)

        return fill_fields(question, row_schema, ask, fill_list, is_cancelled)

    def _read_whole(
        self,
        question: str,
        search: PageSearch,
        is_cancelled: Callable[[], bool],
        on_stopped: OnStopped,
    ) -> Generator[AnswerEvent]:
        if not self._writer.writes_json:
            raise NeedsModel("whole documents are read by a model: set PAGESIGHT_GENERATOR to one")
        whole = WholeDocuments(self._searcher, self._catalog, self._writer)
        return whole.stream(question, search, is_cancelled, on_stopped)

    def _ask(
        self,
        question: str,
        collections: Sequence[str],
        k: int,
        filter: SearchFilter,
        is_cancelled: Callable[[], bool],
        conversation: ConversationContext = ConversationContext(),  # noqa: B008 - frozen
        form: AnswerForm = AnswerForm(),  # noqa: B008 - frozen
        on_stopped: OnStopped = _forget,
        *,
        may_have_parts: bool = True,
    ) -> Generator[AnswerEvent]:
        """Search, and return the events of the answer."""
        began = time.perf_counter()
        query = search_text(question, conversation)
        search = PageSearch(collections, k, filter, conversation.image)
        result, pages = self._finder.find(query, search)
        request = WritingRequest(
            question=question,
            query=result.embedding,
            pages=pages,
            is_cancelled=is_cancelled,
            history=conversation.history,
            client_instructions=conversation.client_instructions,
            searched_question=query,
            json_schema=form.json_schema,
            wishes=form.wishes,
            encode=lambda texts: self._searcher.encode(collections, texts),
        )
        if may_have_parts and not self._writer.writes_json and conversation.image is None:
            request, result = with_parts(request, result, self._finder, search)
        return self._events(began, Reading(request, result), search, on_stopped)

    @property
    def writes_markdown(self) -> bool:
        """Say whether the text of its answers may be Markdown."""
        return self._writer.writes_markdown

    def unavailable_reason(self) -> str:
        """Say in one line what would keep it from answering now; empty when nothing is known to."""
        return self._writer.unavailable_reason()

    def side_task(
        self, task: str, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Generator[AnswerEvent]:
        """Yield Token, last AnswerDone: what a chat program wants beside the answers. No page is searched.

        Raises GeneratorError; ends without AnswerDone soon after `is_cancelled` turns true.
        """
        text: list[str] = []
        usage: dict[str, float] = {}
        inert_text = InertText()
        for event in self._writer.side_task(task, is_cancelled):
            if isinstance(event, AnswerUsage):
                usage = event.figures()
                continue
            piece = inert_text.feed(event.text)
            text.append(piece)
            yield Token(piece)
        if not is_cancelled():
            yield AnswerDone(Answer(task, "".join(text), False, (), (), usage))

    def _events(
        self, began: float, reading: Reading, search: PageSearch, on_stopped: OnStopped
    ) -> Generator[AnswerEvent]:
        so_far = AnswerSoFar()
        request, hits = reading.request, reading.result.hits
        question, searched_question = request.question, request.searched_question

        def stop() -> None:
            latest_question = reading.request.searched_question  # another one after a search anew
            partial_answer = so_far.stopped_answer(
                question, latest_question, reading.result, is_markdown=self.writes_markdown
            )
            on_stopped(partial_answer)

        def write(is_cancelled: Callable[[], bool]) -> Iterator[WriterEvent]:
            return self._rounds.write(reading, search, so_far, is_cancelled)

        pages = PagesFound(hits, reading.result.query, searched_question)
        is_whole = yield from told_while_written(pages, write, so_far, request.is_cancelled, stop)
        if not is_whole:
            return
        result = reading.result
        figures = {
            "pages": len(result.hits),
            "search_ms": result.timing_ms["total"],
            "total_ms": round((time.perf_counter() - began) * 1e3, 2),
        }
        answer = so_far.whole(question, reading.request.searched_question, result, figures)
        if request.json_schema is not None and answer.data is None:
            answer = replace(answer, refusal=not_found([]))
        yield AnswerDone(answer)

    def _reply(self, message: str, collections: Sequence[str]) -> str:
        """Return what to say without a search; empty where the message is a question about pages."""
        if asks_for_documents(message):
            return documents_in_words(self._catalog, collections)
        if not self._writer.writes_json and asks_for_writing(message):
            return NO_WRITER
        return small_talk_reply(message)

    def _searchable(self, text: str) -> str:
        """Return the text, or the question in it where it is too long to be searched as a whole."""
        limit = self._searcher.max_query_characters
        return text if len(text) <= limit else question_within(text, limit) or text


def _small_talk(question: str, reply: str) -> Generator[AnswerEvent]:
    """Yield the events of a reply to what asks nothing: no page was searched."""
    yield PagesFound(())
    yield Token(reply)
    yield AnswerDone(Answer(question, reply, False, (), (), {}))
