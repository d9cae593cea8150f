"""`pagesight serve`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.base.errors import ServiceOpen
from api.base.settings import load_settings
from api.cli.output import to_stderr
from api.services.wiring import wire

if TYPE_CHECKING:
    from fastapi import FastAPI

_STREAMS_S = 5  # a stopping server waits so long for answers and events that are still streamed
# How long a thread keeps the interpreter while another waits for it. A search asks for it a few times, each
# time of a loop that has something to do: with Python's own 5 ms it waited for a quarter of its time. With
# half a millisecond nobody gets to the end of anything, and the first words of an answer come late.
_TURN_S = 0.001


def serve(
    host: Annotated[str | None, typer.Option(help="Address [default: PAGESIGHT_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port [default: PAGESIGHT_PORT]")] = None,
) -> None:
    """Serve the HTTP interface and the web page."""
    from api.base.logs import configure_logs
    from api.http.authentication import is_this_machine
    from api.serve.app import create_app, version_of_this
    from api.telemetry.traces import Traces, exporting_provider

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    provider = exporting_provider(version_of_this()) if settings.traces else None
    host, port = host or settings.host, settings.port if port is None else port
    services, only_here = wire(settings), is_this_machine(host)
    if not services.keys_required():
        if not (only_here or settings.open_without_keys):
            raise ServiceOpen(
                f"no API key was made, so {host} would be open to everyone who reaches it: run `pagesight "
                "keys create NAME --scope admin` first, or serve on 127.0.0.1"
            )
        to_stderr.print("no API key: " + ("this machine only" if only_here else "open to everyone"))
    traces = Traces(provider) if provider else None
    app = create_app(services, loopback_only=only_here, traces=traces)
    to_stderr.print(f"pagesight on http://{host}:{port}", style="bold")
    run(app, host, port)


def run(app: FastAPI, host: str, port: int) -> None:
    """Serve until a signal comes."""
    import uvicorn

    from api.serve.gc_tuning import set_aside
    from api.serve.refusing_protocol import RefusingProtocol

    sys.setswitchinterval(_TURN_S)
    app.state.running.services.encoder.when_loaded(set_aside)
    set_aside()
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=RefusingProtocol,
        log_config=None,  # its errors go where all logs go
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STREAMS_S,
    )
