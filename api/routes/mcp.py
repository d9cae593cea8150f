"""/mcp: the tools for agents, as streamable HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from api.deps import Runs, refuse_cross_site
from api.mcp.server import mcp_server, serve_request

router = APIRouter(include_in_schema=False, dependencies=[Depends(refuse_cross_site)])


@router.post("/mcp")
def call_mcp(request: Request, running: Runs) -> Response:
    """The SDK reads the request and writes the response; the routes' own rules are applied before."""
    server = mcp_server(running.services, request.app.version)

    class HandedOver(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await serve_request(server, scope, receive, send)

    return HandedOver()
