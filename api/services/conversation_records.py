"""What stored conversations consist of, and the rows that say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, func, select

from indexer.catalog.column_values import utc
from indexer.catalog.service_tables import conversations, message_feedback, messages

USER, ASSISTANT = "user", "assistant"


class Judgement(StrEnum):
    """What a person says of an answer; `wrong_evidence`: right, but not by the pages it cites."""

    HELPFUL = "helpful"
    WRONG = "wrong"
    WRONG_EVIDENCE = "wrong_evidence"


@dataclass(frozen=True, slots=True)
class Feedback:
    verdict: Judgement
    comment: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A question or an answer.

    answer  the whole answer as it was sent; None of role `user`
    """

    id: str
    role: str
    text: str
    answer: dict[str, Any] | None
    created_at: datetime
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions with their answers, about the same collections.

    title        the first question, until one is given
    collections  their names
    owner        id of the key that began it; None where no key was asked for
    """

    id: str
    title: str
    collections: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    n_messages: int = 0
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer with feedback, and the question before it."""

    conversation: Conversation
    question: str
    message: Message


def select_conversations() -> Select[Any]:
    """Select conversations, each with its number of messages."""
    n_messages = (
        select(func.count())
        .where(messages.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    return select(conversations, n_messages.label("n_messages"))


def select_messages() -> Select[Any]:
    """Select messages, each with its feedback where there is some."""
    return select(
        messages.c.id,
        messages.c.role,
        messages.c.text,
        messages.c.answer,
        messages.c.created_at,
        message_feedback.c.verdict,
        message_feedback.c.comment,
        message_feedback.c.created_at.label("judged_at"),
    ).outerjoin(message_feedback, message_feedback.c.message_id == messages.c.id)


def select_judged_messages() -> Select[Any]:
    """Select answers with feedback, each with its conversation's id and the question before it."""
    questions = messages.alias("question")
    question_text = (
        select(questions.c.text)
        .where(
            questions.c.conversation_id == messages.c.conversation_id,
            questions.c.position == messages.c.position - 1,
        )
        .scalar_subquery()
    )
    return (
        select_messages()
        .add_columns(messages.c.conversation_id, question_text.label("question"))
        .where(message_feedback.c.message_id.is_not(None))
    )


def conversation_of(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        title=row.title,
        collections=tuple(row.collections),
        created_at=utc(row.created_at),
        updated_at=utc(row.updated_at),
        n_messages=row.n_messages,
        owner=row.owner,
    )


def message_of(row: Row[Any]) -> Message:
    feedback = None
    if row.verdict is not None:
        feedback = Feedback(Judgement(row.verdict), row.comment, utc(row.judged_at))
    return Message(row.id, row.role, row.text, row.answer, utc(row.created_at), feedback)


def message_values(message: Message, conversation_id: str, position: int) -> dict[str, Any]:
    """Return the row of a message, which stands at `position` in its conversation."""
    return {
        "id": message.id,
        "conversation_id": conversation_id,
        "position": position,
        "role": message.role,
        "text": message.text,
        "answer": message.answer,
        "created_at": message.created_at,
    }
