"""Tells metrics and traces what the services do. The services know neither.

No observer is given a question, an answer or a page's words, except in `SearchResult`, for its times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from generator.answering.answers import AnswerUsage, CitationAdded, Token, WriterEvent
from generator.answering.writer import AnswerWriter, WritingRequest
from indexer.ingest.outcomes import IngestOutcome
from retriever.hits import SearchResult

# The stages of `SearchResult.timing_ms`, by the names that operators see.
STAGES = {"encode": "encode", "candidates": "candidates", "scan": "rerank", "evidence": "evidence"}

T = TypeVar("T", WriterEvent, Token | AnswerUsage)


class WritingEnd(StrEnum):
    """How the writing of an answer ended."""

    DONE = "done"
    LEFT = "left"  # nobody waited for it any more
    FAILED = "failed"


@dataclass(slots=True)
class Writing:
    """An answer that was written, or a side task.

    is_side_task   it is what a chat program wants for itself, such as a title, and no question's answer
    began_ns       by the clock of the machine
    first_token_s  until the first piece of text; None when there was none
    cited          whether anything supported the answer
    """

    began_ns: int
    is_side_task: bool = False
    seconds: float = 0.0
    first_token_s: float | None = None
    end: WritingEnd = WritingEnd.LEFT
    cited: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def outcome(self) -> str:
        """`cited`, `not_found`, `left` or `failed`; `side_task` for one that was done."""
        if self.end is not WritingEnd.DONE:
            return self.end.value
        if self.is_side_task:
            return "side_task"
        return "cited" if self.cited else "not_found"


class Observer(Protocol):
    """Called in the thread that does the work, after the fact. Must not raise and not block."""

    def on_search(self, result: SearchResult) -> None: ...

    def on_query(self, known: bool) -> None:
        """A query was encoded, or its vectors were `known` already."""

    def on_writing_begin(self) -> None:
        """The writing of an answer begins; `on_writing_end` follows."""

    def on_writing_end(self, writing: Writing) -> None: ...

    def on_ingest(self, outcome: IngestOutcome) -> None: ...


@dataclass(slots=True)
class Observers:
    """Calls all of them; there are none until somebody adds one."""

    all: list[Observer] = field(default_factory=list)

    def on_search(self, result: SearchResult) -> None:
        for observer in self.all:
            observer.on_search(result)

    def on_query(self, known: bool) -> None:
        for observer in self.all:
            observer.on_query(known)

    def on_writing_begin(self) -> None:
        for observer in self.all:
            observer.on_writing_begin()

    def on_writing_end(self, writing: Writing) -> None:
        for observer in self.all:
            observer.on_writing_end(writing)

    def on_ingest(self, outcome: IngestOutcome) -> None:
        for observer in self.all:
            observer.on_ingest(outcome)


class ObservedWriter:
    """Another AnswerWriter, whose work the observers hear of."""

    def __init__(self, writer: AnswerWriter, observers: Observers) -> None:
        self._writer = writer
        self._observers = observers

    @property
    def writes_json(self) -> bool:
        return self._writer.writes_json

    @property
    def writes_markdown(self) -> bool:
        return self._writer.writes_markdown

    def unavailable_reason(self) -> str:
        return self._writer.unavailable_reason()

    def write(self, request: WritingRequest) -> Iterator[WriterEvent]:
        return self._watch(self._writer.write(request), request.is_cancelled)

    def side_task(
        self, task: str, is_cancelled: Callable[[], bool]
    ) -> Iterator[Token | AnswerUsage]:
        events = self._writer.side_task(task, is_cancelled)
        return self._watch(events, is_cancelled, is_side_task=True)

    def _watch(
        self, events: Iterator[T], is_cancelled: Callable[[], bool], *, is_side_task: bool = False
    ) -> Iterator[T]:
        began = time.perf_counter()
        writing = Writing(time.time_ns(), is_side_task)
        self._observers.on_writing_begin()
        try:
            for event in events:
                _note(event, writing, began)
                yield event
            writing.end = WritingEnd.LEFT if is_cancelled() else WritingEnd.DONE
        except GeneratorExit:
            raise
        except BaseException:
            writing.end = WritingEnd.FAILED
            raise
        finally:
            writing.seconds = time.perf_counter() - began
            self._observers.on_writing_end(writing)


def _note(event: WriterEvent, writing: Writing, began: float) -> None:
    match event:
        case Token():
            if writing.first_token_s is None:
                writing.first_token_s = time.perf_counter() - began
        case CitationAdded(citation):
            if citation.supported:
                writing.cited = True
        case AnswerUsage(model):
            writing.prompt_tokens += model.prompt_tokens or 0
            writing.completion_tokens += model.completion_tokens or 0
