"""Bounds and deadlines of connections, around whatever speaks HTTP over them.

uvicorn has one deadline, for a connection that idles after a response, and each byte that comes puts it off.
Here every connection is held by a protocol of ours, which looks on while the real one works: a parser of its
own says where a request begins and ends, the transport says when the client does not read. Nothing private
of the server is touched. `docs/decisions/0009-deadlines-at-the-socket.md` has what was rejected.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from api.base.settings import Settings
from api.http.limits.receiving import BODY_IS_HERE
from api.serve.connection_endings import Ending, Patience
from api.serve.guarded_connection import GuardedConnection

_log = logging.getLogger("pagesight.http")
_STATE = "connection"  # the key of a connection in the state of its requests
_MOST_CONNECTIONS = 4096  # where the machine allows more: each costs memory
_SETTLED_S = 1.0  # a connection that idles for less is about to send its request


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and how long each may keep the service waiting."""

    max_connections: int
    patience: Patience


def limits_of(settings: Settings) -> ConnectionLimits:
    """Return the limits that the settings ask for, or that the process can hold.

    Half of the descriptors are left to files, to the catalog and to the rasterizer.
    """
    n_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if n_descriptors == resource.RLIM_INFINITY:
        n_descriptors = 2 * _MOST_CONNECTIONS
    default = max(1, min(_MOST_CONNECTIONS, n_descriptors // 2))
    return ConnectionLimits(
        settings.max_connections or default, Patience(head_s=settings.client_timeout_s)
    )


class Connections:
    """All connections of one server: lets them in, counts them, and ends those that overstay.

    Belongs to one event loop. `n_ended` counts by reason those that were ended here.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._open: dict[GuardedConnection, None] = {}  # in the order in which they came
        self._timer: asyncio.TimerHandle | None = None
        self._untold: Counter[str] = Counter()
        self.n_ended: Counter[str] = Counter()

    @property
    def n_open(self) -> int:
        return len(self._open)

    @property
    def max_connections(self) -> int:
        return self._limits.max_connections

    def speaking(self, speak: Callable[..., asyncio.Protocol]) -> Callable[..., asyncio.Protocol]:
        """Return what uvicorn calls for each new connection; `speak` makes the one that speaks HTTP."""

        def connect(
            config: Config, server_state: ServerState, app_state: dict[str, Any], **options: Any
        ) -> GuardedConnection:
            connection = GuardedConnection(self, self._limits.patience)
            connection.speaker = speak(
                config, server_state, app_state | {_STATE: connection}, **options
            )
            return connection

        return connect

    def let_in(self, newcomer: GuardedConnection) -> bool:
        """Add a connection. Where there is no room, the first one that only waits makes room.

        Returns False when every other one is at work: this one is to be refused.
        """
        now = asyncio.get_running_loop().time()
        if len(self._open) >= self._limits.max_connections:
            idler = next((c for c in self._open if c.idles_for(now) > _SETTLED_S), None)
            if idler is None:
                self.note(Ending.NO_ROOM)
                return False
            idler.end(Ending.MADE_ROOM)
            self._open.pop(idler, None)
        self._open[newcomer] = None
        if self._timer is None:
            self._look_later()
        return True

    def let_go(self, connection: GuardedConnection) -> None:
        self._open.pop(connection, None)

    def note(self, ending: Ending) -> None:
        """Count a connection that was ended or refused; the log has a line for all of a moment."""
        self.n_ended[ending] += 1
        self._untold[ending] += 1
        if self._timer is None:
            self._look_later()

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limits.patience.tick_s, self._look)

    def _look(self) -> None:
        """One round over all connections: a timer for each would cost more than its requests."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            connection.look(now)
        if self._untold:
            reasons = ", ".join(f"{n} {ending}" for ending, n in self._untold.items())
            _log.warning("ended connections: %s", reasons)
            self._untold.clear()
        if self._open and self._timer is None:
            self._look_later()


class NoteRequests:
    """Tells a connection when a request over it begins and ends in the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = scope.get("state", {}).get(_STATE) if scope["type"] == "http" else None
        if connection is None:
            await self._app(scope, receive, send)
            return
        connection.request_began()
        scope["state"][BODY_IS_HERE] = connection.request_is_whole
        try:
            await self._app(scope, receive, send)
        finally:
            connection.request_ended()
