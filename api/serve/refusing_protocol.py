"""HTTP/1.1 as uvicorn speaks it, except that a full service refuses before the application is asked.

A request to the application costs a task, a turn of the event loop and a dozen calls, and each that comes by
itself takes the interpreter from the searches under way: a thousand refusals a second were a fifth of all.
Here a refusal costs less than half, and refused connections are read again all together, at the next tick of
a clock. PAGESIGHT_EARLY_REFUSAL switches it off; `python -m tests.benchmarks tricks` says what it is worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from fastapi import FastAPI
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from api.http.limits.concurrency import ConcurrencyLimiter
from api.serve.load_shedding import ID_NAME, LoadShedder, Refusal, id_header


class RefusingProtocol(HttpToolsProtocol):
    """One connection.

    It refuses when the headers of a question are there and its places are full; the body is skipped when it
    comes. Whatever is not plain (an answer is still being sent, the connection ends with this request, the
    client waits for leave to send its body or does not read) goes to the application:
    `load_shedding.ShedLoad`.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(config, server_state, app_state, **options)
        assert isinstance(config.app, FastAPI)
        self._refusals: LoadShedder = config.app.state.refusals
        self._refused = False  # whether the request whose parts come in now was refused

    def on_message_begin(self) -> None:
        self._refused = False
        # It came in one piece with a refused one, whose end began the time of an idle connection.
        self._unset_keepalive_if_required()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        places = self._places()
        if places is None or not places.full or not self._is_plain():
            super().on_headers_complete()
            return
        self._refused = True
        given_id = dict(self.headers).get(ID_NAME, b"").decode("latin-1")
        changing = [*self.server_state.default_headers, id_header(given_id)]
        self.transport.write(_response(self._refusals.refuse(places), changing))
        self.on_response_complete()
        self.flow.pause_reading()
        self._refusals.at_next_tick(self._hear_again)

    def _hear_again(self) -> None:
        # Reading for a request that the application has by now is in its hands.
        if self._is_idle() and not self.transport.is_closing():
            self.flow.resume_reading()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    def _places(self) -> ConcurrencyLimiter | None:
        path = self.url.partition(b"?")[0].decode("latin-1")
        return self._refusals.limiter_of(self.parser.get_method().decode(), path)

    def _is_idle(self) -> bool:
        """Whether no request of this connection is with the application."""
        return self.cycle is None or self.cycle.response_complete

    def _is_plain(self) -> bool:
        return (
            self._is_idle()
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
        )


def _response(refusal: Refusal, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the response as it is sent; `headers` are those that it does not have yet."""
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    return b"%b%b\r\n%b" % (_head(refusal), lines, refusal.body)


@cache
def _head(refusal: Refusal) -> bytes:
    lines = [b"%b: %b\r\n" % header for header in refusal.headers]
    return STATUS_LINE[refusal.status] + b"".join(lines)
