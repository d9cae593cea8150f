"""A chat completion request: its question, the conversation before it, the client's instructions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import InvalidChat
from api.chat.wishes import ResponseFormat, SamplingBody, refuse_forced_tools, schema_of
from api.http.limits.bodies import FilterBody, Text, VersionsField
from generator.answering.answer_form import AnswerForm
from generator.answering.conversation_context import ConversationContext
from generator.answering.talk.side_tasks import is_side_task
from generator.answering.talk.user_words import n_sources, user_words
from generator.prompts import Turn

# What stands below an answer: its sentences that no page proves, then its links.
UNPROVED = "\n\n*No page proves: "
SOURCES = "\n\n**Sources**\n"
_BELOW = re.compile("|".join(re.escape(heading.strip()) for heading in (UNPROVED, SOURCES)))
_SYSTEM = ("system", "developer")


class Part(BaseModel):
    """A piece of a message: text, or an image as a `data:` URI."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: Text | None = None
    image_url: dict[str, Any] | str | None = None


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: str
    content: Text | list[Part] | None = None
    tool_calls: list[Any] | None = None
    function_call: dict[str, Any] | None = None

    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text).strip()
        return (self.content or "").strip()

    def words(self) -> str:
        """Return what a user said, without the files and search results that the program added."""
        text = self.text()
        return text if is_side_task(text) else user_words(text)

    def images(self) -> list[str]:
        """Return the addresses of its images."""
        urls = []
        for part in self.parts():
            if part.type == "image_url":
                image = part.image_url
                url = image.get("url") if isinstance(image, dict) else image
                urls.append(str(url or ""))
        return urls

    def unreadable_parts(self) -> list[str]:
        """Return the types of its parts that are neither text nor an image, such as `file`."""
        types = (part.type for part in self.parts() if part.type not in ("text", "image_url"))
        return list(dict.fromkeys(types))

    @property
    def calls_tools(self) -> bool:
        return bool(self.tool_calls or self.function_call)

    def parts(self) -> list[Part]:
        return self.content if isinstance(self.content, list) else []


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class PagesightOptions(BaseModel):
    """Options that OpenAI's protocol does not have.

    events  also send the events that Open WebUI shows beside an answer
    """

    model_config = ConfigDict(extra="forbid")

    k: int = Field(default=5, description="Pages to read for the answer.")
    filters: FilterBody = FilterBody()
    versions: VersionsField = "newest"
    events: bool = Field(default=False, description="Send Open WebUI's source events.")


class ChatRequest(SamplingBody):
    """OpenAI's request. Every field that is not listed is accepted and ignored."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "model": "pagesight/manuals",
                    "messages": [
                        {"role": "user", "content": "How tight must the housing bolts be?"}
                    ],
                }
            ]
        },
    )

    model: Text = Field(examples=["pagesight/manuals"])
    messages: list[Message]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    response_format: ResponseFormat | None = None
    max_tokens: int | None = Field(default=None, gt=0)
    max_completion_tokens: int | None = Field(default=None, gt=0)
    n: int | None = None
    tool_choice: Any = None
    function_call: Any = None
    modalities: list[str] | None = None
    pagesight: PagesightOptions = PagesightOptions()

    def form(self) -> AnswerForm:
        """Return the form that the answer shall have. Raises InvalidChat for one that it cannot have."""
        refuse_forced_tools(self.tool_choice)
        refuse_forced_tools(self.function_call, "function_call")
        if self.n not in (None, 1):
            raise InvalidChat("one answer is given to a question: n is 1", "n")
        if set(self.modalities or ()) - {"text"}:
            raise InvalidChat("an answer is text", "modalities")
        wanted_format = self.response_format or ResponseFormat()
        body = wanted_format.json_schema
        schema = schema_of(
            wanted_format.type, None if body is None else body.schema_, "response_format"
        )
        return AnswerForm(schema, self.wishes(self.max_completion_tokens or self.max_tokens))


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """The question of a request.

    images        addresses, not yet looked at
    unread_parts  types of the parts of the message that nothing here reads, such as `file`
    n_sources     sources that a chat program has numbered itself, such as files that are attached
    """

    question: str
    images: tuple[str, ...]
    conversation: ConversationContext
    unread_parts: tuple[str, ...] = ()
    n_sources: int = 0


def read_messages(messages: list[Message]) -> ChatQuestion:
    """Find the question: what the user said last, before any tools were called for it.

    Raises InvalidChat where that is nothing, or an assistant has answered it already.
    """
    client_instructions = [message.text() for message in messages if message.role in _SYSTEM]
    talk = [message for message in messages if message.role not in _SYSTEM]
    while talk and _is_tool_use(talk[-1]):
        talk.pop()
    if not talk or talk[-1].role != "user":
        raise InvalidChat("the last message must be the user's question")
    last = talk[-1]
    chat_question = ChatQuestion(
        question=last.words(),
        images=tuple(last.images()),
        conversation=ConversationContext(
            _turns(talk[:-1]), "\n\n".join(filter(None, client_instructions))
        ),
        unread_parts=tuple(last.unreadable_parts()),
        n_sources=n_sources(last.text()),
    )
    if len(chat_question.images) > 1:
        raise InvalidChat("a question can hold one image: send one of them")
    if not chat_question.question and not chat_question.images:
        if chat_question.unread_parts:
            kinds = " and ".join(map(repr, chat_question.unread_parts))
            raise InvalidChat(f"a message part of type {kinds} cannot be read: ask in words")
        raise InvalidChat("the question is empty: ask with at least one word")
    return chat_question


def _is_tool_use(message: Message) -> bool:
    """Say whether a message is what an agent did on its way to an answer, and no answer."""
    return message.role in ("tool", "function") or (
        message.role == "assistant" and message.calls_tools
    )


def _turns(messages: list[Message]) -> tuple[Turn, ...]:
    """Pair questions with their answers; a question without an answer is left out."""
    turns, question = [], ""
    for message in messages:
        if message.role == "user":
            question = message.words()
        elif message.role == "assistant" and question and message.text():
            turns.append(Turn(question, _BELOW.split(message.text())[0].strip()))
            question = ""
    return tuple(turns)
