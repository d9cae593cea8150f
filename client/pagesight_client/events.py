"""Server-sent events out of the bytes of a response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pagesight_client.errors import UnexpectedReply


class ServerEvent(NamedTuple):
    name: str
    data: Any


class EventReader:
    """Gathers events from the pieces of a stream.

    Lines end with \\n alone: the text of an answer may hold every other character that ends a line.
    """

    def __init__(self) -> None:
        self._rest = b""

    def read(self, piece: bytes) -> Iterator[ServerEvent]:
        """Yield the events that this piece completes; comments are passed over.

        Raises UnexpectedReply.
        """
        *frames, self._rest = (self._rest + piece).split(b"\n\n")
        for frame in frames:
            name, data = "", None
            for line in frame.split(b"\n"):
                if line.startswith(b"event: "):
                    name = line[7:].decode()
                elif line.startswith(b"data: "):
                    data = _json(line[6:])
            if name:
                yield ServerEvent(name, data)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnexpectedReply("an event of the stream is no JSON: is this pagesight?") from error
