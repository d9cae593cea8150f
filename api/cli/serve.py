"""`pagesight serve`: the service over HTTP; `pagesight mcp`: the tools for agents."""

from __future__ import annotations

from typing import Annotated

import typer

from api.base.errors import ServiceOpen
from api.base.settings import load_settings
from api.cli.output import load_services, to_stderr
from api.services.wiring import wire


def serve(
    host: Annotated[str | None, typer.Option(help="Address [default: PAGESIGHT_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port [default: PAGESIGHT_PORT]")] = None,
) -> None:
    """Serve the HTTP interface and the web page."""
    from api.base.logs import configure_logs
    from api.http.hosts import is_this_machine
    from api.serve.app import create_app, version_of_this
    from api.serve.process import run
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
    app = create_app(services, listens_on=host, traces=traces)
    to_stderr.print(f"pagesight on http://{host}:{port}", style="bold")
    run(app, host, port)


def mcp() -> None:
    """Serve the tools for agents (MCP) on standard input and output."""
    import anyio

    from api.http.deps import Running
    from api.http.limits.concurrency import Admission
    from api.mcp.server import WITHOUT_LINKS, mcp_server, serve_stdio
    from api.serve.app import version_of_this
    from api.services.authorization import Caller

    services = load_services()
    running = Running(services, Admission(services.settings))
    note = "" if services.settings.public_url else WITHOUT_LINKS
    if note:
        to_stderr.print(note)
    anyio.run(serve_stdio, mcp_server(running, Caller(services), version_of_this(), note))
