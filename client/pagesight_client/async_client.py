"""The client for programs on an event loop of asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx

from pagesight_client.both_clients import LookPauses, as_method, client_settings
from pagesight_client.calls import Call, Listing, Request, Stream
from pagesight_client.errors import PagesightError
from pagesight_client.events import EventReader
from pagesight_client.failures import Retries, refusal, translated_errors
from pagesight_client.records import Job
from pagesight_client.routes import library, questions, service, version_diffs

P = ParamSpec("P")
T = TypeVar("T")


def _method(
    build: Callable[P, Call[T]],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    async def send(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._send(build(*args, **kwargs))

    return as_method(send, build)


def _listing(
    build: Callable[P, Listing[T]],
) -> Callable[Concatenate[AsyncClient, P], AsyncIterator[T]]:
    def rows(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self._rows(build(*args, **kwargs))

    return as_method(rows, build)


def _stream(
    build: Callable[P, Stream[T]],
) -> Callable[Concatenate[AsyncClient, P], AsyncGenerator[T, None]]:
    def events(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T, None]:
        return self._events(build(*args, **kwargs))

    return as_method(events, build)


class AsyncClient:
    """One service. It has the methods of `Client`, whose docstring holds here, too.

    Methods that return a list's rows or a stream's events are asynchronous iterators.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout_s: float = 300.0,
        max_retries: int = 2,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        settings = client_settings(base_url, api_key, timeout_s)
        self._http = httpx.AsyncClient(**settings, transport=transport)
        self._max_retries = max_retries

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    collections = _listing(library.collections)
    create_collection = _method(library.create_collection)
    collection = _method(library.collection)
    change_title = _method(library.change_title)
    delete_collection = _method(library.delete_collection)
    samples = _method(library.samples)
    add_samples = _method(library.add_samples)

    documents = _listing(library.documents)
    document = _method(library.document)
    document_pages = _listing(library.document_pages)
    file = _method(library.file)
    export = _method(library.export)
    diff = _method(version_diffs.diff)
    diff_html = _method(version_diffs.diff_html)
    change_document = _method(library.change_document)
    delete_document = _method(library.delete_document)
    retry_document = _method(library.retry_document)
    upload = _method(library.upload)

    jobs = _listing(library.jobs)
    job = _method(library.job)
    cancel_job = _method(library.cancel_job)
    retry_job = _method(library.retry_job)
    replay_job = _method(library.replay_job)
    follow_job = _stream(library.follow_job)

    page = _method(library.page)
    page_image = _method(library.page_image)
    page_text = _method(library.page_text)
    heat_map = _method(library.heat_map)
    heat_map_image = _method(library.heat_map_image)

    search = _method(questions.search)
    answer = _method(questions.answer)
    stream = _stream(questions.stream)

    conversations = _listing(questions.conversations)
    create_conversation = _method(questions.create_conversation)
    conversation = _method(questions.conversation)
    rename_conversation = _method(questions.rename_conversation)
    delete_conversation = _method(questions.delete_conversation)
    add_message = _method(questions.add_message)
    stream_message = _stream(questions.stream_message)
    give_feedback = _method(questions.give_feedback)

    keys = _listing(service.keys)
    create_key = _method(service.create_key)
    revoke_key = _method(service.revoke_key)
    health = _method(service.health)
    readiness = _method(service.readiness)
    status = _method(service.status)

    async def wait(
        self,
        jobs: Sequence[Job],
        timeout_s: float = 3600.0,
        on_progress: Callable[[Job], None] | None = None,
    ) -> list[Job]:
        """Return the jobs as they ended, in the same order. Raises WaitTimeout.

        on_progress  is called with a job whenever it was looked at
        """
        pauses = LookPauses(timeout_s)
        end_states = []
        for job in jobs:
            pauses.begin()
            while not job.has_ended:
                await asyncio.sleep(pauses.before_look_at(job))
                job = await self.job(job.id)
                if on_progress is not None:
                    on_progress(job)
            end_states.append(job)
        return end_states

    async def _send(self, call: Call[T]) -> T:
        retries = Retries(self._max_retries, is_repeatable=call.request.is_repeatable)
        while True:
            try:
                with translated_errors(), call.request.arguments() as arguments:
                    return call.result(await self._http.request(**arguments))
            except PagesightError as error:
                await asyncio.sleep(retries.pause_after(error))

    async def _rows(self, listing: Listing[T]) -> AsyncIterator[T]:
        cursor: str | None = None
        while True:
            rows, cursor = await self._send(listing.part(cursor))
            for row in rows:
                yield row
            if cursor is None:
                return

    async def _events(self, stream: Stream[T]) -> AsyncGenerator[T, None]:
        reader = EventReader()
        with translated_errors():
            async with aclosing(await self._open(stream.request)) as response:
                async for piece in response.aiter_bytes():
                    for event in reader.read(piece):
                        yield stream.read(event, response.status_code)

    async def _open(self, request: Request) -> httpx.Response:
        """Send a request; return its response before the body has come."""
        retries = Retries(self._max_retries, is_repeatable=request.is_repeatable)
        while True:
            try:
                with translated_errors(), request.arguments() as arguments:
                    http_request = self._http.build_request(**arguments)
                    response = await self._http.send(http_request, stream=True)
                    if response.is_success:
                        return response
                    async with aclosing(response):
                        await response.aread()
                    raise refusal(response)
            except PagesightError as error:
                await asyncio.sleep(retries.pause_after(error))
