"""Stored conversations: questions with their answers, and what people said of them.

A conversation is a record: it keeps its words when a document is deleted later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from api.services.conversation_records import (
    ASSISTANT,
    USER,
    Conversation,
    Feedback,
    JudgedAnswer,
    Judgement,
    Message,
    conversation_of,
    message_of,
    message_values,
    select_conversations,
    select_judged_messages,
    select_messages,
)
from indexer.base.errors import ConversationNotFound, MessageNotFound
from indexer.catalog.column_values import new_id
from indexer.catalog.database import Database, Transaction
from indexer.catalog.service_tables import conversations, message_feedback, messages


class Conversations:
    """The conversations of a database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, collections: Sequence[str], title: str = "", owner: str | None = None
    ) -> Conversation:
        now = datetime.now(UTC)
        conversation = Conversation(new_id(), title, tuple(collections), now, now, owner=owner)
        with self._database.writing() as transaction:
            transaction.execute(
                insert(conversations).values(
                    id=conversation.id,
                    title=title,
                    collections=list(collections),
                    created_at=now,
                    updated_at=now,
                    owner=owner,
                )
            )
        return conversation

    def latest(
        self,
        limit: int,
        offset: int = 0,
        *,
        after: tuple[datetime, str] | None = None,
        owner: str | None = None,
    ) -> list[Conversation]:
        """Return conversations, the latest first.

        after  `updated_at` and id of the last one that was seen
        owner  id of a key: only the conversations that it began
        """
        updated_at, id_ = conversations.c.updated_at, conversations.c.id
        query = select_conversations().order_by(updated_at.desc(), id_)
        query = query.limit(limit).offset(offset)
        if owner is not None:
            query = query.where(conversations.c.owner == owner)
        if after is not None:
            moment, last = after
            query = query.where(or_(updated_at < moment, and_(updated_at == moment, id_ > last)))
        with self._database.reading() as transaction:
            return [conversation_of(row) for row in transaction.execute(query)]

    def get(self, conversation_id: str) -> Conversation:
        """Return the conversation. Raises ConversationNotFound."""
        with self._database.reading() as transaction:
            return _get(transaction, conversation_id)

    def messages(self, conversation_id: str) -> list[Message]:
        """Return the messages of a conversation in order. Raises ConversationNotFound."""
        with self._database.reading() as transaction:
            _get(transaction, conversation_id)
            rows = transaction.execute(
                select_messages()
                .where(messages.c.conversation_id == conversation_id)
                .order_by(messages.c.position)
            )
            return [message_of(row) for row in rows]

    def add_turn(
        self, conversation_id: str, question: str, text: str, answer: dict[str, Any], title: str
    ) -> Message:
        """Store a question with its answer; returns the answer.

        title  for a conversation that has none

        Raises ConversationNotFound.
        """
        now = datetime.now(UTC)
        row_update = update(conversations).where(conversations.c.id == conversation_id)
        question_message = Message(new_id(), USER, question, None, now)
        answer_message = Message(new_id(), ASSISTANT, text, answer, now)
        with self._database.writing() as transaction:
            # The row is locked first, so that two turns at once stand one behind the other.
            old_title = transaction.execute(
                row_update.values(updated_at=now).returning(conversations.c.title)
            ).scalar()
            if old_title is None:
                raise _not_found(conversation_id)
            if not old_title:
                transaction.execute(row_update.values(title=title))
            n_messages = transaction.execute(
                select(func.count()).where(messages.c.conversation_id == conversation_id)
            ).scalar_one()
            rows = [
                message_values(message, conversation_id, n_messages + i)
                for i, message in enumerate((question_message, answer_message))
            ]
            transaction.execute(insert(messages), rows)
        return answer_message

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Give a conversation another title; it keeps its place in the list. Raises ConversationNotFound."""
        with self._database.writing() as transaction:
            transaction.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(title=title)
            )
            return _get(transaction, conversation_id)

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its messages and feedback. Raises ConversationNotFound."""
        of_conversation = messages.c.conversation_id == conversation_id
        message_ids = select(messages.c.id).where(of_conversation)
        with self._database.writing() as transaction:
            _get(transaction, conversation_id)
            transaction.execute(
                delete(message_feedback).where(message_feedback.c.message_id.in_(message_ids))
            )
            transaction.execute(delete(messages).where(of_conversation))
            transaction.execute(delete(conversations).where(conversations.c.id == conversation_id))

    def judge(
        self, conversation_id: str, message_id: str, verdict: Judgement, comment: str
    ) -> Feedback:
        """Store what a person says of an answer, in place of what was said before.

        Raises MessageNotFound, also for a message that is no answer.
        """
        feedback = Feedback(verdict, comment, datetime.now(UTC))
        of_message = message_feedback.c.message_id == message_id
        with self._database.writing() as transaction:
            answer_id = transaction.execute(
                select(messages.c.id).where(
                    messages.c.id == message_id,
                    messages.c.conversation_id == conversation_id,
                    messages.c.role == ASSISTANT,
                )
            ).scalar()
            if answer_id is None:
                raise MessageNotFound(f"no answer {message_id!r} in this conversation")
            transaction.execute(delete(message_feedback).where(of_message))
            transaction.execute(
                insert(message_feedback).values(
                    message_id=message_id,
                    verdict=verdict.value,
                    comment=comment,
                    created_at=feedback.created_at,
                )
            )
        return feedback

    def judged_answers(self) -> list[JudgedAnswer]:
        """Return every answer with feedback, the oldest feedback first."""
        with self._database.reading() as transaction:
            rows = transaction.execute(
                select_judged_messages().order_by(message_feedback.c.created_at, messages.c.id)
            ).all()
            conversation_ids = {row.conversation_id for row in rows}
            conversation_rows = transaction.execute(
                select_conversations().where(conversations.c.id.in_(conversation_ids))
            )
            by_id = {row.id: conversation_of(row) for row in conversation_rows}
        return [
            JudgedAnswer(by_id[row.conversation_id], row.question or "", message_of(row))
            for row in rows
        ]


def _get(transaction: Transaction, conversation_id: str) -> Conversation:
    query = select_conversations().where(conversations.c.id == conversation_id)
    row = transaction.execute(query).first()
    if row is None:
        raise _not_found(conversation_id)
    return conversation_of(row)


def _not_found(conversation_id: str) -> ConversationNotFound:
    return ConversationNotFound(f"no conversation {conversation_id!r}")
