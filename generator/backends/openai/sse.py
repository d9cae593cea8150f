"""Reads the stream of an OpenAI-compatible chat endpoint: bytes -> events -> chunks.

Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from generator.errors import BackendGarbled

DONE = "[DONE]"
_MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ChatChunk:
    """One event of the stream.

    text           may be empty
    thinks         whether it holds reasoning, which is not part of the answer
    tool_calls     pieces of calls of tools, as the server sends them
    finish_reason  set in the chunk that ends the answer
    usage          prompt and completion tokens, in one of the last chunks
    error          status and message of the error that ended the stream
    """

    text: str = ""
    thinks: bool = False
    tool_calls: object = None
    finish_reason: str | None = None
    usage: tuple[int, int] | None = None
    error: tuple[int, str] | None = None


async def event_data(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the data of each event. Raises BackendGarbled for an endless line or one that is no UTF-8."""
    data: list[str] = []
    async for line in _lines(pieces):
        if not line and data:
            yield "\n".join(data)
            data = []
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "error":  # llama.cpp before 2025 sent errors in a field of their own
            data.append(f'{{"error": {value}}}')
    if data:  # a last event without its blank line
        yield "\n".join(data)


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield _decode(line)
        if len(rest) > _MAX_LINE_BYTES:
            raise BackendGarbled("the answer server sends a line that does not end")
    if rest:
        yield _decode(rest)


def _decode(line: bytes) -> str:
    try:
        return line.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BackendGarbled("the answer server sends bytes that are no UTF-8") from error


def read_chunk(data: str) -> ChatChunk:
    """Read the data of one event. Raises BackendGarbled."""
    try:
        body = json.loads(data)
    except ValueError as error:
        raise not_a_chunk() from error
    if not isinstance(body, dict):
        raise not_a_chunk()
    if body.get("error"):
        return ChatChunk(error=(_status_of(body["error"]), message_of(body)))
    choice = _first(body.get("choices"))
    delta = choice.get("delta") or {}
    if not isinstance(delta, dict):
        raise not_a_chunk()
    text, finish = delta.get("content") or "", choice.get("finish_reason")
    if not isinstance(text, str) or not isinstance(finish, str | None):
        raise not_a_chunk()
    return ChatChunk(
        text=text,
        thinks=bool(delta.get("reasoning_content") or delta.get("reasoning")),
        tool_calls=delta.get("tool_calls"),
        finish_reason=finish,
        usage=_usage(body.get("usage")),
    )


def message_of(body: dict[str, Any]) -> str:
    """Read the message of an error in OpenAI's shape, in FastAPI's, or in its own."""
    error = body.get("error") or body.get("detail") or body.get("message") or body
    message = error.get("message", error) if isinstance(error, dict) else error
    return message if isinstance(message, str) else json.dumps(message)


def _status_of(error: object) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def _first(choices: object) -> dict[str, Any]:
    """Return the first choice; the chunk that carries the usage has none."""
    if not choices:
        return {}
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise not_a_chunk()
    return choices[0]


def _usage(usage: object) -> tuple[int, int] | None:
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if isinstance(prompt, int) and isinstance(completion, int):
        return (prompt, completion)
    return None


def not_a_chunk() -> BackendGarbled:
    return BackendGarbled(
        "the answer server sends events that are no chat completion chunks: give the address of an "
        "OpenAI-compatible interface"
    )
