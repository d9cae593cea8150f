"""The client for programs that wait for each reply."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

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


def _method(build: Callable[P, Call[T]]) -> Callable[Concatenate[Client, P], T]:
    def send(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._send(build(*args, **kwargs))

    return as_method(send, build)


def _listing(build: Callable[P, Listing[T]]) -> Callable[Concatenate[Client, P], Iterator[T]]:
    def rows(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._rows(build(*args, **kwargs))

    return as_method(rows, build)


def _stream(
    build: Callable[P, Stream[T]],
) -> Callable[Concatenate[Client, P], Generator[T, None, None]]:
    def events(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        return self._events(build(*args, **kwargs))

    return as_method(events, build)


class Client:
    """One service. Safe to use from several threads; close it, or use it in a `with`.

    timeout_s    without a byte from the service, before ServiceTimeout
    max_retries  times that a request is sent again: what a busy service refused with `Retry-After`, and
                 a GET or an upload whose connection broke

    Every method raises ServiceError for what the service refuses, and ServiceUnreachable where there is none.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        *,
        timeout_s: float = 300.0,
        max_retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        settings = client_settings(base_url, api_key, timeout_s)
        self._http = httpx.Client(**settings, transport=transport)
        self._max_retries = max_retries

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

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

    def wait(
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
                time.sleep(pauses.before_look_at(job))
                job = self.job(job.id)
                if on_progress is not None:
                    on_progress(job)
            end_states.append(job)
        return end_states

    def _send(self, call: Call[T]) -> T:
        retries = Retries(self._max_retries, is_repeatable=call.request.is_repeatable)
        while True:
            try:
                with translated_errors(), call.request.arguments() as arguments:
                    return call.result(self._http.request(**arguments))
            except PagesightError as error:
                time.sleep(retries.pause_after(error))

    def _rows(self, listing: Listing[T]) -> Iterator[T]:
        cursor: str | None = None
        while True:
            rows, cursor = self._send(listing.part(cursor))
            yield from rows
            if cursor is None:
                return

    def _events(self, stream: Stream[T]) -> Generator[T, None, None]:
        reader = EventReader()
        with translated_errors(), closing(self._open(stream.request)) as response:
            for piece in response.iter_bytes():
                for event in reader.read(piece):
                    yield stream.read(event, response.status_code)

    def _open(self, request: Request) -> httpx.Response:
        """Send a request; return its response before the body has come."""
        retries = Retries(self._max_retries, is_repeatable=request.is_repeatable)
        while True:
            try:
                with translated_errors(), request.arguments() as arguments:
                    http_request = self._http.build_request(**arguments)
                    response = self._http.send(http_request, stream=True)
                    if response.is_success:
                        return response
                    with closing(response):
                        response.read()
                    raise refusal(response)
            except PagesightError as error:
                time.sleep(retries.pause_after(error))
