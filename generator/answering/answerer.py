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
    PagesFound,
    Token,
    WriterEvent,
)
from generator.answering.conversation_context import ConversationContext, search_text
from generator.answering.inert_text import InertText
from generator.answering.page_reading import read_pages
from generator.answering.structured.field_filling import fill_fields, question_for
from generator.answering.structured.schema_fields import SchemaField, check_schema, fields_of
from generator.answering.talk.document_lists import asks_for_documents, documents_in_words
from generator.answering.talk.small_talk import small_talk_reply
from generator.answering.talk.user_words import question_within
from generator.answering.writer import AnswerWriter, WritingRequest
from indexer.catalog.catalog import Catalog
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher

OnStopped = Callable[[Answer], None]

_NO_PAGES = "Not found: no page could be read."


def _forget(_: Answer) -> None:
    """Keep nothing of an answer that is stopped."""


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
        if schema is not None and not self._writer.writes_json:
            base_question = search_text(question, conversation)
            fields = fields_of(schema)

            def ask(schema_field: SchemaField) -> Generator[AnswerEvent]:
                text = question_for(schema_field, base_question, len(fields))
                return self._ask(text, collections, k, filter, is_cancelled)

            return fill_fields(question, schema, fields, ask(fields[0]), ask, is_cancelled)
        return self._ask(
            question, collections, k, filter, is_cancelled, conversation, form, on_stopped
        )

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
    ) -> Generator[AnswerEvent]:
        """Search, and return the events of the answer."""
        began = time.perf_counter()
        query = search_text(question, conversation)
        result = self._searcher.search(query, collections, k, filter, image=conversation.image)
        request = self._request(question, query, result, is_cancelled, conversation, form)
        return self._events(began, request, result, on_stopped)

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
        self, began: float, request: WritingRequest, result: SearchResult, on_stopped: OnStopped
    ) -> Generator[AnswerEvent]:
        so_far = AnswerSoFar()
        question, searched_question = request.question, request.searched_question

        def stop() -> None:
            is_markdown = self.writes_markdown
            on_stopped(so_far.stopped(question, searched_question, result, is_markdown=is_markdown))

        def write(is_cancelled: Callable[[], bool]) -> Iterator[WriterEvent]:
            return self._writer.write(replace(request, is_cancelled=is_cancelled))

        pages = PagesFound(result.hits, result.query, searched_question)
        is_whole = yield from told_while_written(pages, write, so_far, request.is_cancelled, stop)
        if not is_whole:
            return
        figures = {
            "pages": len(result.hits),
            "search_ms": result.timing_ms["total"],
            "total_ms": round((time.perf_counter() - began) * 1e3, 2),
        }
        answer = so_far.whole(question, searched_question, result, figures)
        if request.json_schema is not None and answer.data is None:
            answer = replace(answer, refusal=_NO_PAGES)
        yield AnswerDone(answer)

    def _reply(self, message: str, collections: Sequence[str]) -> str:
        """Return what to say without a search; empty where the message is a question about pages."""
        if asks_for_documents(message):
            return documents_in_words(self._catalog, collections)
        return small_talk_reply(message)

    def _searchable(self, text: str) -> str:
        """Return the text, or the question in it where it is too long to be searched as a whole."""
        limit = self._searcher.max_query_characters
        return text if len(text) <= limit else question_within(text, limit) or text

    def _request(
        self,
        question: str,
        searched_question: str,
        result: SearchResult,
        is_cancelled: Callable[[], bool],
        conversation: ConversationContext,
        form: AnswerForm,
    ) -> WritingRequest:
        return WritingRequest(
            question=question,
            query=result.embedding,
            pages=read_pages(result.hits, self._catalog, self._searcher),
            is_cancelled=is_cancelled,
            history=conversation.history,
            client_instructions=conversation.client_instructions,
            searched_question=searched_question,
            json_schema=form.json_schema,
            wishes=form.wishes,
        )


def _small_talk(question: str, reply: str) -> Generator[AnswerEvent]:
    """Yield the events of a reply to what asks nothing: no page was searched."""
    yield PagesFound(())
    yield Token(reply)
    yield AnswerDone(Answer(question, reply, False, (), (), {}))
