"""What a body may be: as large as the policy of its route says, and text that can be written down."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.types import Message, Receive

from api.http.policy import policy_of
from retriever.query.filters import SearchFilter, parse_page_range


def _writable(text: str) -> str:
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds half of a surrogate pair, which is no character")
    return text


Text = Annotated[str, AfterValidator(_writable)]


class PolicyRoute(APIRoute):
    """A route that reads as much of a body as its policy allows, whatever its Content-Length says."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        max_bytes = policy_of(self.endpoint).max_body_bytes
        if max_bytes is None:
            return handle

        async def handle_limited(request: Request) -> Response:
            n_bytes = 0

            async def receive() -> Message:
                nonlocal n_bytes
                message = await request.receive()
                n_bytes += len(message.get("body", b""))
                if n_bytes > max_bytes:
                    raise HTTPException(413, f"the body has more than {max_bytes:,} bytes")
                return message

            return await handle(Request(request.scope, receive))

        return handle_limited


def body_again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read as one piece, then what `receive` gives."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


class FilterBody(BaseModel):
    """Which pages may be found at all; nothing given allows every page."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Text] = Field(default=[], description="Ids or names; any of them.")
    pages: str | None = Field(
        default=None, description="Page numbers, `7` or `3-10`.", examples=["3-10"]
    )

    def search_filter(self) -> SearchFilter:
        """Raises InvalidFilter."""
        return SearchFilter(
            documents=tuple(self.documents),
            page_range=None if self.pages is None else parse_page_range(self.pages),
        )
