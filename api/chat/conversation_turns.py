"""Asks a question inside a stored conversation, and keeps what comes of it.

A whole answer is kept with its question. Of one that its reader stopped, as much is kept as was written. One
that failed is not kept: it can be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from api.schemas.answers import kept_answer
from api.services.authorization import Caller
from api.services.conversation_records import ASSISTANT, Conversation, Message
from generator.answering.answers import Answer, AnswerDone, AnswerEvent
from generator.answering.conversation_context import ConversationContext
from generator.answering.talk.side_tasks import title_of
from generator.prompts import Turn
from indexer.base.errors import PagesightError
from retriever.query.filters import SearchFilter


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question as it was asked of a conversation.

    keeps_stopped  whether its reader reads along: then what was written is kept when the reader stops it
    """

    text: str
    k: int
    filter: SearchFilter
    keeps_stopped: bool


def ask_in_conversation(
    caller: Caller,
    conversation: Conversation,
    question: NewQuestion,
    is_cancelled: Callable[[], bool],
) -> Generator[AnswerEvent | Message]:
    """Yield the answer's events, with the message that was kept in the place of AnswerDone.

    The search is done when this returns. Raises what `Answerer.stream` raises.
    """
    services = caller.services
    messages = services.conversations.messages(conversation.id)

    def keep(answer: Answer, stopped: bool) -> Message:
        stored_answer: dict[str, Any] = kept_answer(answer).model_dump(mode="json")
        if stopped:
            stored_answer["stopped"] = True
        return services.conversations.add_turn(
            conversation.id, question.text, answer.answer, stored_answer, title_of(question.text)
        )

    def keep_stopped(answer: Answer) -> None:
        if question.keeps_stopped:
            with suppress(PagesightError):  # nobody is there any more to be told of it
                keep(answer, True)

    # The key may reach less than when the conversation began: a collection may have been made again.
    search_filter = caller.held_to(conversation.collections, question.filter)
    events = services.answerer.stream(
        question.text,
        conversation.collections,
        question.k,
        search_filter,
        is_cancelled,
        conversation=ConversationContext(turns_of(messages)),
        on_stopped=keep_stopped,
    )
    return _kept_events(events, keep)


def turns_of(messages: list[Message]) -> tuple[Turn, ...]:
    """Return the questions of a conversation that were answered, with their answers."""
    return tuple(
        Turn(question.text, answer.text)
        for question, answer in pairwise(messages)
        if answer.role == ASSISTANT and answer.text
    )


def _kept_events(
    events: Generator[AnswerEvent], keep: Callable[[Answer, bool], Message]
) -> Generator[AnswerEvent | Message]:
    with closing(events):
        for event in events:
            yield keep(event.answer, False) if isinstance(event, AnswerDone) else event
