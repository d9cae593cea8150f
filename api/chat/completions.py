"""Answer events as OpenAI's chunks, and a whole answer as OpenAI's completion.

The forms: https://platform.openai.com/docs/api-reference/chat, and Open WebUI's own events.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

from api.base.links import Links
from api.chat.sources import Json, annotation, source_event, source_list, unproved_list
from api.schemas.answers import LinkedCitation, linked_citation
from api.schemas.hits import Completeness, LinkedHit, completeness, linked_hit
from generator.answering.answers import (
    Answer,
    AnswerDone,
    AnswerEvent,
    CitationAdded,
    PagesFound,
    Token,
)
from retriever.hits import PageHit

_NUMBER = re.compile(r"\[(\d{1,2})\]")
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """What every chunk of one completion repeats, and what the client wants to see.

    events  the client is Open WebUI: it shows sources and progress that are sent as events. It makes a
            source of each annotation, too: it gets none, or every page would be listed twice
    n_sources  that Open WebUI shows before those of the answer: [n] in the text counts them, too
    unread_parts  types of the parts of the question that were not read
    as_json       the answer is JSON: no links below it, no emphasis in it
    usage   the client wants the usage on a chunk of its own, too
    """

    model: str
    links: Links
    events: bool = False
    usage: bool = False
    n_sources: int = 0
    unread_parts: tuple[str, ...] = ()
    as_json: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created_at_s: int = field(default_factory=lambda: int(time.time()))


class PagesightField(Completeness):
    """The field `pagesight` of an answer, or of its last chunk.

    unread_parts  types of parts of the question that were not read, such as `file`: its words were answered
    """

    query_used: str
    grounded: bool
    unsupported_claims: tuple[str, ...]
    pages: list[LinkedHit]
    citations: list[LinkedCitation]
    unread_parts: tuple[str, ...] = ()


class Chunks:
    """The stream of one answer; `of` gives the frames of each event in turn."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._query = ""
        self._text = ""
        self._notes: list[Json] = []
        self._begun = False

    def of(self, event: AnswerEvent) -> bytes:
        chunks: list[Json] = []
        if not self._begun:
            self._begun = True
            chunks.append(self._chunk({"role": "assistant", "content": ""}))
        match event:
            case PagesFound(pages, query):
                self._query = query
                if self._reply.events and pages:
                    chunks.append(_event("status", _pages_read(pages)))
            case Token():
                text = self._count_from_others(in_markdown(event))
                self._text += text
                chunks.append(self._chunk({"content": text}))
            case CitationAdded(citation):
                if self._reply.events:
                    chunks.append(_event("source", source_event(citation, self._reply.links)))
                else:
                    note = annotation(citation, self._text, self._reply.links)
                    self._notes.append({"index": len(self._notes)} | note)
            case AnswerDone(answer):
                chunks += self._last(answer)
        ending = DONE if isinstance(event, AnswerDone) else b""
        return b"".join(map(_frame, chunks)) + ending

    def _count_from_others(self, text: str) -> str:
        """Count from the sources on that Open WebUI has of its own."""
        if not self._reply.events or not self._reply.n_sources:
            return text
        return _NUMBER.sub(lambda match: f"[{int(match[1]) + self._reply.n_sources}]", text)

    def error_ending(self, error: Json) -> bytes:
        """End a stream that broke off: no `choices`, or clients would read over the error."""
        return _frame({"error": error}) + DONE

    def _last(self, answer: Answer) -> list[Json]:
        reply = self._reply
        chunks = []
        if ending := text_below(answer, reply):
            chunks.append(self._chunk({"content": ending}))
        if answer.refusal:
            chunks.append(self._chunk({"refusal": answer.refusal}))
        if self._notes:
            # All in one chunk and each with its index: OpenAI's helper for Python joins them by index, the
            # one for npm keeps the last chunk's only.
            chunks.append(self._chunk({"annotations": self._notes}))
        tokens = usage(answer)
        end = self._chunk({}, finish_reason(answer))
        # Also here: some clients stop reading at the first finish_reason.
        chunks.append(
            end | {"usage": tokens, "pagesight": pagesight_field(answer, self._query, reply)}
        )
        if reply.usage:
            chunks.append(self._envelope() | {"choices": [], "usage": tokens})
        return chunks

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._envelope() | {"choices": [choice]}

    def _envelope(self) -> Json:
        reply = self._reply
        return {
            "id": reply.id,
            "object": "chat.completion.chunk",
            "created": reply.created_at_s,
            "model": reply.model,
        }


def completion(events: Sequence[AnswerEvent], answer: Answer, reply: Reply) -> Json:
    """The whole answer at once, from all its events."""
    whole = written_text(events, reply.links)
    content = whole.text + text_below(answer, reply)
    message = {
        "role": "assistant",
        "content": None if answer.refusal else content,
        "refusal": answer.refusal or None,
        "annotations": whole.annotations,
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": finish_reason(answer),
    }
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": reply.created_at_s,
        "model": reply.model,
        "choices": [choice],
        "usage": usage(answer),
        "pagesight": pagesight_field(answer, whole.query, reply),
    }


class WrittenText(NamedTuple):
    """The text of a whole answer in Markdown, its annotations as of a chat, and what was searched for."""

    text: str
    annotations: list[Json]
    query: str


def written_text(events: Sequence[AnswerEvent], links: Links) -> WrittenText:
    """Put an answer together from all its events."""
    text, query, annotations = "", "", list[Json]()
    for event in events:
        match event:
            case PagesFound(_, search_text):
                query = search_text
            case Token():
                text += in_markdown(event)
            case CitationAdded(citation):
                annotations.append(annotation(citation, text, links))
    return WrittenText(text, annotations, query)


def text_below(answer: Answer, reply: Reply) -> str:
    """Return what stands below an answer: what no page proves of it, and its links.

    Nothing stands below JSON; the links are left out where Open WebUI shows its sources in their place.
    """
    if reply.as_json:
        return ""
    claims_list = "" if answer.grounded else unproved_list(answer.unsupported_claims)
    if reply.events or not answer.citations:
        return claims_list
    return claims_list + source_list(answer.citations, reply.links)


def finish_reason(answer: Answer) -> str:
    return "length" if answer.usage.get("cut_at_limit") else "stop"


def usage(answer: Answer) -> Json:
    """Tokens as the model counts them; quoting costs none."""
    prompt = int(answer.usage.get("prompt_tokens", 0))
    completion_tokens = int(answer.usage.get("completion_tokens", 0))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt + completion_tokens,
    }


def pagesight_field(answer: Answer, query: str, reply: Reply) -> Json:
    """Say what the answer rests on, in the keys of `POST /v1/answers`."""
    links = reply.links
    body = PagesightField(
        query_used=query,
        grounded=answer.grounded,
        unsupported_claims=answer.unsupported_claims,
        pages=[linked_hit(hit, links) for hit in answer.pages],
        citations=[linked_citation(citation, links) for citation in answer.citations],
        unread_parts=reply.unread_parts,
        **completeness(answer.missing_pages),
    )
    return body.model_dump(mode="json")


def in_markdown(token: Token) -> str:
    """Return a piece of text, the value that answers in bold."""
    return f"**{token.text}**" if token.is_value and token.text.strip() else token.text


def _pages_read(pages: Sequence[PageHit]) -> Json:
    plural = "" if len(pages) == 1 else "s"
    return {"description": f"Reading {len(pages)} page{plural}", "done": True}


def _event(kind: str, data: Json) -> Json:
    return {"event": {"type": kind, "data": data}}


def _frame(body: Json) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"
