"""A chat completion request: its question, the conversation before it, the client's instructions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import InvalidChat
from api.http.limits.bodies import FilterBody, Text, VersionsField
from generator.answering.conversation_context import ConversationContext
from generator.prompts import Turn

SOURCES = "\n\n**Sources**\n"  # what stands before the links below an answer
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

    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text).strip()
        return (self.content or "").strip()

    def images(self) -> list[str]:
        """Return the addresses of its images. Raises InvalidChat for a part neither text nor image."""
        urls = []
        for part in self.content if isinstance(self.content, list) else ():
            if part.type == "image_url":
                image = part.image_url
                url = image.get("url") if isinstance(image, dict) else image
                urls.append(str(url or ""))
            elif part.type != "text":
                raise InvalidChat(f"a message part of type {part.type!r} cannot be read: send text")
        return urls


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


class ChatRequest(BaseModel):
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
    pagesight: PagesightOptions = PagesightOptions()


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """The question of a request. `images` are addresses, not yet looked at."""

    question: str
    images: tuple[str, ...]
    conversation: ConversationContext


def read_messages(messages: list[Message]) -> ChatQuestion:
    """Find the question. Raises InvalidChat unless the last message is the user's and says something."""
    if not messages or messages[-1].role != "user":
        raise InvalidChat("the last message must be the user's question")
    client_instructions = [message.text() for message in messages if message.role in _SYSTEM]
    last = messages[-1]
    chat_question = ChatQuestion(
        question=last.text(),
        images=tuple(last.images()),
        conversation=ConversationContext(
            _turns(messages[:-1]), "\n\n".join(filter(None, client_instructions))
        ),
    )
    if len(chat_question.images) > 1:
        raise InvalidChat("a question can hold one image: send one of them")
    if not chat_question.question and not chat_question.images:
        raise InvalidChat("the question is empty: ask with at least one word")
    return chat_question


def _turns(messages: list[Message]) -> tuple[Turn, ...]:
    """Pair questions with their answers; a question without an answer is left out."""
    turns, question = [], ""
    for message in messages:
        if message.role == "user":
            question = message.text()
        elif message.role == "assistant" and question and message.text():
            turns.append(Turn(question, message.text().partition(SOURCES.strip())[0].strip()))
            question = ""
    return tuple(turns)
