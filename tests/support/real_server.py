"""An application behind a real uvicorn server on a real socket, in a thread of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api.serve.process import server_config


@contextmanager
def serving(app: FastAPI, idle_s: int = 5) -> Iterator[str]:
    """Its address, `http://127.0.0.1:PORT`. `idle_s` is how long it keeps an idle connection."""
    if hasattr(app.state, "running"):
        config = server_config(app, "127.0.0.1", 0)
    else:
        config = uvicorn.Config(app, port=0, log_level="warning")
    config.timeout_keep_alive = idle_s
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(600)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])
