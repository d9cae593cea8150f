"""Stored talks: questions with their answers, and what people said of them.

A conversation is a record of what was said: it keeps its words when a document is deleted later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, or_, select, update

from indexer.base.errors import ConversationNotFound, MessageNotFound
from indexer.catalog.column_values import new_id, utc
from indexer.catalog.database import Database
from indexer.catalog.tables import conversations, message_feedback, messages

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
    """`answer` is the whole answer as it was sent, of role `assistant` only."""

    id: str
    role: str
    text: str
    answer: dict[str, Any] | None
    created_at: datetime
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """`collections` are names; the title is the first question's, until one is given.

    owner  id of the key that began it; None where no key was asked for
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


class Conversations:
    """Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, collections: Sequence[str], title: str = "", owner: str | None = None
    ) -> Conversation:
        now = datetime.now(UTC)
        made = Conversation(new_id(), title, tuple(collections), now, now, owner=owner)
        with self._database.writing() as connection:
            connection.execute(
                insert(conversations).values(
                    id=made.id,
                    title=title,
                    collections=list(collections),
                    created_at=now,
                    updated_at=now,
                    owner=owner,
                )
            )
        return made

    def conversations(
        self,
        limit: int,
        offset: int = 0,
        *,
        after: tuple[datetime, str] | None = None,
        owner: str | None = None,
    ) -> list[Conversation]:
        """The latest first.

        after  `updated_at` and id of the last one that was seen
        owner  id of a key: only the talks that it began
        """
        updated_at, id_ = conversations.c.updated_at, conversations.c.id
        wanted = _counted().order_by(updated_at.desc(), id_).limit(limit).offset(offset)
        if owner is not None:
            wanted = wanted.where(conversations.c.owner == owner)
        if after is not None:
            moment, last = after
            wanted = wanted.where(or_(updated_at < moment, and_(updated_at == moment, id_ > last)))
        with self._database.reading() as connection:
            rows = connection.execute(wanted)
            return [_conversation_of(row) for row in rows]

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises ConversationNotFound."""
        with self._database.reading() as connection:
            return _found(connection, conversation_id)

    def messages(self, conversation_id: str) -> list[Message]:
        """In order. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            _found(connection, conversation_id)
            rows = connection.execute(
                _judged()
                .where(messages.c.conversation_id == conversation_id)
                .order_by(messages.c.position)
            )
            return [_message_of(row) for row in rows]

    def add_turn(
        self, conversation_id: str, question: str, text: str, answer: dict[str, Any], title: str
    ) -> Message:
        """Keep a question with its answer; returns the answer. `title` is for a talk without one.

        Raises ConversationNotFound.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            # The row is locked first, so that two turns at once stand one behind the other.
            touched = connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(updated_at=now)
                .returning(conversations.c.title)
            ).scalar()
            if touched is None:
                raise ConversationNotFound(f"no conversation {conversation_id!r}")
            if not touched:
                named = update(conversations).where(conversations.c.id == conversation_id)
                connection.execute(named.values(title=title))
            n = connection.execute(
                select(func.count()).where(messages.c.conversation_id == conversation_id)
            ).scalar_one()
            asked = Message(new_id(), USER, question, None, now)
            answered = Message(new_id(), ASSISTANT, text, answer, now)
            rows = [
                {
                    "id": one.id,
                    "conversation_id": conversation_id,
                    "position": n + i,
                    "role": one.role,
                    "text": one.text,
                    "answer": one.answer,
                    "created_at": now,
                }
                for i, one in enumerate((asked, answered))
            ]
            connection.execute(insert(messages), rows)
        return answered

    def delete(self, conversation_id: str) -> None:
        """Raises ConversationNotFound."""
        theirs = select(messages.c.id).where(messages.c.conversation_id == conversation_id)
        with self._database.writing() as connection:
            _found(connection, conversation_id)
            connection.execute(
                delete(message_feedback).where(message_feedback.c.message_id.in_(theirs))
            )
            connection.execute(
                delete(messages).where(messages.c.conversation_id == conversation_id)
            )
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))

    def judge(
        self, conversation_id: str, message_id: str, verdict: Judgement, comment: str
    ) -> Feedback:
        """Keep what a person says of an answer, in place of what was said before.

        Raises MessageNotFound, also for a message that is no answer.
        """
        said = Feedback(verdict, comment, datetime.now(UTC))
        this = message_feedback.c.message_id == message_id
        with self._database.writing() as connection:
            known = connection.execute(
                select(messages.c.id).where(
                    messages.c.id == message_id,
                    messages.c.conversation_id == conversation_id,
                    messages.c.role == ASSISTANT,
                )
            ).scalar()
            if known is None:
                raise MessageNotFound(f"no answer {message_id!r} in this conversation")
            connection.execute(delete(message_feedback).where(this))
            connection.execute(
                insert(message_feedback).values(
                    message_id=message_id,
                    verdict=verdict.value,
                    comment=comment,
                    created_at=said.created_at,
                )
            )
        return said

    def judged(self) -> list[JudgedAnswer]:
        """Every answer with feedback, the oldest feedback first."""
        question = messages.alias("question")
        asked = (
            select(question.c.text)
            .where(
                question.c.conversation_id == messages.c.conversation_id,
                question.c.position == messages.c.position - 1,
            )
            .scalar_subquery()
        )
        with self._database.reading() as connection:
            rows = connection.execute(
                _judged()
                .add_columns(messages.c.conversation_id, asked.label("question"))
                .where(message_feedback.c.message_id.is_not(None))
                .order_by(message_feedback.c.created_at, messages.c.id)
            ).all()
            talks = connection.execute(
                _counted().where(conversations.c.id.in_({row.conversation_id for row in rows}))
            )
            by_id = {talk.id: _conversation_of(talk) for talk in talks}
        return [
            JudgedAnswer(by_id[row.conversation_id], row.question or "", _message_of(row))
            for row in rows
        ]


def _counted() -> Select[Any]:
    count = (
        select(func.count())
        .where(messages.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    return select(conversations, count.label("n_messages"))


def _judged() -> Select[Any]:
    """Messages, each with its feedback where there is some."""
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


def _found(connection: Connection, conversation_id: str) -> Conversation:
    row = connection.execute(_counted().where(conversations.c.id == conversation_id)).first()
    if row is None:
        raise ConversationNotFound(f"no conversation {conversation_id!r}")
    return _conversation_of(row)


def _conversation_of(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        title=row.title,
        collections=tuple(row.collections),
        created_at=utc(row.created_at),
        updated_at=utc(row.updated_at),
        n_messages=row.n_messages,
        owner=row.owner,
    )


def _message_of(row: Row[Any]) -> Message:
    feedback = None
    if row.verdict is not None:
        feedback = Feedback(Judgement(row.verdict), row.comment, utc(row.judged_at))
    return Message(row.id, row.role, row.text, row.answer, utc(row.created_at), feedback)
