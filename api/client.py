"""A client of the HTTP interface, for Python programs: its routes as methods, its JSON as typed values.

    with Client("http://127.0.0.1:8000", api_key="...") as pagesight:
        pagesight.wait(pagesight.upload("manuals", [Path("pump.pdf")]))
        print(pagesight.answer("How tight must the housing bolts be?", ["manuals"]).answer)

Every method raises ServiceError for what the service refuses, and ServiceUnreachable when there is none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel, TypeAdapter

from api.base.errors import ServiceError, ServiceUnreachable
from api.schemas.answers import AnswerResponse
from api.schemas.collections import CollectionResponse
from api.schemas.documents import DocumentResponse
from api.schemas.hits import HitBody, SearchResponse
from api.schemas.jobs import JobResponse, UploadResponse
from generator.answering.answers import Citation
from indexer.catalog.job_records import JobState

B = TypeVar("B", bound=BaseModel)

_UPLOAD_TRIES = 3  # one key makes them one upload
_FIRST_LOOK_S, _LAST_LOOK_S = 0.1, 2.0
_CITATION = TypeAdapter(Citation)


@dataclass(frozen=True, slots=True)
class PagesRead:
    """First event of a streamed answer: the pages that it is read from."""

    pages: list[HitBody]


@dataclass(frozen=True, slots=True)
class TokenRead:
    """A piece of the answer's text."""

    text: str


StreamEvent = PagesRead | TokenRead | Citation | AnswerResponse


class Client:
    """One service. Safe to use from several threads; close it, or use it in a `with`."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        api_key: str | None = None,
        timeout_s: float = 300.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        headers = {"User-Agent": "pagesight-client"}
        if api_key is not None:
            headers["Authorization"] = f"Bearer {api_key}"
        self._http = httpx2.Client(
            base_url=base_url, headers=headers, timeout=timeout_s, transport=transport
        )

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
        self._http.close()

    def collections(self) -> Iterator[CollectionResponse]:
        """All of them, by name."""
        return self._listed("/v1/collections", "collections", CollectionResponse, {})

    def create_collection(self, name: str) -> CollectionResponse:
        return self._post("/v1/collections", {"name": name}, CollectionResponse)

    def collection(self, name: str) -> CollectionResponse:
        return self._get(f"/v1/collections/{name}", CollectionResponse)

    def delete_collection(self, name: str) -> None:
        self._send("DELETE", f"/v1/collections/{name}")

    def documents(self, collection: str) -> Iterator[DocumentResponse]:
        """All of a collection by name, the refused ones too."""
        path = f"/v1/collections/{collection}/documents"
        return self._listed(path, "documents", DocumentResponse, {})

    def document(self, document_id: str) -> DocumentResponse:
        return self._get(f"/v1/documents/{document_id}", DocumentResponse)

    def file(self, document_id: str) -> bytes:
        """The PDF, byte for byte."""
        return self._send("GET", f"/v1/documents/{document_id}/file").content

    def delete_document(self, document_id: str) -> None:
        self._send("DELETE", f"/v1/documents/{document_id}")

    def upload(
        self,
        collection: str,
        files: Sequence[Path | tuple[str, bytes]],
        *,
        priority: int = 0,
        idempotency_key: str | None = None,
    ) -> list[JobResponse]:
        """Upload PDF files, from paths or as (name, bytes); a job for each.

        A connection that breaks is tried again under the same key, which makes it one upload.
        """
        key = idempotency_key or uuid4().hex
        parts = [
            ("files", (one.name, one.read_bytes()) if isinstance(one, Path) else one)
            for one in files
        ]
        for n_left in reversed(range(_UPLOAD_TRIES)):
            try:
                response = self._send(
                    "POST",
                    f"/v1/collections/{collection}/documents",
                    params={"priority": priority},
                    headers={"Idempotency-Key": key},
                    files=parts,
                )
                return UploadResponse.model_validate_json(response.content).jobs
            except ServiceUnreachable:
                if n_left == 0:
                    raise
        raise AssertionError("the last try returns or raises")

    def jobs(
        self, collection: str | None = None, state: JobState | None = None
    ) -> Iterator[JobResponse]:
        """Jobs, the newest first."""
        wanted = {"collection": collection, "state": state and state.value}
        given = {name: value for name, value in wanted.items() if value is not None}
        return self._listed("/v1/jobs", "jobs", JobResponse, given)

    def job(self, job_id: str) -> JobResponse:
        return self._get(f"/v1/jobs/{job_id}", JobResponse)

    def cancel_job(self, job_id: str) -> JobResponse:
        return self._post(f"/v1/jobs/{job_id}/cancel", None, JobResponse)

    def retry_job(self, job_id: str) -> JobResponse:
        return self._post(f"/v1/jobs/{job_id}/retry", None, JobResponse)

    def wait(
        self,
        jobs: Sequence[JobResponse],
        timeout_s: float = 3600.0,
        on_progress: Callable[[JobResponse], None] = lambda _: None,
    ) -> list[JobResponse]:
        """The jobs as they ended, in the same order. Raises TimeoutError.

        on_progress  told of each job whenever it was looked at
        """
        ends = time.monotonic() + timeout_s
        ended = []
        for job in jobs:
            look_s = _FIRST_LOOK_S
            while not job.state.ended:
                if time.monotonic() >= ends:
                    raise TimeoutError(f"job {job.id} is {job.state.value} after {timeout_s} s")
                time.sleep(look_s)
                look_s = min(look_s * 1.5, _LAST_LOOK_S)
                job = self.job(job.id)
                on_progress(job)
            ended.append(job)
        return ended

    def page_image(self, page_id: int, width: int | None = None) -> bytes:
        """WebP, as stored or narrower."""
        given = {} if width is None else {"width": width}
        return self._send("GET", f"/v1/pages/{page_id}/image", params=given).content

    def page_text(self, page_id: int) -> str:
        """The page's words in reading order."""
        return str(self._send("GET", f"/v1/pages/{page_id}/text").json()["text"])

    def search(
        self,
        query: str,
        collections: Sequence[str],
        k: int = 5,
        *,
        documents: Sequence[str] = (),
        pages: str | None = None,
        image: str | None = None,
    ) -> SearchResponse:
        """The best pages. `documents` and `pages` (`3-10`) narrow it; `image` is a `data:` URI."""
        body = _about(collections, k, documents, pages) | {"query": query, "image": image}
        return self._post("/v1/search", body, SearchResponse)

    def answer(
        self,
        question: str,
        collections: Sequence[str],
        k: int = 5,
        *,
        documents: Sequence[str] = (),
        pages: str | None = None,
    ) -> AnswerResponse:
        """The whole answer, with its citations."""
        body = _about(collections, k, documents, pages) | {"question": question}
        return self._post("/v1/answers", body, AnswerResponse)

    def stream(
        self,
        question: str,
        collections: Sequence[str],
        k: int = 5,
        *,
        documents: Sequence[str] = (),
        pages: str | None = None,
    ) -> Generator[StreamEvent]:
        """The answer as it is written: PagesRead, TokenRead and Citation, last the whole answer.

        Closing the generator stops the answer.
        """
        asked = {"question": question, "stream": True}
        body = _about(collections, k, documents, pages) | asked
        with _translated(), self._http.stream("POST", "/v1/answers", json=body) as response:
            if not response.is_success:
                response.read()
                raise _refusal(response)
            for name, data in _events(response.iter_bytes()):
                yield _event(name, data, response.status_code)

    def _listed(self, path: str, name: str, kind: type[B], wanted: dict[str, str]) -> Iterator[B]:
        """Every row, page by page."""
        cursor = None
        while True:
            given = wanted if cursor is None else wanted | {"cursor": cursor}
            body = self._send("GET", path, params=given).json()
            yield from map(kind.model_validate, body[name])
            cursor = body["next_cursor"]
            if cursor is None:
                return

    def _get(self, path: str, kind: type[B]) -> B:
        return kind.model_validate_json(self._send("GET", path).content)

    def _post(self, path: str, body: object, kind: type[B]) -> B:
        return kind.model_validate_json(self._send("POST", path, json=body).content)

    def _send(self, method: str, path: str, **parts: Any) -> httpx2.Response:
        with _translated():
            response = self._http.request(method, path, **parts)
        if not response.is_success:
            raise _refusal(response)
        return response


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx2.TransportError as error:
        raise ServiceUnreachable(
            f"pagesight does not answer ({type(error).__name__}): is `pagesight serve` running?"
        ) from error


def _about(
    collections: Sequence[str], k: int, documents: Sequence[str], pages: str | None
) -> dict[str, object]:
    filters = {"documents": list(documents), "pages": pages}
    return {"collections": list(collections), "k": k, "filters": filters}


def _refusal(response: httpx2.Response) -> ServiceError:
    after = response.headers.get("retry-after", "")
    retry_after_s = int(after) if after.isdecimal() else None
    try:
        told = response.json()["error"]
    except (ValueError, KeyError, TypeError):  # something in between answered
        told = {"message": f"HTTP status {response.status_code}", "code": "http_error"}
    return _error(told, response.status_code, retry_after_s)


def _error(told: dict[str, Any], status: int, retry_after_s: int | None = None) -> ServiceError:
    return ServiceError(told["message"], status, told["code"], told.get("param"), retry_after_s)


def _events(pieces: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Names and data of server-sent events. Lines end with \\n alone: an answer may hold all others."""
    rest = b""
    for piece in pieces:
        *frames, rest = (rest + piece).split(b"\n\n")
        for frame in frames:
            lines = dict(line.split(b": ", 1) for line in frame.split(b"\n") if line[:1] != b":")
            if b"event" in lines:
                yield lines[b"event"].decode(), lines[b"data"]


def _event(name: str, data: bytes, status: int) -> StreamEvent:
    """Raises ServiceError for an error that came after the answer had begun."""
    match name:
        case "pages":
            return PagesRead([HitBody.model_validate(one) for one in json.loads(data)["pages"]])
        case "token":
            return TokenRead(json.loads(data)["text"])
        case "citation":
            return _CITATION.validate_json(data)
        case "done":
            return AnswerResponse.model_validate_json(data)
        case _:
            raise _error(json.loads(data)["error"], status)
