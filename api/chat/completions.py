"""Answer events as OpenAI's chunks, and a whole answer as OpenAI's completion.

The forms: https://platform.openai.com/docs/api-reference/chat, and Open WebUI's own events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from api.base.links import Links
from api.chat.requests import SOURCES
from generator.answering.answers import (
    Answer,
    AnswerDone,
    AnswerEvent,
    Citation,
    CitationAdded,
    PagesFound,
    Token,
)
from retriever.hits import PageHit

DONE = b"data: [DONE]\n\n"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What every chunk of one completion repeats, and what the client wants to see.

    events  the client is Open WebUI: it shows sources and progress that are sent as events
    usage   the client wants the usage on a chunk of its own, too
    """

    model: str
    links: Links
    events: bool = False
    usage: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))


class Chunks:
    """The stream of one answer; `of` gives the frames of each event in turn."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._query = ""
        self._text = ""
        self._begun = False

    def of(self, event: AnswerEvent) -> bytes:
        chunks: list[Json] = []
        if not self._begun:
            self._begun = True
            chunks.append(self._chunk({"role": "assistant", "content": ""}))
        match event:
            case PagesFound(pages, query):
                self._query = query
                if self._reply.events:
                    chunks.append(_event("status", _pages_read(pages)))
            case Token(text):
                self._text += text
                chunks.append(self._chunk({"content": text}))
            case CitationAdded(citation):
                note = annotation(citation, self._text, self._reply.links)
                chunks.append(self._chunk({"annotations": [note]}))
                if self._reply.events:
                    chunks.append(_event("source", _source(citation, self._reply.links)))
            case AnswerDone(answer):
                chunks += self._last(answer)
        ending = DONE if isinstance(event, AnswerDone) else b""
        return b"".join(map(_frame, chunks)) + ending

    def failed(self, error: Json) -> bytes:
        """The end of a stream that broke off: no `choices`, or clients would read over the error."""
        return _frame({"error": error}) + DONE

    def _last(self, answer: Answer) -> list[Json]:
        reply = self._reply
        chunks = []
        if answer.citations and not reply.events:
            chunks.append(self._chunk({"content": source_list(answer.citations, reply.links)}))
        spent = usage(answer)
        end = self._chunk({}, finish_reason(answer))
        # Also here: some clients stop reading at the first finish_reason.
        chunks.append(end | {"usage": spent, "pagesight": ours(answer, self._query, reply.links)})
        if reply.usage:
            chunks.append(self._envelope() | {"choices": [], "usage": spent})
        return chunks

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._envelope() | {"choices": [choice]}

    def _envelope(self) -> Json:
        reply = self._reply
        return {
            "id": reply.id,
            "object": "chat.completion.chunk",
            "created": reply.created,
            "model": reply.model,
        }


def completion(events: Sequence[AnswerEvent], answer: Answer, reply: Reply) -> Json:
    """The whole answer at once, from all its events."""
    links, content, query = reply.links, "", ""
    notes: list[Json] = []
    for event in events:
        match event:
            case PagesFound(_, searched):
                query = searched
            case Token(text):
                content += text
            case CitationAdded(citation):
                notes.append(annotation(citation, content, links))
    if answer.citations:
        content += source_list(answer.citations, links)
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": notes}
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": finish_reason(answer),
    }
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": reply.created,
        "model": reply.model,
        "choices": [choice],
        "usage": usage(answer),
        "pagesight": ours(answer, query, links),
    }


def finish_reason(answer: Answer) -> str:
    return "length" if answer.usage.get("cut_at_limit") else "stop"


def usage(answer: Answer) -> Json:
    """Tokens as the model counts them; quoting costs none."""
    prompt = int(answer.usage.get("prompt_tokens", 0))
    written = int(answer.usage.get("completion_tokens", 0))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
    }


def annotation(citation: Citation, text: str, links: Links) -> Json:
    """Where the citation's [n] stands in the `text` up to it, and the page it leads to."""
    marker = f"[{citation.n}]"
    start = max(text.rfind(marker), 0)
    cited = {
        "url": links.viewer(citation.page_id, [citation.box]),
        "title": title(citation),
        "start_index": start,
        "end_index": start + len(marker),
    }
    return {"type": "url_citation", "url_citation": cited}


def source_list(citations: Sequence[Citation], links: Links) -> str:
    """What every chat program can show: a Markdown link to each cited page."""
    lines = [
        f"- [{one.n}] [{_in_markdown(title(one))}]({links.viewer(one.page_id, [one.box])})"
        for one in citations
    ]
    return f"{SOURCES}\n" + "\n".join(lines)


def title(citation: Citation) -> str:
    return f"{citation.document}, page {citation.page_number}"


def ours(answer: Answer, query: str, links: Links) -> Json:
    """The field `pagesight`: what the answer rests on."""
    return {
        "query_used": query,
        "grounded": answer.grounded,
        "pages": [_page(hit, links) for hit in answer.pages],
        "citations": [
            asdict(one) | {"url": links.viewer(one.page_id, [one.box])} for one in answer.citations
        ],
    }


def _page(hit: PageHit, links: Links) -> Json:
    return {
        "id": hit.page.id,
        "document_id": hit.document.id,
        "title": hit.document.name,
        "collection": hit.collection,
        "page": hit.page.page_number,
        "label": hit.page.label,
        "score": hit.score,
        "image_url": links.image(hit.page.id),
        "viewer_url": links.viewer(hit.page.id, [one.box for one in hit.evidence]),
        "regions": [asdict(one) for one in hit.evidence],
    }


def _pages_read(pages: Sequence[PageHit]) -> Json:
    plural = "" if len(pages) == 1 else "s"
    return {"description": f"Reading {len(pages)} page{plural}", "done": True}


def _source(citation: Citation, links: Links) -> Json:
    """Open WebUI shows its n-th source for [n]; equal `metadata.source` would join two into one."""
    name = title(citation)
    url = links.viewer(citation.page_id, [citation.box])
    key = f"page-{citation.page_id}-{citation.n}"
    source = {"id": key, "name": name, "url": url}
    if links.framed:
        source["embed_url"] = url
    metadata = {
        "source": key,
        "name": name,
        "source_url": url,
        "page": citation.page_number - 1,  # counted from zero there
    }
    return {
        "source": source,
        "document": [citation.quote or name],
        "metadata": [metadata],
        "distances": [citation.support],
    }


def _event(kind: str, data: Json) -> Json:
    return {"event": {"type": kind, "data": data}}


def _in_markdown(name: str) -> str:
    """A name that stays one link text; file names may hold any character."""
    escaped = "".join(f"\\{c}" if c in "\\[]`*_<>!" else c for c in name)
    return " ".join(escaped.split())


def _frame(body: Json) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"
