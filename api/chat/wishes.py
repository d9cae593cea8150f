"""What a caller asks of an answer beside its question: honoured, or refused by name."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import InvalidChat
from generator.prompts import SamplingWishes

_ANY_OBJECT = {"type": "object"}  # what `json_object` asks for


class JsonSchemaBody(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = "answer"
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


class ResponseFormat(BaseModel):
    """OpenAI's `response_format`: `text`, `json_object` or `json_schema`."""

    model_config = ConfigDict(extra="ignore")

    type: str = "text"
    json_schema: JsonSchemaBody | None = None


class SamplingBody(BaseModel):
    """What a model is passed of a request; quoting draws nothing."""

    model_config = ConfigDict(extra="ignore")

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    stop: str | list[str] | None = None

    def wishes(self, max_tokens: int | None) -> SamplingWishes:
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return SamplingWishes(
            self.temperature, self.top_p, max_tokens, tuple(stop for stop in stops if stop)
        )


def schema_of(kind: str, schema: dict[str, Any] | None, param: str) -> dict[str, Any] | None:
    """Return the schema of an answer as JSON, None for text. Raises InvalidChat, naming `param`."""
    match kind:
        case "text":
            return None
        case "json_object":
            return _ANY_OBJECT
        case "json_schema" if schema is not None:
            return schema
        case "json_schema":
            raise InvalidChat("json_schema needs a `schema`", param)
    raise InvalidChat(
        f"an answer of type {kind!r} cannot be given: text, json_object, json_schema", param
    )


def refuse_forced_tools(tool_choice: Any, param: str = "tool_choice") -> None:
    """Raise InvalidChat where a tool must be called: this model answers from pages, and calls none."""
    if isinstance(tool_choice, dict) and tool_choice.get("type") == "allowed_tools":
        tool_choice = tool_choice.get(
            "allowed_tools", tool_choice
        )  # Responses have its mode beside the type
        tool_choice = tool_choice.get("mode") if isinstance(tool_choice, dict) else tool_choice
    if tool_choice not in (None, "auto", "none"):
        raise InvalidChat(
            "no tool can be forced: this model answers from pages and calls none", param
        )
