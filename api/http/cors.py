"""Lets pages of named sites call the service from the browser: PAGESIGHT_CORS_ORIGINS, off by default.

A preflight carries no key and is answered here, before the door. What a key may do stays as it is.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.base.settings import Settings

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SHOWN = ("Content-Range", "ETag", "Location", "Retry-After", "X-Request-ID")
_PREFLIGHT_S = 600


class CrossOrigin:
    """Starlette's CORS for the origins of the settings; page images may be embedded by them, too."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._origins = frozenset(settings.cors_origins.split())
        self._app = app
        self._with_cors = CORSMiddleware(
            app,
            allow_origins=sorted(self._origins),
            allow_methods=_METHODS,
            allow_headers=["*"],
            allow_credentials=settings.cors_credentials,
            expose_headers=_SHOWN,
            max_age=_PREFLIGHT_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._origins or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = Request(scope).headers.get("origin")
        scope.setdefault("state", {})["is_cors_origin"] = origin in self._origins
        await self._with_cors(scope, receive, send)


def is_cors_origin(request: Request) -> bool:
    """Say whether a request comes from a page that may call the service."""
    return getattr(request.state, "is_cors_origin", False)


def embeds_for(request: Request, settings: Settings) -> bool:
    """Say whether an image is asked for by a page of one of the origins: no page can forge `Referer`."""
    referer = urlsplit(request.headers.get("referer", ""))
    return f"{referer.scheme}://{referer.netloc}" in settings.cors_origins.split()
