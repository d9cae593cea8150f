"""`pagesight mcp`."""

from __future__ import annotations

from api.cli.output import load_services


def mcp() -> None:
    """Serve the tools for agents (MCP) on standard input and output."""
    import anyio

    from api.mcp.server import mcp_server, serve_stdio
    from api.serve.app import version_of_this
    from api.services.authorization import Caller

    anyio.run(serve_stdio, mcp_server(Caller(load_services()), version_of_this()))
