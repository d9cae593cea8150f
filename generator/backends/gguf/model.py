"""The answer model over llama.cpp in this process: one answer at a time, the others wait in order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

from generator.backends.base import AnswerPiece, Usage
from generator.backends.gguf.engine import GgufEngine
from generator.backends.lazy_model import LazyModel
from generator.backends.messages import Sampling, chat_body
from generator.backends.model_thread import ModelThread
from generator.backends.pending_answer import PendingAnswer
from generator.backends.tool_call_pieces import ToolCallPieces
from generator.errors import (
    BackendCut,
    BackendError,
    BackendRefused,
    PromptTooLong,
    ToolsRefused,
)
from generator.prompts import Prompt

_TOO_LONG = "exceed_context_size_error"


class GgufAnswerModel:
    """An AnswerModel of this process. `load` is called at the first question, in the model's thread."""

    def __init__(
        self,
        name: str,
        load: Callable[[], GgufEngine],
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        reads_images: bool = False,
    ) -> None:
        self.name = name
        self.reads_images = reads_images
        self._engine = LazyModel(load)
        self._sampling = sampling
        self._thread = ModelThread(self._answer, max_batch=1)

    def unavailable_reason(self) -> str:
        """Say why the model could not be loaded the last time; the first question loads it."""
        return self._engine.failure

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool], sampling: Sampling | None = None
    ) -> Generator[AnswerPiece, None, None]:
        """Stream as `AnswerModel.stream` does; `sampling` replaces the model's own for this question.

        Raises GeneratorUnavailable when the model cannot be loaded, PromptTooLong, BackendRefused.
        """
        if not self.reads_images:
            text_pages = tuple(replace(page, image=None) for page in prompt.pages)
            prompt = replace(prompt, pages=text_pages)
        pending = PendingAnswer(prompt, sampling or self._sampling, is_cancelled)
        self._thread.submit(pending)
        yield from pending.read()

    def _answer(self, answers: Sequence[PendingAnswer]) -> None:
        for pending in answers:
            try:
                if not pending.is_abandoned:
                    self._write(pending)
                pending.end()
            except Exception as error:  # noqa: BLE001 - the job boundary: its reader raises it
                pending.end(error)

    def _write(self, pending: PendingAnswer) -> None:
        engine = self._engine.get()
        if pending.prompt.tool_use is not None and not engine.calls_tools:
            raise ToolsRefused(f"the chat template of {self.name} knows no tools")
        reply = _Reply(pending)
        try:
            engine.complete(_body(pending, engine.marks), reply.take)
        except (ValueError, RuntimeError) as error:
            raise BackendRefused(f"llama.cpp cannot read the request: {error}", 400) from error
        if reply.error is not None:
            raise _error_of(reply.error)
        if pending.is_abandoned:
            return
        if reply.finish_reason is None:
            raise BackendCut("llama.cpp ended before its answer did")
        pending.write(reply.usage())


class _Reply:
    """Reads the chunks of one answer; `error` is what llama.cpp says went wrong.

    They come in llama.cpp's thread with the interpreter held: nothing here may raise.
    """

    def __init__(self, pending: PendingAnswer) -> None:
        self.error: dict[str, Any] | None = None
        self.finish_reason: str | None = None
        self._pending = pending
        self._counts: dict[str, Any] = {}
        self._call_pieces = ToolCallPieces()
        self._logprob_sum = 0.0
        self._n_logprobs = 0

    def take(self, chunk: dict[str, Any]) -> bool:
        """Take a chunk: text, progress over the prompt, counts or an error. Return whether to stop."""
        if "error" in chunk:
            self.error = chunk["error"]
            return True
        self._counts = chunk.get("usage") or self._counts
        for choice in chunk.get("choices", ()):
            self.finish_reason = choice.get("finish_reason") or self.finish_reason
            for token in (choice.get("logprobs") or {}).get("content") or ():
                self._logprob_sum += token["logprob"]
                self._n_logprobs += 1
            self._call_pieces.add(choice["delta"].get("tool_calls"))
            if text := choice["delta"].get("content"):
                self._pending.write(text)
        return self._pending.is_abandoned

    def usage(self) -> Usage:
        mean = self._logprob_sum / self._n_logprobs if self._n_logprobs else None
        return Usage(
            prompt_tokens=self._counts.get("prompt_tokens"),
            completion_tokens=self._counts.get("completion_tokens"),
            finish_reason="length" if self.finish_reason == "length" else "stop",
            mean_logprob=mean,
            calls=self._call_pieces.calls,
        )


def _body(pending: PendingAnswer, marks: Sequence[str]) -> dict[str, Any]:
    body = chat_body(pending.prompt, "gguf", pending.sampling)
    body["messages"] = [_without_marks(message, marks) for message in body["messages"]]
    return body | {
        "logprobs": pending.prompt.tool_use is None,  # llama.cpp tells none beside calls of tools
        "return_progress": True,  # a chunk after each part of the prompt: there it can be cancelled
        "cache_prompt": True,
        "chat_template_kwargs": {"enable_thinking": False},  # minutes on a processor
    }


def _without_marks(message: dict[str, Any], marks: Sequence[str]) -> dict[str, Any]:
    """Break the control tokens in a message's text: a page could end its turn or show an image."""
    content = message["content"]
    if isinstance(content, str):
        return message | {"content": _broken(content, marks)}
    parts = [
        part | {"text": _broken(part["text"], marks)} if part["type"] == "text" else part
        for part in content
    ]
    return message | {"content": parts}


def _broken(text: str, marks: Sequence[str]) -> str:
    for mark in marks:
        if mark in text:
            text = text.replace(mark, "‹" + mark[1:])
    return text


def _error_of(error: dict[str, Any]) -> BackendError:
    message = str(error.get("message", "no reason"))
    if error.get("type") == _TOO_LONG:
        return PromptTooLong(
            f"the prompt has {error.get('n_prompt_tokens')} tokens, the model's context "
            f"{error.get('n_ctx')}: ask over fewer pages, lower PAGESIGHT_GGUF_PROMPT_CHARACTERS, or raise "
            "PAGESIGHT_GGUF_CONTEXT_TOKENS"
        )
    return BackendRefused(f"llama.cpp: {message}", int(error.get("code", 500)))
