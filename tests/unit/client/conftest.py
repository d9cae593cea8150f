"""Both clients over a scripted service; the async one is driven from here, so that one test asks both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import httpx
import pytest

from pagesight_client import AsyncClient, Client

Serve = Callable[[httpx.Request], httpx.Response]
ClientOf = Callable[..., Client]


class Driven:
    """An AsyncClient whose methods can be called from where no event loop runs."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._loop = asyncio.new_event_loop()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            result = getattr(self._client, name)(*args, **named)
            if inspect.isawaitable(result):
                return self._loop.run_until_complete(result)
            return self._each(result)

        return call

    def _each(self, rows: AsyncGenerator[Any, None]) -> Iterator[Any]:
        try:
            while True:
                try:
                    row = self._loop.run_until_complete(anext(rows))
                except StopAsyncIteration:
                    return
                yield row
        finally:
            self._loop.run_until_complete(rows.aclose())


@pytest.fixture(params=["sync", "async"])
def client_of(request: pytest.FixtureRequest) -> ClientOf:
    """client_of(serve, key, max_retries=0): a client of a service that `serve` plays."""

    def make(serve: Serve, key: str | None = None, **options: Any) -> Any:
        options["transport"] = httpx.MockTransport(serve)
        if request.param == "sync":
            return Client("http://test", key, **options)
        return Driven(AsyncClient("http://test", key, **options))

    return make
