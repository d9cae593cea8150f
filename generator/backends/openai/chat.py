"""Streams answers from an OpenAI-compatible chat endpoint: vLLM, SGLang, Ollama, llama.cpp, DashScope.

The protocol: https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from generator.backends.base import AnswerPiece
from generator.backends.messages import Sampling, chat_body
from generator.backends.openai.address import authorization, host_of
from generator.backends.openai.background import in_background
from generator.backends.openai.breaker import CircuitBreaker
from generator.backends.openai.deadlines import (
    CONNECT,
    FIRST_TOKEN,
    TOTAL,
    Deadlines,
    timed_out,
    within,
)
from generator.backends.openai.profiles import PROFILES, ServerProfile
from generator.backends.openai.replies import ReplyReader
from generator.backends.openai.retries import Retries
from generator.errors import (
    BackendCut,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    ToolsRefused,
)
from generator.prompts import Prompt

if TYPE_CHECKING:
    import httpx2

_PROBE_S = 1.0
_OF_TOOLS = re.compile(r"\btools?\b|function.call", re.IGNORECASE)

Emit = Callable[[AnswerPiece], None]


@dataclass(frozen=True, slots=True)
class ChatServer:
    """Where answers come from. `base_url` is the part before `/chat/completions`: it often ends in /v1."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    reads_images: bool = True
    profile: ServerProfile = PROFILES["plain"]


class OpenAiChat:
    """Streams answers; sends a request again only while nothing of the answer has come."""

    def __init__(
        self,
        server: ChatServer,
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen
        retries: Retries = Retries(),  # noqa: B008 - frozen
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """Raises GeneratorUnavailable for an address or a key that cannot be one."""
        self.name = server.model
        self.reads_images = server.reads_images
        self._profile = server.profile
        self._where = f"the answer server at {host_of(server.base_url)}"
        self._url = server.base_url.rstrip("/") + "/chat/completions"
        self._headers = authorization(server.api_key)
        self._reader = ReplyReader(self._where, server.api_key, deadlines.between_tokens_s)
        self._sampling = sampling
        self._deadlines = deadlines
        self._retries = retries
        self._breaker = breaker or CircuitBreaker()
        self._knows_no_tools = ""  # what it said when it was given some

    def unavailable_reason(self) -> str:
        """Say that the circuit is open, or that nothing listens at the address."""
        if reason := self._breaker.unavailable_reason():
            return reason
        parts = urlsplit(self._url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), _PROBE_S).close()
        except (OSError, UnicodeError) as error:  # the latter for a name that no host can have
            why = getattr(error, "strerror", None) or type(error).__name__
            return f"{self._where} cannot be reached ({why})"
        return ""

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        """Stream an answer as `AnswerModel.stream` does."""
        if prompt.tool_use is not None and self._knows_no_tools:
            raise ToolsRefused(self._knows_no_tools)
        body = self._profile.adapt(chat_body(prompt, self.name, self._sampling), prompt)

        async def work(emit: Emit) -> None:
            await self._answer(body, emit)

        return in_background(work, is_cancelled)

    async def _answer(self, body: dict[str, Any], emit: Emit) -> None:
        """Stream one answer, and record with the circuit breaker how it ended."""
        self._breaker.enter()
        record = self._breaker.abandon
        try:
            async with within(self._where, TOTAL, self._deadlines.total_s):
                await self._persistently(body, emit)
            record = self._breaker.record_success
        except BackendError as error:
            breaker = self._breaker
            record = breaker.record_failure if error.at_fault else breaker.record_success
            raise
        finally:
            record()

    async def _persistently(self, body: dict[str, Any], emit: Emit) -> None:
        """Attempt until one streams or none is left; raise the error of the last."""
        n_failed, began = 0, False

        def emit_first(piece: AnswerPiece) -> None:
            nonlocal began
            began = True
            emit(piece)

        while True:
            try:
                return await self._attempt(body, emit_first)
            except BackendError as error:
                n_failed += 1
                retry_after_s = error.retry_after_s if isinstance(error, BackendRefused) else None
                wait_s = self._retries.wait_s(n_failed, retry_after_s)
                if began or not error.retryable or wait_s is None:
                    raise
            await asyncio.sleep(wait_s)

    async def _attempt(self, body: dict[str, Any], emit: Emit) -> None:
        import httpx2

        deadlines = self._deadlines
        is_streaming = False
        try:
            # The environment is not read: its proxy would be wrong for a server nearby.
            async with (
                httpx2.AsyncClient(
                    timeout=httpx2.Timeout(None, connect=deadlines.connect_s), trust_env=False
                ) as client,
                within(self._where, FIRST_TOKEN, deadlines.first_token_s) as timer,
                client.stream("POST", self._url, json=body, headers=self._headers) as response,
            ):
                is_streaming = True
                await self._accept(response, "tools" in body)
                await self._reader.relay(response, emit, timer)
        except httpx2.ConnectTimeout as error:
            raise timed_out(self._where, CONNECT, deadlines.connect_s) from error
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL) as error:
            if is_streaming:
                raise BackendCut(
                    f"{self._where} cut the stream amid the answer: look into its log"
                ) from error
            raise BackendUnreachable(
                f"{self._where} cannot be reached ({type(error).__name__}): start it, or give the "
                "address of another"
            ) from error

    async def _accept(self, response: httpx2.Response, has_tools: bool) -> None:
        """Raise as `ReplyReader.accept`; ToolsRefused where it is the tools that the server complains of."""
        try:
            await self._reader.accept(response)
        except BackendRefused as error:
            if not has_tools or not _OF_TOOLS.search(str(error)):
                raise
            self._knows_no_tools = str(error)
            raise ToolsRefused(str(error)) from error
