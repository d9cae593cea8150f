"""Conversations, their messages and what people said of them, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from api.base.links import Links
from api.schemas.answer_html import stored_answer_html
from api.schemas.answers import answer_with_links
from api.services.conversation_records import Conversation, Feedback, Judgement, Message
from generator.answering.inert_text import inert


class ConversationResponse(BaseModel):
    id: str
    title: str
    collections: tuple[str, ...]
    messages: int
    created_at: datetime
    updated_at: datetime


class ConversationsResponse(BaseModel):
    """`next_cursor` continues the list; null at its end."""

    conversations: list[ConversationResponse]
    next_cursor: str | None


class FeedbackResponse(BaseModel):
    verdict: Judgement
    comment: str
    created_at: datetime


class MessageResponse(BaseModel):
    """`answer` is what `POST /v1/answers` gave at the time, with links of today; null for a question.

    `stopped`: its reader left before the end, and this is what was written until then.
    """

    id: str
    role: str
    text: str
    answer: dict[str, Any] | None
    feedback: FeedbackResponse | None
    created_at: datetime
    stopped: bool


class WholeConversationResponse(BaseModel):
    id: str
    title: str
    collections: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    messages: list[MessageResponse]


def conversation_body(conversation: Conversation) -> ConversationResponse:
    return ConversationResponse(
        id=conversation.id,
        title=conversation.title,
        collections=conversation.collections,
        messages=conversation.n_messages,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
    )


def whole_conversation_body(
    conversation: Conversation, messages: Sequence[Message], links: Links
) -> WholeConversationResponse:
    return WholeConversationResponse(
        id=conversation.id,
        title=conversation.title,
        collections=conversation.collections,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        messages=[message_body(message, links) for message in messages],
    )


def message_body(message: Message, links: Links) -> MessageResponse:
    text, answer = message.text, message.answer
    if answer is not None:  # it may have been kept before answers were made harmless
        text = inert(text)
        answer = answer | {"answer": text, "html": stored_answer_html(text, answer)}
        answer = answer_with_links(answer, links)
    return MessageResponse(
        id=message.id,
        role=message.role,
        text=text,
        answer=answer,
        feedback=None if message.feedback is None else feedback_body(message.feedback),
        created_at=message.created_at,
        stopped=answer is not None and bool(answer.get("stopped")),
    )


def feedback_body(feedback: Feedback) -> FeedbackResponse:
    return FeedbackResponse(
        verdict=feedback.verdict, comment=feedback.comment, created_at=feedback.created_at
    )
