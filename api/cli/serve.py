"""`pagesight serve`: the service over HTTP; `pagesight mcp`: the tools for agents."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.base.errors import ServiceOpen
from api.base.settings import Settings, load_settings
from api.base.version import version_of_this
from api.cli.bundles import SignerKey
from api.cli.output import load_services, to_stderr
from api.services.bundles import bundle_services
from api.services.wiring import Services, wire
from indexer.maintenance.bundles.signatures import Signer


def serve(
    host: Annotated[str | None, typer.Option(help="Address [default: PAGESIGHT_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port [default: PAGESIGHT_PORT]")] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Serve what is in a bundle, read-only, and no data folder."
        ),
    ] = None,
    signer: SignerKey = None,
) -> None:
    """Serve the HTTP interface and the web page."""
    from api.base.logs import configure_logs
    from api.http.hosts import is_this_machine
    from api.serve.app import create_app
    from api.serve.process import run
    from api.telemetry.traces import Traces, exporting_provider

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    provider = exporting_provider(version_of_this()) if settings.traces else None
    host, port = host or settings.host, settings.port if port is None else port
    only_here = is_this_machine(host)
    with _services(settings, bundle, signer) as services:
        if not services.keys_required():
            if not (only_here or settings.open_without_keys):
                raise ServiceOpen(_open_to_all(host, is_bundle=bundle is not None))
            readers = "this machine only" if only_here else "open to everyone"
            to_stderr.print(f"no API key: {readers}")
        traces = Traces(provider) if provider else None
        app = create_app(services, listens_on=host, traces=traces)
        to_stderr.print(f"pagesight on http://{host}:{port}", style="bold")
        run(app, host, port)


@contextmanager
def _services(settings: Settings, bundle: Path | None, signer: Path | None) -> Iterator[Services]:
    if bundle is None:
        yield wire(settings)
        return
    # uvicorn ends the process by the signal that ended it: what is unpacked must be removed all the same.
    signal.signal(signal.SIGTERM, _exit)
    with bundle_services(bundle, settings, Signer.read(signer) if signer else None) as services:
        yield services


def _exit(number: int, _: object) -> None:
    sys.exit(128 + number)


def _open_to_all(host: str, *, is_bundle: bool) -> str:
    if is_bundle:
        return (
            f"a bundle has no API keys, so {host} would be open to everyone who reaches it: serve on "
            "127.0.0.1, or set PAGESIGHT_OPEN_WITHOUT_KEYS=true where everyone may read it"
        )
    return (
        f"no API key was made, so {host} would be open to everyone who reaches it: run `pagesight "
        "keys create NAME --scope admin` first, or serve on 127.0.0.1"
    )


def mcp() -> None:
    """Serve the tools for agents (MCP) on standard input and output."""
    import anyio

    from api.http.limits.concurrency import Admission
    from api.http.running import Running
    from api.mcp.server import WITHOUT_LINKS, mcp_server, serve_stdio
    from api.services.authorization import Caller

    services = load_services()
    running = Running(services, Admission(services.settings))
    note = "" if services.settings.public_url else WITHOUT_LINKS
    if note:
        to_stderr.print(note)
    anyio.run(serve_stdio, mcp_server(running, Caller(services), version_of_this(), note))
