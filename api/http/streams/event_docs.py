"""Server-sent events in the OpenAPI document: their names, and the JSON that each carries."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def component(name: str) -> Schema:
    """Refer to a schema that some response of the document defines."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def events_of(**data: Schema) -> dict[int | str, Schema]:
    """Return `responses` of a route that may stream: the schema of each event's data, by its name.

    OpenAPI 3.1 has no word for the items of a stream: the schema is that of one event.
    """
    kinds = [_event(data[name], event={"const": name}) for name in data]
    return {200: {"content": {"text/event-stream": {"schema": {"oneOf": kinds}}}}}


def chunks_of(chunk: str) -> dict[int | str, Schema]:
    """Return `responses` of a route that may stream OpenAI's chunks: nameless events, the last [DONE]."""
    data = {"type": "string", "description": chunk}
    return {200: {"content": {"text/event-stream": {"schema": object_of(data=data)}}}}


def _event(data: Schema, event: Schema) -> Schema:
    field = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return object_of(event=event, data=field)


ERROR_EVENT = component("ErrorResponse")
ANSWER_EVENTS = {
    "pages": object_of(
        pages={"type": "array", "items": component("HitBody")}, searched_question={"type": "string"}
    ),
    "step": component("StepTaken"),
    "token": object_of(text={"type": "string"}, is_value={"type": "boolean"}),
    "html": object_of(html={"type": "string"}),
    "citation": component("LinkedCitation"),
    "error": ERROR_EVENT,
}
