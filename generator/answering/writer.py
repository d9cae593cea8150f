"""What a writer of answers is: pages that were read in, the events of an answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from generator.answering.answers import AnswerUsage, Token, WriterEvent
from generator.passages.same_meaning import Encode
from generator.passages.support import ReadPage
from generator.prompts import NO_WISHES, SamplingWishes, Turn, in_stable_order
from generator.tool_calls import ToolUse
from indexer.base.pages import QueryEmbedding


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A part of a page that was looked at more closely: it is a page of its own in the prompt.

    text   what stands there
    image  of the part as JPEG; None: the text stands for it
    """

    page: ReadPage
    text: str
    image: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class WritingRequest:
    """What an answer is written from. (The request that a client sends is `AnswerRequest`.)

    query                the multi-vector that the pages were searched with
    encode               encodes other texts as the query was; None: there is nothing to do so
    pages                best first
    is_cancelled         true once nobody waits any more; may be called from another thread
    history              earlier turns of the same conversation, oldest first
    client_instructions  what the client asks of every answer; they never loosen the rules of citing
    searched_question    the question, completed from the conversation; empty: as it is
    json_schema          what the answer has to follow; None: it is text
    wishes               how the caller wants tokens drawn, for a model
    looks                what a model looked at more closely before; they stand behind the pages
    parts                the questions that it asks, each with its own pages, where those are several: a
                         writer that quotes answers one after the other; they have no parts
    n_cited_before       the last number of a citation that stands before the answer
    tool_use             tools that a model is to call instead of answering; None: none
    """

    question: str
    query: QueryEmbedding
    pages: Sequence[ReadPage]
    is_cancelled: Callable[[], bool] = lambda: False
    history: Sequence[Turn] = ()
    client_instructions: str = ""
    searched_question: str = ""
    json_schema: Mapping[str, Any] | None = None
    wishes: SamplingWishes = NO_WISHES
    looks: tuple[Look, ...] = ()
    tool_use: ToolUse | None = None
    encode: Encode | None = None
    parts: tuple[WritingRequest, ...] = ()
    n_cited_before: int = 0


def prompt_pages(request: WritingRequest) -> list[ReadPage]:
    """Return the pages of a request in the order of its prompt, [1] the first."""
    return [*in_stable_order(request.pages), *(look.page for look in request.looks)]


class AnswerWriter(Protocol):
    """Turns pages that were read into an answer: by quoting them, or with a model."""

    @property
    def writes_json(self) -> bool:
        """Say whether it can follow the JSON schema of a request by itself."""
        ...

    @property
    def writes_markdown(self) -> bool:
        """Say whether its text may be Markdown; else it is plain, with words of the pages in it."""
        ...

    def write(self, request: WritingRequest) -> Iterator[WriterEvent]:
        """Yield Token and CitationAdded, and AnswerUsage last where a model was asked.

        Without a citation that is `supported` nothing supports an answer. The events end early, without
        AnswerUsage, soon after `request.is_cancelled` turns true; then the last ones may say which of the
        sentences nothing proves. With tools there is no text, and the calls are in AnswerUsage. Raises
        GeneratorError.
        """
        ...

    def unavailable_reason(self) -> str:
        """Say in one line what would keep it from answering now; empty when nothing is known to."""
        ...

    def side_task(
        self, task: str, is_cancelled: Callable[[], bool]
    ) -> Iterator[Token | AnswerUsage]:
        """Do what a chat program wants beside the answers, such as a title. Raises GeneratorError."""
        ...
