"""Answer events as the events of OpenAI's Responses, and a whole answer as one response.

The forms: https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from api.chat.completions import (
    Reply,
    in_markdown,
    pagesight_field,
    text_below,
    usage,
    written_text,
)
from api.chat.sources import Json, annotation
from generator.answering.answers import (
    Answer,
    AnswerDone,
    AnswerEvent,
    CitationAdded,
    PagesFound,
    Token,
)


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """What a response repeats of its request."""

    reply: Reply
    instructions: str | None
    text: Json
    temperature: float | None
    top_p: float | None
    max_output_tokens: int | None
    id: str = field(default_factory=lambda: f"resp_{uuid4().hex}")
    item_id: str = field(default_factory=lambda: f"msg_{uuid4().hex}")
    created_at_s: int = field(default_factory=lambda: int(time.time()))

    def response(self, status: str, output: Sequence[Json], **fields: Any) -> Json:
        return {
            "id": self.id, "object": "response", "created_at": self.created_at_s, "status": status,
            "background": False, "error": None, "incomplete_details": None,
            "instructions": self.instructions, "max_output_tokens": self.max_output_tokens,
            "model": self.reply.model, "output": list(output), "parallel_tool_calls": False,
            "previous_response_id": None, "reasoning": {"effort": None, "summary": None},
            "store": False, "temperature": self.temperature, "text": self.text,
            "tool_choice": "auto", "tools": [], "top_p": self.top_p, "truncation": "disabled",
            "usage": None, "user": None, "metadata": {},
        } | fields  # fmt: skip


class ResponseEvents:
    """The stream of one response; `of` gives the frames of each event of the answer in turn."""

    def __init__(self, head: ResponseHead) -> None:
        self._head = head
        self._n_events = 0
        self._query = ""
        self._text = ""
        self._notes: list[Json] = []
        self._has_part = False

    def of(self, event: AnswerEvent) -> bytes:
        frames = [] if self._n_events else self._beginning()
        match event:
            case PagesFound(_, query):
                self._query = query
            case Token() if event.text:
                frames += self._write(in_markdown(event))
            case CitationAdded(citation):
                note = flat_annotation(annotation(citation, self._text, self._head.reply.links))
                frames.append(
                    self._event(
                        "response.output_text.annotation.added",
                        **self._place(),
                        annotation=note,
                        annotation_index=len(self._notes),
                    )
                )
                self._notes.append(note)
            case AnswerDone(answer):
                frames += self._ending(answer)
        return b"".join(frames)

    def error_ending(self, error: Json) -> bytes:
        """End a stream that broke off, in the form that OpenAI's clients raise."""
        body = {name: error[name] for name in ("code", "message", "param")}
        return self._event("error", **body, error=error)

    def _beginning(self) -> list[bytes]:
        head = self._head
        response = head.response("in_progress", [])
        item = self._item("in_progress", [])
        return [
            self._event("response.created", response=response),
            self._event("response.in_progress", response=response),
            self._event("response.output_item.added", output_index=0, item=item),
        ]

    def _write(self, text: str) -> list[bytes]:
        frames = []
        if not self._has_part:
            self._has_part = True
            part = _text_part("", [])
            frames.append(self._event("response.content_part.added", **self._place(), part=part))
        self._text += text
        delta = self._event("response.output_text.delta", **self._place(), delta=text, logprobs=[])
        return [*frames, delta]

    def _ending(self, answer: Answer) -> list[bytes]:
        reply, frames = self._head.reply, []
        if answer.refusal:
            part: Json = {"type": "refusal", "refusal": answer.refusal}
            frames = self._refuse(answer.refusal)
        else:
            ending = text_below(answer, reply)
            if ending or not self._has_part:
                frames += self._write(ending)
            part = _text_part(self._text, self._notes)
            frames.append(
                self._event(
                    "response.output_text.done", **self._place(), text=self._text, logprobs=[]
                )
            )
        item = self._item("completed", [part])
        response = ended_response(self._head, item, answer, self._query)
        return [
            *frames,
            self._event("response.content_part.done", **self._place(), part=part),
            self._event("response.output_item.done", output_index=0, item=item),
            self._event(f"response.{response['status']}", response=response),
        ]

    def _refuse(self, refusal: str) -> list[bytes]:
        part = {"type": "refusal", "refusal": ""}
        place = self._place()
        return [
            self._event("response.content_part.added", **place, part=part),
            self._event("response.refusal.delta", **place, delta=refusal),
            self._event("response.refusal.done", **place, refusal=refusal),
        ]

    def _place(self) -> Json:
        return {"item_id": self._head.item_id, "output_index": 0, "content_index": 0}

    def _item(self, status: str, content: Iterable[Json]) -> Json:
        return message_item(self._head, status, content)

    def _event(self, kind: str, **fields: Any) -> bytes:
        body = {"type": kind, "sequence_number": self._n_events} | fields
        self._n_events += 1
        data = json.dumps(body, ensure_ascii=False).encode()
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


def whole_response(events: Sequence[AnswerEvent], answer: Answer, head: ResponseHead) -> Json:
    """The whole answer at once, from all its events."""
    whole = written_text(events, head.reply.links)
    if answer.refusal:
        part: Json = {"type": "refusal", "refusal": answer.refusal}
    else:
        notes = [flat_annotation(note) for note in whole.annotations]
        part = _text_part(whole.text + text_below(answer, head.reply), notes)
    return ended_response(head, message_item(head, "completed", [part]), answer, whole.query)


def ended_response(head: ResponseHead, item: Json, answer: Answer, query: str) -> Json:
    """The response of an answer that has ended."""
    tokens = usage(answer)
    is_cut = bool(answer.usage.get("cut_at_limit"))
    return head.response(
        "incomplete" if is_cut else "completed",
        [item],
        incomplete_details={"reason": "max_output_tokens"} if is_cut else None,
        usage={
            "input_tokens": tokens["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": tokens["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": tokens["total_tokens"],
        },
        pagesight=pagesight_field(answer, query, head.reply),
    )


def message_item(head: ResponseHead, status: str, content: Iterable[Json]) -> Json:
    return {
        "id": head.item_id, "type": "message", "status": status, "role": "assistant",
        "content": list(content),
    }  # fmt: skip


def flat_annotation(note: Json) -> Json:
    """An annotation as Responses have it: the fields of a chat's `url_citation`, beside its type."""
    return {"type": note["type"], **note["url_citation"]}


def _text_part(text: str, notes: Sequence[Json]) -> Json:
    return {"type": "output_text", "text": text, "annotations": list(notes), "logprobs": []}
