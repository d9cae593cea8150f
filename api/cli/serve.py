"""`pagesight serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.output import to_stderr
from api.settings import load_settings
from api.wiring import wire

if TYPE_CHECKING:
    from fastapi import FastAPI

_STREAMS_S = 5  # a stopping server waits so long for answers and events that are still streamed


def serve(
    host: Annotated[str | None, typer.Option(help="Address [default: PAGESIGHT_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port [default: PAGESIGHT_PORT]")] = None,
) -> None:
    """Serve the HTTP interface and the web page."""
    from api.app import create_app, version_of_this
    from api.logs import configure_logs
    from api.traces import Traces, exporting_provider

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    provider = exporting_provider(version_of_this()) if settings.traces else None
    host, port = host or settings.host, settings.port if port is None else port
    app = create_app(wire(settings), traces=Traces(provider) if provider else None)
    to_stderr.print(f"pagesight on http://{host}:{port}", style="bold")
    run(app, host, port)


def run(app: FastAPI, host: str, port: int) -> None:
    """Serve until a signal comes."""
    import uvicorn

    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,  # its errors go where all logs go
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STREAMS_S,
    )
