"""One request to the service as a value: what is sent, and how its reply is read.

The routes build calls; the sync and the async client send them by the same rules, which stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeGuard, TypeVar, cast
from urllib.parse import quote

import httpx

from pagesight_client.errors import UnexpectedReply
from pagesight_client.events import ServerEvent
from pagesight_client.failures import refusal, service_error
from pagesight_client.reading import field_of, reader

T = TypeVar("T")
R = TypeVar("R")

Upload = Path | str | tuple[str, bytes]  # the path of a file, or a name and its bytes


@dataclass(frozen=True)
class Request:
    """What is sent. `is_repeatable`: sent twice, it does what it does once."""

    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: object = None
    files: Sequence[Path | tuple[str, bytes]] = ()
    fields: Mapping[str, str] = field(default_factory=dict)  # of a form, beside its files
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = False

    @contextmanager
    def arguments(self) -> Iterator[dict[str, Any]]:
        """Open the files; the arguments of httpx's `request` and `stream`."""
        with ExitStack() as stack:
            parts = [
                ("files", (file.name, stack.enter_context(file.open("rb"))))
                if isinstance(file, Path)
                else ("files", file)
                for file in self.files
            ]
            arguments: dict[str, Any] = {
                "method": self.method,
                "url": self.path,
                "params": dict(self.params),
                "headers": dict(self.headers),
            }
            if parts:
                arguments["files"] = parts
                arguments["data"] = dict(self.fields)
            if self.json is not None:
                arguments["json"] = self.json
            yield arguments


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request with one reply. `good_statuses` are read as a success beside 2xx."""

    request: Request
    parse: Callable[[httpx.Response], T]
    good_statuses: frozenset[int] = frozenset()

    def result(self, response: httpx.Response) -> T:
        """Read a reply. Raises ServiceError, UnexpectedReply."""
        if response.is_success or response.status_code in self.good_statuses:
            return self.parse(response)
        raise refusal(response)


@dataclass(frozen=True)
class Listing(Generic[R]):
    """A list that comes in parts, each with the cursor of the next."""

    request: Request
    name: str
    row: Callable[[Any], R]

    def part(self, cursor: str | None) -> Call[tuple[list[R], str | None]]:
        """Ask for the rows behind `cursor`, and for the cursor behind them."""
        params = dict(self.request.params) | ({} if cursor is None else {"cursor": cursor})
        return Call(replace(self.request, params=params), self._rows_and_cursor)

    def _rows_and_cursor(self, response: httpx.Response) -> tuple[list[R], str | None]:
        body = json_of(response)
        rows = [self.row(value) for value in field_of(body, self.name)]
        cursor = body.get("next_cursor")
        return rows, None if cursor is None else str(cursor)


@dataclass(frozen=True)
class Stream(Generic[T]):
    """A request whose reply is server-sent events."""

    request: Request
    event: Callable[[ServerEvent], T]

    def read(self, event: ServerEvent, status: int) -> T:
        """Read an event. Raises ServiceError for an error that came after the stream had begun."""
        if event.name == "error":
            raise service_error(field_of(event.data, "error"), status)
        return self.event(event)


def get(path: str, **params: str | int) -> Request:
    return Request("GET", path, params=params, is_repeatable=True)


def post(path: str, body: object = None) -> Request:
    return Request("POST", path, json=body)


def names_of(names: Sequence[str]) -> list[str]:
    """Return names as a list; a text in the place of a list is one name, and not its letters."""
    return [names] if isinstance(names, str) else [*names]


def uploads_of(files: Upload | Sequence[Upload]) -> tuple[Path | tuple[str, bytes], ...]:
    """Return what is uploaded, one file or several; a text is a path."""
    if isinstance(files, str | Path) or _is_named_bytes(files):
        return uploads_of([files])
    several = cast("Sequence[Upload]", files)
    return tuple(Path(file) if isinstance(file, str) else file for file in several)


def _is_named_bytes(files: object) -> TypeGuard[tuple[str, bytes]]:
    return isinstance(files, tuple) and len(files) == 2 and isinstance(files[1], bytes)


def safe(name: str) -> str:
    """Quote a name for a path."""
    return quote(name, safe="")


def json_of(response: httpx.Response) -> Any:
    """Return the body of a reply. Raises UnexpectedReply."""
    try:
        return response.json()
    except ValueError as error:
        raise UnexpectedReply("the reply is no JSON: is this pagesight?") from error


def record_of(kind: type[R]) -> Callable[[httpx.Response], R]:
    """Return a function that reads one record from a reply."""
    build = reader(kind)
    return lambda response: build(json_of(response))
