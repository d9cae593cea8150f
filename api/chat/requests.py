"""A chat completion request: what of it is the question, the talk before it, the client's wishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import InvalidChat
from api.http.bodies import FilterBody, Text
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
        """The addresses of its images. Raises InvalidChat for a part that is neither text nor image."""
        found = []
        for part in self.content if isinstance(self.content, list) else ():
            if part.type == "image_url":
                given = part.image_url
                url = given.get("url") if isinstance(given, dict) else given
                found.append(str(url or ""))
            elif part.type != "text":
                raise InvalidChat(f"a message part of type {part.type!r} cannot be read: send text")
        return found


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class OurOptions(BaseModel):
    """What only pagesight knows.

    events  also send what Open WebUI shows beside an answer, as it gets by itself
    """

    model_config = ConfigDict(extra="forbid")

    k: int = Field(default=5, description="Pages to read for the answer.")
    filters: FilterBody = FilterBody()
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
    pagesight: OurOptions = OurOptions()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request comes down to. `images` are addresses, not yet looked at."""

    question: str
    images: tuple[str, ...]
    talk: ConversationContext


def read_messages(messages: list[Message]) -> Asked:
    """Raises InvalidChat unless the last message is the user's and says something."""
    if not messages or messages[-1].role != "user":
        raise InvalidChat("the last message must be the user's question")
    wishes = [message.text() for message in messages if message.role in _SYSTEM]
    last = messages[-1]
    asked = Asked(
        question=last.text(),
        images=tuple(last.images()),
        talk=ConversationContext(_turns(messages[:-1]), "\n\n".join(filter(None, wishes))),
    )
    if len(asked.images) > 1:
        raise InvalidChat("a question can hold one image: send one of them")
    if not asked.question and not asked.images:
        raise InvalidChat("the question is empty: ask with at least one word")
    return asked


def _turns(messages: list[Message]) -> tuple[Turn, ...]:
    """Questions with their answers; a question that was never answered is left out."""
    turns, question = [], ""
    for message in messages:
        if message.role == "user":
            question = message.text()
        elif message.role == "assistant" and question and message.text():
            turns.append(Turn(question, message.text().partition(SOURCES.strip())[0].strip()))
            question = ""
    return tuple(turns)
