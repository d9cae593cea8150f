"""`pagesight mcp`."""

from __future__ import annotations

from api.cli.output import load_services


def mcp() -> None:
    """Serve the tools for agents (MCP) on standard input and output."""
    import anyio

    from api.http.concurrency import Admission
    from api.http.deps import Running
    from api.mcp.server import mcp_server, serve_stdio
    from api.serve.app import version_of_this
    from api.services.authorization import Caller

    services = load_services()
    running = Running(services, Admission(services.settings))
    anyio.run(serve_stdio, mcp_server(running, Caller(services), version_of_this()))
