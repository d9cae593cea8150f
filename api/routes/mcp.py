"""/mcp: the tools for agents, as streamable HTTP."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.deps import Calls, Runs
from api.http.limits.bodies import PolicyRoute, body_again
from api.http.policy import MAX_PICTURE_BYTES, policy
from api.mcp.server import mcp_server, serve_request
from api.services.keys import Scope as KeyScope

router = APIRouter(include_in_schema=False, route_class=PolicyRoute)


@router.get("/.well-known/oauth-protected-resource")
@router.get("/.well-known/oauth-protected-resource/{path:path}")
@router.get("/.well-known/oauth-authorization-server")
@router.get("/.well-known/oauth-authorization-server/{path:path}")
@policy(scope=None)
def tell_that_there_is_no_oauth() -> None:
    """What an agent's program asks before it sends a key: here keys are made by the operator."""
    raise HTTPException(
        404, "there is no OAuth here: send an API key as `Authorization: Bearer ps_...`"
    )


@router.post("/mcp")
@policy(KeyScope.READ, max_body_bytes=MAX_PICTURE_BYTES)  # each tool takes its own limit
async def call_mcp(request: Request, running: Runs, caller: Calls) -> Response:
    """The SDK reads the request and writes the response; the routes' own rules are applied before."""
    server = mcp_server(running, caller, request.app.version)
    body = await request.body()

    class HandedOver(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await serve_request(server, scope, body_again(body, receive), send)

    return HandedOver()
