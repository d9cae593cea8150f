"""A request of OpenAI's Responses: its input read as the messages of a chat."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import InvalidChat
from api.chat.requests import Message, PagesightOptions, Part
from api.chat.wishes import SamplingBody, refuse_forced_tools, schema_of
from api.http.limits.bodies import Text
from generator.answering.answer_form import AnswerForm

_TEXTS = ("input_text", "output_text", "text")


class InputPart(BaseModel):
    """A piece of a message: words, or something else that is named by its type."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: Text | None = None
    image_url: str | None = None

    def part(self) -> Part:
        if self.type in _TEXTS:
            return Part(type="text", text=self.text)
        if self.type == "input_image":
            return Part(type="image_url", image_url=self.image_url)
        return Part(type=self.type)


class InputItem(BaseModel):
    """A message, or what an agent did: a call of a tool and what came of it."""

    model_config = ConfigDict(extra="ignore")

    type: str = "message"
    role: str = ""
    content: Text | list[InputPart] | None = None

    def message(self) -> Message | None:
        """Return the message that it is in a chat; None for what no chat has, such as reasoning."""
        if self.type == "message":
            content = self.content
            parts = [row.part() for row in content] if isinstance(content, list) else content
            return Message(role=self.role, content=parts)
        if self.type.endswith("_call_output"):
            return Message(role="tool")
        if self.type.endswith("_call"):
            return Message(role="assistant", tool_calls=[self.type])
        return None


class TextFormat(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = "text"
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


class TextConfig(BaseModel):
    model_config = ConfigDict(extra="ignore")

    format: TextFormat | None = None


class ResponseRequest(SamplingBody):
    """OpenAI's request. Every field that is not listed is accepted and ignored."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {"model": "pagesight/manuals", "input": "How tight must the housing bolts be?"}
            ]
        },
    )

    model: Text = Field(examples=["pagesight/manuals"])
    input: Text | list[InputItem]
    instructions: Text | None = None
    stream: bool | None = False
    text: TextConfig | None = None
    max_output_tokens: int | None = Field(default=None, gt=0)
    tool_choice: Any = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    background: bool | None = None
    pagesight: PagesightOptions = PagesightOptions()

    def messages(self) -> list[Message]:
        """Return instructions and input as the messages of a chat."""
        messages = [Message(role="system", content=self.instructions)] if self.instructions else []
        if isinstance(self.input, str):
            return [*messages, Message(role="user", content=self.input)]
        return [*messages, *filter(None, (item.message() for item in self.input))]

    def form(self) -> AnswerForm:
        """Return the form that the answer shall have. Raises InvalidChat for what cannot be honoured."""
        refuse_forced_tools(self.tool_choice)
        for name in ("previous_response_id", "conversation", "prompt"):
            if getattr(self, name) is not None:
                raise InvalidChat("nothing is kept here: send the whole talk as `input`", name)
        if self.background:
            raise InvalidChat("an answer is given at once, or streamed", "background")
        text_format = (self.text and self.text.format) or TextFormat()
        schema = schema_of(text_format.type, text_format.schema_, "text.format")
        return AnswerForm(schema, self.wishes(self.max_output_tokens))

    def text_config(self) -> dict[str, Any]:
        """Return the format as it was asked for, which a response repeats."""
        text_format = (self.text and self.text.format) or TextFormat()
        if text_format.schema_ is None:
            return {"format": {"type": text_format.type}}
        return {
            "format": {"type": text_format.type, "name": "answer", "schema": text_format.schema_}
        }
