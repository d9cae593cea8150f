"""/v1/search and /v1/answers."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.concurrency import run_in_threadpool

from api.base.links import Links
from api.http.deps import Answers, Calls, Runs, Search
from api.http.inline_images import read_picture
from api.http.limits.bodies import FilterBody, HtmlField, PolicyRoute, Text, VersionsField
from api.http.links import links_for
from api.http.policy import MAX_PICTURE_BYTES, policy
from api.http.streams.event_docs import ANSWER_EVENTS, component, events_of
from api.http.streams.event_streams import (
    Events,
    EventStream,
    all_events,
    answering,
    failed_frame,
    relay,
    sse,
)
from api.http.streams.html_frames import HtmlFrames
from api.schemas.answers import (
    AnswerResponse,
    LinkedCitation,
    PagesEvent,
    TokenEvent,
    answer_body,
    linked_citation,
)
from api.schemas.hits import SearchResponse, hit_body, search_body
from api.services.authorization import Caller
from api.services.keys import Scope
from generator.answering.answer_form import AnswerForm
from generator.answering.answers import (
    AnswerDone,
    AnswerEvent,
    CitationAdded,
    PagesFound,
    Token,
)
from generator.answering.steps import StepTaken
from retriever.query.filters import SearchFilter
from retriever.query.request import Mode

router = APIRouter(tags=["questions"], route_class=PolicyRoute)


class _AboutPages(BaseModel):
    model_config = ConfigDict(extra="forbid")

    collections: list[Text] = Field(
        default=[], description="Names of the collections to look in; none: all that may be read."
    )
    k: int = Field(default=5, description="Pages to return, or to read for an answer.")
    filters: FilterBody = FilterBody()
    versions: VersionsField = "newest"

    def search_filter(self) -> SearchFilter:
        """Raises InvalidFilter."""
        return self.filters.search_filter(self.versions)


class SearchRequest(_AboutPages):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"query": "torque of the housing bolts", "collections": ["manuals"], "k": 3}
            ]
        }
    )

    query: Text
    mode: Mode | None = Field(
        default=None,
        description="What pages are ranked by: their `vectors`, their `words`, or `both`. Left out: as "
        "`PAGESIGHT_HYBRID` says.",
    )
    image: str | None = Field(
        default=None,
        description="An image to look for, as a `data:` URI; `query` may be empty then.",
    )


class AnswerRequest(_AboutPages):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "How tight must the housing bolts be?",
                    "collections": ["manuals"],
                    "filters": {"documents": ["pump.pdf"], "pages": "1-3"},
                }
            ]
        }
    )

    question: Text
    stream: bool = Field(default=False, description="Server-sent events instead of one JSON body.")
    html: HtmlField = False
    whole: bool = Field(
        default=False,
        description="Let the model read every page that the filters allow, `k` in a prompt, instead of those "
        "that a search finds. The first `step` says what that takes.",
    )
    schema_: dict[str, Any] | None = Field(
        default=None,
        alias="schema",
        description="A JSON schema that `data` of the answer shall follow, each value with a citation.",
    )


@router.post("/search")
@policy(Scope.READ, "searches", max_body_bytes=MAX_PICTURE_BYTES, encoder=True)
async def search(
    body: SearchRequest, running: Runs, searcher: Search, caller: Calls
) -> SearchResponse:
    """Rank the pages of collections, each with the regions that made it match."""
    with await running.admission.searches.take():
        collections, search_filter = await _scope(caller, body)
        result = await searcher.search_async(
            body.query,
            collections,
            body.k,
            search_filter,
            image=None if body.image is None else await run_in_threadpool(read_picture, body.image),
            mode=body.mode,
        )
    return search_body(result)


async def _scope(caller: Caller, body: SearchRequest) -> tuple[list[str], SearchFilter]:
    """Where to look, with what this caller may read; a thread asks the catalog where that must be asked."""
    if body.collections and caller.collection_ids is None:
        return body.collections, body.search_filter()
    return await run_in_threadpool(caller.scope_of, body.collections, body.search_filter())


@router.post(
    "/answers",
    response_model=AnswerResponse,
    responses=events_of(**ANSWER_EVENTS, done=component("AnswerResponse")),
)
@policy(Scope.READ, "answers", encoder=True)
async def answer(
    body: AnswerRequest, request: Request, running: Runs, answerer: Answers, caller: Calls
) -> Any:
    """Answer a question, with the pages that prove it.

    With `stream`, events whose data is JSON: `pages` (what the answer is read from), a `step` for what is
    done before or between the text (pages searched again, a region looked at), `token`s,
    a `citation` after the token that holds its [n], and `done` with the whole answer. With `html` a model's
    text comes as `html` events, each with all of it so far, in the place of `token`s. Whatever
    fails after the first event ends the stream with an `error` event of the usual error shape.
    """

    def start(cancellation: Event) -> Events:
        collections, search_filter = caller.scope_of(body.collections, body.search_filter())
        return answerer.stream(
            body.question,
            collections,
            body.k,
            search_filter,
            cancellation.is_set,
            form=AnswerForm(body.schema_, whole=body.whole),
        )

    links = links_for(request.base_url, caller)
    pump = await answering(running, start)
    if body.stream:
        frame = framing(links, as_html=body.html and answerer.writes_markdown)
        return EventStream(relay(pump, frame, failed_frame(running.data_dir)))
    events = await all_events(request, pump)
    if not events or not isinstance(events[-1], AnswerDone):
        return Response(status_code=499)  # nobody is there to read it
    return answer_body(events[-1].answer, links)


def framing(links: Links, *, as_html: bool = False) -> Callable[[AnswerEvent], bytes]:
    """Return what makes the frame of an event of one answer; citations get their addresses.

    as_html  `html` events in the place of `token` events
    """

    def frame(event: AnswerEvent) -> bytes:
        return _frame(event, links)

    return HtmlFrames(frame) if as_html else frame


def _frame(event: AnswerEvent, links: Links) -> bytes:
    """The event of that name, its data as JSON."""
    match event:
        case PagesFound(pages, _, searched_question):
            bodies = [hit_body(hit) for hit in pages]
            body = PagesEvent(pages=bodies, searched_question=searched_question)
            return sse("pages", body.model_dump_json().encode())
        case StepTaken():
            return sse("step", TypeAdapter(StepTaken).dump_json(event))
        case Token(text, is_value):
            token = TokenEvent(text=text, is_value=is_value)
            return sse("token", token.model_dump_json().encode())
        case CitationAdded(citation):
            body_of_citation = linked_citation(citation, links)
            return sse("citation", TypeAdapter(LinkedCitation).dump_json(body_of_citation))
        case AnswerDone(whole):
            return sse("done", answer_body(whole, links).model_dump_json().encode())
