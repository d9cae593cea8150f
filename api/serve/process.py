"""The service as a process, and what lets a Python process answer sooner.

PAGESIGHT_GC_FREEZE and PAGESIGHT_WARM_START switch that off; `python -m tests.benchmarks tricks` says what
the first is worth. The second takes the load of the encoder off the first question.
"""

from __future__ import annotations

import gc
import logging
import sys
from contextlib import suppress
from threading import Thread

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.base.settings import Settings
from indexer.base.errors import EncoderUnavailable
from indexer.encoders.lazy import LazyEncoder

_log = logging.getLogger("pagesight.api")

_NOT_STARTED = 3  # as uvicorn's own command says it; the log has the reason
_STREAMS_S = 5  # a stopping server waits so long for answers and events that are still streamed
_YOUNG = (
    50_000  # new objects until Python looks at the young ones; its own 700 suits a small program
)
_ROUNDS = 20  # looks at the young objects until one at the older


def run(app: FastAPI, host: str, port: int) -> None:
    """Serve until a signal comes."""
    services = app.state.running.services
    tune(app, services.settings)
    if services.settings.warm_start:
        Thread(target=warm, args=(services.encoder,), name="warm start", daemon=True).start()
    listen(app, host, port)


def listen(app: FastAPI, host: str, port: int) -> None:
    """Answer requests until a signal comes; exit where the address cannot be had."""
    server = uvicorn.Server(server_config(app, host, port))
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Return how uvicorn serves the application."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=app.state.connections.speaking(HttpToolsProtocol),
        ws="none",  # there is no such route, and it would leave its deadlines behind
        log_config=None,  # its errors go where all logs go
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STREAMS_S,
    )


def tune(app: FastAPI, settings: Settings) -> None:
    """Set up this process for a service, once, before it serves."""
    if settings.gc_freeze:
        app.state.running.services.encoder.when_loaded(set_aside)
        set_aside()


def warm(encoder: LazyEncoder) -> None:
    """Load the encoder and embed a query, so that no person waits for it. One that is missing is logged."""
    try:
        encoder.get().encode_queries(["warm"])
    except EncoderUnavailable as error:
        _log.warning("the encoder cannot be loaded: %s", error)


def set_aside() -> None:
    """Take all that lives now out of the rounds of Python's cycle collector, and make those rounds rare.

    Is called when the service has started, and when it has loaded the encoder. A full round walks every
    object of torch and transformers, hundreds of thousands that never go away: 50 ms and more in which
    nothing is answered (measured: it was most of the delay that streams added to one another).

    It does not collect before: that takes a tenth of a second of the start, and finds some twenty objects.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _ROUNDS, _ROUNDS)
