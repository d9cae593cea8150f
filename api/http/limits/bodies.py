"""What a body may be: as large as the policy of its route says, and text that can be written down."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from api.http.limits.concurrency import busy
from api.http.limits.receiving import BodyShare, has_body
from api.http.policy import policy_of
from api.services.authorization import SQL_INTEGER_MAX, Caller
from indexer.base.document_properties import properties_of
from retriever.query.filters import SearchFilter, Versions, parse_page_range
from retriever.query.moments import parse_moment


def _writable(text: str) -> str:
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds half of a surrogate pair, which is no character")
    return text


Text = Annotated[str, AfterValidator(_writable)]


class PolicyRoute(APIRoute):
    """A route that reads as much of a body as its policy allows, whatever its Content-Length says.

    The body is read before anything else is done for the request: only with its last byte does a question
    count among those that come for a slot.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        route_policy = policy_of(self.endpoint)
        max_bytes, limit = route_policy.max_body_bytes, route_policy.limit
        if max_bytes is None:
            return handle

        async def handle_limited(request: Request) -> Response:
            if has_body(request.scope):
                try:
                    body = await _whole_body(request, max_bytes)
                except ClientDisconnect:
                    return Response(status_code=499)  # nobody is there to read it
                request = Request(request.scope, body_again(body, request.receive))
            if limit is None:
                return await handle(request)
            limiter = request.app.state.running.admission.of(limit)
            if limiter.full:
                raise busy(limiter.turn_away())
            await _charge(request)
            with limiter.expecting():
                return await handle(request)

        return handle_limited


async def _charge(request: Request) -> None:
    """Count a question to the quota of its key. Raises QuotaReached."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if (
        caller is not None
        and caller.key is not None
        and caller.key.quota.max_questions_per_day is not None
    ):
        await run_in_threadpool(caller.services.quotas.take_question, caller.key)


async def _whole_body(request: Request, max_bytes: int) -> bytes:
    """Raises HTTPException (413, 408), Overloaded, ClientDisconnect."""
    share: BodyShare | None = getattr(request.state, "body_share", None)
    pieces: list[bytes] = []
    n_bytes = 0
    async for piece in request.stream():
        n_bytes += len(piece)
        if n_bytes > max_bytes:
            raise HTTPException(413, f"the body has more than {max_bytes:,} bytes")
        if share is not None:
            share.add(len(piece))
        pieces.append(piece)
    return b"".join(pieces)


def body_again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read as one piece, then what `receive` gives."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


VersionsField = Annotated[
    Versions, Field(description="Of documents of one name, the newest or all.")
]
HtmlField = Annotated[
    bool,
    Field(
        description="With `stream`: what a model writes comes as `html` events, each with all of it so far, "
        "in the place of `token` events."
    ),
]


MAX_PAGE_IDS = 1000
_PageId = Annotated[int, Field(ge=1, le=SQL_INTEGER_MAX)]


class FilterBody(BaseModel):
    """Which pages may be found at all; nothing given allows every page."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Text] = Field(default=[], description="Ids or names; any of them.")
    pages: str | None = Field(
        default=None, description="Page numbers, `7` or `3-10`.", examples=["3-10"]
    )
    page_ids: list[_PageId] | None = Field(
        default=None, max_length=MAX_PAGE_IDS, description="Only the pages of these ids."
    )
    without_page_ids: list[_PageId] = Field(
        default=[],
        max_length=MAX_PAGE_IDS,
        description="Ids of pages to leave out, such as those that an answer was read from.",
    )

    tags: list[Text] = Field(default=[], description="Of documents that have all of them.")
    metadata: dict[Text, Text] = Field(
        default={},
        description="Of documents that have all of these values.",
        examples=[{"year": "2026"}],
    )

    as_of: Text | None = Field(
        default=None,
        description="As if it were this date (its end, in UTC) or moment: of documents of one name the "
        "newest of then, and nothing that came later.",
        examples=["2026-03-01"],
    )

    def search_filter(self, versions: Versions = "newest") -> SearchFilter:
        """Raises InvalidFilter, InvalidProperties."""
        return SearchFilter(
            documents=tuple(self.documents),
            properties=properties_of(self.tags, self.metadata),
            versions=versions,
            page_range=None if self.pages is None else parse_page_range(self.pages),
            page_ids=None if self.page_ids is None else frozenset(self.page_ids),
            without_page_ids=frozenset(self.without_page_ids),
            as_of=None if self.as_of is None else parse_moment(self.as_of),
        )
