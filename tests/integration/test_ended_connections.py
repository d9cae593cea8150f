"""A connection that has ended leaves nothing for Python's cycle collector, which comes rarely."""

from __future__ import annotations

import gc
import socket
import weakref
from pathlib import Path

import pytest

from api.serve.app import create_app
from api.serve.connections import Connections
from api.serve.guarded_connection import GuardedConnection
from tests.support.real_server import port_of, serving
from tests.support.small_library import QUESTION, library
from tests.support.streams import request
from tests.support.waiting import PATIENCE_S, wait_until

N_CONNECTIONS = 3
SEARCH = request("/v1/search", {"query": QUESTION, "collections": ["manuals"]})
HEAD = SEARCH.partition(b"\r\n\r\n")[0]
HALF_A_BODY = HEAD.replace(b"length: ", b"length: 9") + b"\r\n\r\n{"


def test_a_connection_that_has_ended_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: weakref.WeakSet[GuardedConnection] = weakref.WeakSet()
    let_in = Connections.let_in

    def let_in_and_note(self: Connections, newcomer: GuardedConnection) -> bool:
        left.add(newcomer)
        return let_in(self, newcomer)

    monkeypatch.setattr(Connections, "let_in", let_in_and_note)
    app = create_app(library(tmp_path, embedded_worker=False))
    with serving(app) as address:
        gc.disable()
        try:
            for begin in (b"", HEAD, HALF_A_BODY, SEARCH):
                lines = [
                    socket.create_connection(("127.0.0.1", port_of(address)), PATIENCE_S)
                    for _ in range(N_CONNECTIONS)
                ]
                wait_until(lambda: app.state.connections.n_open == N_CONNECTIONS)
                for line in lines:
                    line.sendall(begin)
                    if begin == SEARCH:
                        assert line.recv(1 << 16).startswith(b"HTTP/1.1 200")
                    line.close()
                wait_until(lambda: not left)
        finally:
            gc.enable()
