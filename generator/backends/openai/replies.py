"""Reads what a chat endpoint sends back: a refusal with its reason, or an answer piece by piece."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from generator.backends.base import AnswerPiece, Usage
from generator.backends.openai.deadlines import BETWEEN_TOKENS, Timer
from generator.backends.openai.retries import read_retry_after
from generator.backends.openai.sse import DONE, event_data, message_of, not_a_chunk, read_chunk
from generator.backends.tool_call_pieces import ToolCallPieces
from generator.errors import BackendCut, BackendGarbled, BackendOverloaded, BackendRefused

if TYPE_CHECKING:
    import httpx2

_MAX_ERROR_BYTES = 4096
_MAX_ERROR_CHARACTERS = 300
_MAX_ANSWER_CHARACTERS = 1_000_000  # beyond any limit of tokens: the server ignores the limit

_HINTS = {
    401: ": set the API key that this server knows",
    403: ": set an API key that may use this model",
    404: ": check the model's name, and whether the address ends in /v1",
    413: ": give it fewer or smaller pages",
    429: ": it has too much to do; ask again later",
}


class ReplyReader:
    """Reads responses of the server at `where`; the text of an error never holds `secret`."""

    def __init__(self, where: str, secret: str | None, between_tokens_s: float) -> None:
        self._where = where
        self._secret = secret
        self._between_tokens_s = between_tokens_s

    async def accept(self, response: httpx2.Response) -> None:
        """Raise BackendRefused or BackendGarbled unless an event stream follows."""
        status = response.status_code
        if status != 200:
            reason = self._one_line(_error_in(await _start_of(response)))
            raise _refusal(
                f"{self._where} refused the request ({status} {reason or response.reason_phrase})"
                f"{_HINTS.get(status, '')}",
                status,
                read_retry_after(response.headers.get("retry-after")),
            )
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "text/event-stream":
            raise BackendGarbled(
                f"{self._where} sends {self._one_line(kind) or 'something untyped'}, not an event stream: "
                "give the address of an OpenAI-compatible interface, which often ends in /v1"
            )

    async def relay(
        self, response: httpx2.Response, emit: Callable[[AnswerPiece], None], timer: Timer
    ) -> None:
        """Emit the pieces, then the usage. Raises BackendGarbled, BackendCut, BackendRefused."""
        finish: str | None = None
        usage: tuple[int, int] | None = None
        n_characters = 0
        call_pieces = ToolCallPieces()
        async for data in event_data(response.aiter_bytes()):
            if data.strip() == DONE:
                finish = finish or "stop"
                break
            chunk = read_chunk(data)
            if chunk.error is not None:
                raise _refusal(
                    f"{self._where} broke off: {self._one_line(chunk.error[1])}", chunk.error[0]
                )
            if not call_pieces.add(chunk.tool_calls):
                raise not_a_chunk()
            if chunk.text or chunk.thinks or chunk.tool_calls:
                timer.restart(BETWEEN_TOKENS, self._between_tokens_s)
            if chunk.text:
                emit(chunk.text)
            n_characters += len(chunk.text)
            if n_characters > _MAX_ANSWER_CHARACTERS:
                raise BackendGarbled(f"{self._where} does not end its answer: look into its log")
            finish, usage = chunk.finish_reason or finish, chunk.usage or usage
        if finish is None:
            raise BackendCut(f"{self._where} ended the stream amid the answer: look into its log")
        prompt_tokens, completion_tokens = usage or (None, None)
        emit(Usage(prompt_tokens, completion_tokens, finish, calls=call_pieces.calls))

    def _one_line(self, text: str) -> str:
        """Bring what a server said onto one line, without the secret, not too long."""
        bare = text.replace(self._secret, "***") if self._secret else text
        line = " ".join(bare.split())
        if len(line) <= _MAX_ERROR_CHARACTERS:
            return line
        return line[: _MAX_ERROR_CHARACTERS - 1] + "…"


def _refusal(message: str, status: int, retry_after_s: float | None = None) -> BackendRefused:
    is_overload = status == 429 or (status == 503 and retry_after_s is not None)
    return (BackendOverloaded if is_overload else BackendRefused)(message, status, retry_after_s)


async def _start_of(response: httpx2.Response) -> bytes:
    start = b""
    async for piece in response.aiter_bytes():
        start += piece
        if len(start) > _MAX_ERROR_BYTES:
            break
    return start


def _error_in(body: bytes) -> str:
    """Read the message of an error in OpenAI's shape or FastAPI's; else return the text itself."""
    try:
        value = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return message_of(value) if isinstance(value, dict) else str(value)
