"""Why and when the service ends a connection, and what its client is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from fastapi import HTTPException

from api.base.errors import Overloaded
from api.http.failures import failure
from api.http.security_headers import SECURITY_HEADERS

MAX_HEAD_BYTES = 64 * 1024


class Ending(StrEnum):
    """Why a connection was ended here, in the words of the log and the metrics."""

    IDLE = "idle"
    MADE_ROOM = "idle, to make room"
    NO_ROOM = "refused, no room"
    SLOW_HEAD = "slow headers"
    LONG_HEAD = "long headers"
    UNREAD_BODY = "a body that nobody wants"
    ODD_BODY = "more framing than body"
    STALLED = "a reader who takes nothing"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a client may take.

    idle_s   before its first request; between two the server closes sooner
    head_s   for the headers of a request
    drain_s  to end a body after the answer to it
    stall_s  in which it reads nothing of a response
    tick_s   between two looks at all connections
    """

    idle_s: float = 20.0
    head_s: float = 20.0
    drain_s: float = 5.0
    stall_s: float = 60.0

    @property
    def tick_s(self) -> float:
        return min(1.0, min(self.idle_s, self.head_s, self.drain_s, self.stall_s) / 4)


def _response(error: Exception) -> bytes:
    refusal = failure(error)
    body = json.dumps(refusal.body.model_dump()).encode()
    headers = {
        **refusal.headers,
        **SECURITY_HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\n"
    return f"{status}{lines}\r\n".encode() + body


NO_ROOM = _response(Overloaded("pagesight has as many connections as it can hold", 1))
ANSWERS = {  # of those that still wait for their first
    Ending.SLOW_HEAD: _response(HTTPException(408, "the headers did not come in time")),
    Ending.LONG_HEAD: _response(
        HTTPException(431, f"the headers have more than {MAX_HEAD_BYTES:,} bytes")
    ),
}
