"""The one key of an encoder apart, which all processes that it computes for have."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.base.errors import KeyRequired
from api.http.error_responses import error_response
from api.http.failures import failure

_OPEN = ("/healthz",)


class AskForKey:
    """Answers 401 to a request without the key; an empty one is asked of nobody."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._authorization = f"Bearer {key}".encode() if key else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _OPEN or self._is_allowed(scope):
            await self._app(scope, receive, send)
            return
        refusal = failure(KeyRequired("set PAGESIGHT_ENCODER_KEY to the key of this encoder"))
        await error_response(Request(scope), refusal)(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        if not self._authorization:
            return True
        authorization = Headers(scope=scope).get("authorization", "").encode()
        return hmac.compare_digest(authorization, self._authorization)
