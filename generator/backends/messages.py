"""Writes a prompt as the body of a chat completion request."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.backends.clips import clips_of
from generator.prompts import Prompt, PromptPage, SamplingWishes
from generator.tool_calls import Tool, ToolTurn


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn; temperature 0 takes the likeliest token each time."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    stop: tuple[str, ...] = ()

    def with_wishes(self, wishes: SamplingWishes) -> Sampling:
        """Return the same with a caller's wishes; an answer gets no longer than the operator allows."""
        return Sampling(
            self.temperature if wishes.temperature is None else wishes.temperature,
            self.top_p if wishes.top_p is None else wishes.top_p,
            min(self.max_tokens, wishes.max_tokens or self.max_tokens),
            wishes.stop or self.stop,
        )


def chat_body(prompt: Prompt, model: str, sampling: Sampling) -> dict[str, Any]:
    """Write the JSON of a streaming request."""
    sampling = sampling.with_wishes(prompt.wishes)
    body: dict[str, Any] = {
        "model": model,
        "messages": chat_messages(prompt),
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
    }
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if prompt.json_schema is not None:
        schema = {"name": "answer", "strict": True, "schema": dict(prompt.json_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if prompt.tool_use is not None:
        body["tools"] = tool_definitions(prompt.tool_use.tools)
    return body


def tool_definitions(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Describe tools as the protocol and the chat templates want them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def chat_messages(prompt: Prompt, *, watches_videos: bool = False) -> list[dict[str, Any]]:
    """Write the system text, then questions and answers in turn; pages stand before the first question.

    watches_videos  neighbouring pictures of a video are a part of type `video`, whose images the caller has

    They stay there when the conversation goes on, so that the server can reuse what it computed for them.
    """
    turns = [(turn.question, turn.answer) for turn in prompt.history]
    first = turns[0][0] if turns else prompt.question
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": _with_pages(prompt.pages, first, watches_videos)},
    ]
    for n, (question, answer) in enumerate(turns):
        if n > 0:
            messages.append({"role": "user", "content": _question_text(question)})
        messages.append({"role": "assistant", "content": answer})
    if turns:
        messages.append({"role": "user", "content": _question_text(prompt.question)})
    for n, turn in enumerate(prompt.tool_use.turns if prompt.tool_use else (), start=1):
        messages += _tool_messages(f"call_{n}", turn)
    return messages


def _tool_messages(call_id: str, turn: ToolTurn) -> list[dict[str, Any]]:
    function = {"name": turn.call.name, "arguments": turn.call.arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": turn.outcome},
    ]


def _with_pages(
    pages: tuple[PromptPage, ...], question: str, watches_videos: bool
) -> str | list[dict[str, Any]]:
    """Write plain text where no page has an image: servers of text models take nothing else."""
    if all(page.image is None for page in pages):
        texts = [f"{page.label}\n{page.data}" for page in pages]
        return "\n\n".join([*texts, _question_text(question)])
    parts: list[dict[str, Any]] = []
    for clip in clips_of(pages) if watches_videos else [(page,) for page in pages]:
        parts.append({"type": "text", "text": "\n".join(page.label for page in clip)})
        if len(clip) > 1:
            parts[-1]["text"] += "\nThese follow each other in this video:"
            parts.append({"type": "video"})
        elif clip[0].image is not None:
            parts.append({"type": "image_url", "image_url": {"url": _data_uri(clip[0].image)}})
        parts += [{"type": "text", "text": page.data} for page in clip if page.data]
    return [*parts, {"type": "text", "text": _question_text(question)}]


def _question_text(question: str) -> str:
    return f"Question: {question}"


def _data_uri(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
