"""What a JSON body may be: small, and made of text that can be written down."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.types import Message, Receive

from retriever.query.filters import SearchFilter, parse_page_range

MAX_JSON_BYTES = 1024 * 1024
MAX_PICTURE_BYTES = 32 * 1024 * 1024


def _writable(text: str) -> str:
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds half of a surrogate pair, which is no character")
    return text


Text = Annotated[str, AfterValidator(_writable)]


class SmallBody(APIRoute):
    """A route that reads at most `max_bytes` of body, whatever its Content-Length says."""

    max_bytes = MAX_JSON_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            n_bytes = 0

            async def receive() -> Message:
                nonlocal n_bytes
                message = await request.receive()
                n_bytes += len(message.get("body", b""))
                if n_bytes > self.max_bytes:
                    raise HTTPException(413, f"the body has more than {self.max_bytes:,} bytes")
                return message

            return await handle(Request(request.scope, receive))

        return limited


async def already_read(receive: Receive, max_bytes: int) -> Receive:
    """Gives the whole body as one piece, then what `receive` gives. Raises HTTPException with 413."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # the client is gone
            return receive
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > max_bytes:
            raise HTTPException(413, f"the body has more than {max_bytes:,} bytes")
    whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

    async def receive_again() -> Message:
        return whole.pop() if whole else await receive()

    return receive_again


class PictureBody(SmallBody):
    """A route whose body may hold images."""

    max_bytes = MAX_PICTURE_BYTES


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
