"""/v1/conversations: questions that belong together, their answers, and what people say of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.base.links import Links
from api.chat.conversation_turns import NewQuestion, ask_in_conversation
from api.http.cursors import key_of, moment_of, next_cursor
from api.http.deps import (
    SQL_INTEGER_MAX,
    Calls,
    Conversations,
    Cursor,
    NamedConversation,
    Runs,
)
from api.http.limits.bodies import FilterBody, HtmlField, PolicyRoute, Text, VersionsField
from api.http.links import links_for
from api.http.policy import policy
from api.http.streams.event_docs import ANSWER_EVENTS, component, events_of
from api.http.streams.event_streams import (
    EventStream,
    all_events,
    answering,
    failed_frame,
    relay,
    sse,
)
from api.routes.questions import framing
from api.schemas.conversations import (
    ConversationResponse,
    ConversationsResponse,
    FeedbackResponse,
    MessageResponse,
    WholeConversationResponse,
    conversation_body,
    feedback_body,
    message_body,
    whole_conversation_body,
)
from api.services.conversation_records import Judgement, Message
from api.services.keys import Scope
from generator.answering.answers import AnswerEvent

router = APIRouter(prefix="/conversations", tags=["conversations"], route_class=PolicyRoute)

MAX_TITLE, MAX_COMMENT, MAX_LISTED = 200, 4000, 200


class ConversationRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"collections": ["manuals"], "title": "Bolts"}]},
    )

    collections: list[Text] = Field(
        default=[], description="Names of the collections to ask; none: all that may be read now."
    )
    title: Text = Field(
        default="", max_length=MAX_TITLE, description="Left out: the first question's."
    )


class RenameRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Bolts"}]})

    title: Text = Field(pattern=r"\S", max_length=MAX_TITLE)


class FeedbackRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"verdict": "wrong_evidence", "comment": "the table on page 9 says it"}]
        },
    )

    verdict: Judgement
    comment: Text = Field(default="", max_length=MAX_COMMENT)


class MessageRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "How tight must the housing bolts be?"}]},
    )

    question: Text
    k: int = Field(default=5, description="Pages to read for the answer.")
    filters: FilterBody = FilterBody()
    versions: VersionsField = "newest"
    stream: bool = Field(default=False, description="Server-sent events instead of one JSON body.")
    html: HtmlField = False


@router.post("", status_code=201)
@policy(Scope.READ)
def create_conversation(body: ConversationRequest, caller: Calls) -> ConversationResponse:
    """Begin a conversation about collections."""
    return conversation_body(caller.begin_conversation(body.collections, body.title))


@router.get("")
@policy(Scope.READ)
def list_conversations(
    caller: Calls,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
    offset: Annotated[int, Query(ge=0, le=SQL_INTEGER_MAX)] = 0,
    cursor: Cursor = None,
) -> ConversationsResponse:
    """The conversations that this key began, the latest first; `offset` counts from the cursor.

    A key with the scope `admin` of all collections sees everybody's.
    """
    after = None
    if cursor is not None:
        updated_at, last_id = key_of(cursor, 2)
        after = (moment_of(updated_at), last_id)
    conversations = caller.conversations(limit, offset, after)
    return ConversationsResponse(
        conversations=[conversation_body(conversation) for conversation in conversations],
        next_cursor=next_cursor(
            conversations,
            limit,
            lambda conversation: (conversation.updated_at.isoformat(), conversation.id),
        ),
    )


@router.get("/{conversation_id}")
@policy(Scope.READ)
def get_conversation(
    conversation: NamedConversation, conversations: Conversations, request: Request, caller: Calls
) -> WholeConversationResponse:
    """One conversation with all its messages."""
    links = links_for(request.base_url, caller)
    return whole_conversation_body(conversation, conversations.messages(conversation.id), links)


@router.patch("/{conversation_id}")
@policy(Scope.READ)
def rename_conversation(
    body: RenameRequest, conversation: NamedConversation, conversations: Conversations
) -> ConversationResponse:
    """Give a conversation another title."""
    return conversation_body(conversations.rename(conversation.id, body.title.strip()))


@router.delete("/{conversation_id}", status_code=204)
@policy(Scope.READ)
def delete_conversation(conversation: NamedConversation, conversations: Conversations) -> None:
    """Delete a conversation with its messages and their feedback."""
    conversations.delete(conversation.id)


@router.post(
    "/{conversation_id}/messages",
    response_model=MessageResponse,
    responses=events_of(**ANSWER_EVENTS, done=component("MessageResponse")),
)
@policy(Scope.READ, "answers", encoder=True)
async def add_message(
    conversation: NamedConversation,
    body: MessageRequest,
    request: Request,
    running: Runs,
    caller: Calls,
) -> Any:
    """Ask a question; what was said before in this conversation is known.

    With `stream`, the events of `POST /v1/answers`, but `done` holds the message that is kept. A
    question is kept together with its answer. Of a streamed answer whose reader leaves, what was written is
    kept as `stopped`; one that fails is not kept.
    """
    links = links_for(request.base_url, caller)
    search_filter = body.filters.search_filter(body.versions)
    question = NewQuestion(body.question, body.k, search_filter, keeps_stopped=body.stream)
    pump = await answering(
        running,
        lambda cancellation: ask_in_conversation(
            caller, conversation, question, cancellation.is_set
        ),
    )
    if body.stream:
        as_html = body.html and running.services.answerer.writes_markdown
        frame = _framing(links, as_html=as_html)
        return EventStream(relay(pump, frame, failed_frame(running.data_dir)))
    events = await all_events(request, pump)
    if not events or not isinstance(events[-1], Message):
        return Response(status_code=499)  # nobody is there to read it
    return message_body(events[-1], links)


@router.put("/{conversation_id}/messages/{message_id}/feedback")
@policy(Scope.READ)
def judge_answer(
    conversation: NamedConversation,
    message_id: str,
    body: FeedbackRequest,
    conversations: Conversations,
) -> FeedbackResponse:
    """Say whether an answer helped; what was said before is replaced."""
    feedback = conversations.judge(conversation.id, message_id, body.verdict, body.comment)
    return feedback_body(feedback)


def _framing(links: Links, *, as_html: bool) -> Callable[[AnswerEvent | Message], bytes]:
    frame = framing(links, as_html=as_html)

    def frame_of(event: AnswerEvent | Message) -> bytes:
        if isinstance(event, Message):
            return sse("done", message_body(event, links).model_dump_json().encode())
        return frame(event)

    return frame_of
