"""/mcp: the tools for agents, as streamable HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.bodies import MAX_PICTURE_BYTES, already_read
from api.http.deps import Calls, authorize, refuse_cross_site
from api.mcp.server import mcp_server, serve_request

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(refuse_cross_site), Depends(authorize)]
)


@router.post("/mcp")
def call_mcp(request: Request, caller: Calls) -> Response:
    """The SDK reads the request and writes the response; the routes' own rules are applied before."""
    server = mcp_server(caller, request.app.version)

    class HandedOver(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            read = await already_read(receive, MAX_PICTURE_BYTES)  # the SDK has no limit of its own
            await serve_request(server, scope, read, send)

    return HandedOver()
