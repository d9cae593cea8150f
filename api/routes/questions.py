"""/v1/search and /v1/answers."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.deps import Runs
from api.pictures import read_picture
from api.routes.bodies import PictureBody, SmallBody, Text
from api.routes.event_docs import ANSWER_EVENTS, component, events_of
from api.routes.failures import error_body
from api.routes.streaming import event_stream, relay
from api.schemas import AnswerResponse, HitBody, SearchResponse, answer_body, hit_body, search_body
from generator.answers import AnswerEvent, Citation, Cited, Done, PagesFound, Token
from retriever.hits import SearchFilter, parse_page_range

router = APIRouter(tags=["questions"], route_class=SmallBody)
_with_pictures = APIRouter(route_class=PictureBody)


class FilterBody(BaseModel):
    """Which pages may be found at all; nothing given allows every page."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Text] = Field(default=[], description="Ids or names; any of them.")
    pages: str | None = Field(
        default=None, description="Page numbers, `7` or `3-10`.", examples=["3-10"]
    )

    def wanted(self) -> SearchFilter:
        """Raises InvalidFilter."""
        return SearchFilter(
            documents=tuple(self.documents),
            page_range=None if self.pages is None else parse_page_range(self.pages),
        )


class _AboutPages(BaseModel):
    model_config = ConfigDict(extra="forbid")

    collections: list[Text] = Field(description="Names of the collections to look in.")
    k: int = Field(default=5, description="Pages to return, or to read for an answer.")
    filters: FilterBody = FilterBody()

    def wanted(self) -> SearchFilter:
        """Raises InvalidFilter."""
        return self.filters.wanted()


class SearchRequest(_AboutPages):
    query: Text
    image: str | None = Field(
        default=None,
        description="An image to look for, as a `data:` URI; `query` may be empty then.",
    )


class AnswerRequest(_AboutPages):
    question: Text
    stream: bool = Field(default=False, description="Server-sent events instead of one JSON body.")


@_with_pictures.post("/search")
def search(body: SearchRequest, running: Runs) -> SearchResponse:
    """Rank the pages of collections, each with the regions that made it match."""
    searcher = running.services.searcher
    result = searcher.search(
        body.query,
        body.collections,
        body.k,
        body.wanted(),
        image=None if body.image is None else read_picture(body.image),
    )
    running.encoder_loaded = True
    return search_body(result)


router.include_router(_with_pictures)


@router.post(
    "/answers",
    response_model=AnswerResponse,
    responses=events_of(**ANSWER_EVENTS, done=component("AnswerResponse")),
)
def answer(body: AnswerRequest, running: Runs) -> Any:
    """Answer a question, with the pages that prove it.

    With `stream`, events whose data is JSON: `pages` (what the answer is read from), `token`s,
    a `citation` after the token that holds its [n], and `done` with the whole answer. Whatever
    fails after the first event ends the stream with an `error` event of the usual error shape.
    """
    gone = Event()  # set when nobody waits for the answer any more
    events = running.services.answerer.stream(
        body.question, body.collections, body.k, body.wanted(), gone.is_set
    )
    # The first event is awaited here, so that a question that cannot be asked has its status.
    first = next(events)
    running.encoder_loaded = True
    if not body.stream:
        return next(answer_body(one.answer) for one in events if isinstance(one, Done))
    return event_stream(relay(first, events, gone, frame, failed_frame(running.data_dir)))


def failed_frame(data_dir: str) -> Callable[[Exception], bytes]:
    """The event that ends a stream which failed."""
    return lambda error: sse("error", error_body(error, data_dir).model_dump_json().encode())


def frame(event: AnswerEvent) -> bytes:
    """The event of that name, its data as JSON."""
    match event:
        case PagesFound(pages):
            body = _PagesEvent(pages=[hit_body(hit) for hit in pages])
            return sse("pages", body.model_dump_json().encode())
        case Token(text):
            return sse("token", _TokenEvent(text=text).model_dump_json().encode())
        case Cited(citation):
            return sse("citation", TypeAdapter(Citation).dump_json(citation))
        case Done(whole):
            return sse("done", answer_body(whole).model_dump_json().encode())


class _PagesEvent(BaseModel):
    pages: list[HitBody]


class _TokenEvent(BaseModel):
    text: str


def sse(event: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.encode(), data)
