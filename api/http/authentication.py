"""The door: every request passes here before its route, and before any of its body is read.

As soon as there is an API key, a request brings one: `Authorization: Bearer KEY`, or the cookie that
the web page was given for it. Without keys the service answers this machine only.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote, urlsplit

from anyio import CapacityLimiter, to_thread
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.base.errors import KeyRequired, LinkEnded, NotAllowed
from api.http.cors import is_cors_origin
from api.http.error_responses import PAGE_OF_DOCUMENT, error_response, for_people, in_frame
from api.http.failures import failure
from api.http.hosts import HostNames
from api.http.limits.key_limits import KeyLimits
from api.services.authorization import Caller
from api.services.keys import ApiKey
from api.services.request_rates import RequestRates
from api.services.signed_links import is_signed
from api.services.wiring import Services
from indexer.base.errors import PagesightError

COOKIE = "pagesight_key"
_SAFE = ("GET", "HEAD", "OPTIONS")
_LOOKING = 4  # threads of its own: a door that waits for slow answers would keep everybody out

NO_KEY = "an API key is needed: send it as `Authorization: Bearer ps_...`"
ENDED_LINK = (
    "this link has expired, was altered, or the key that made it is not valid any more: ask the question "
    "again, the new answer has new links"
)
BAD_KEY = "this API key is unknown, revoked or expired"


class Authentication:
    """Gives a request its `Caller`, or refuses it.

    is_open  whether a path needs no key, because its routes say nothing about the documents
    hosts    names that a request may call the service by as long as no key is asked for; None: any
    """

    def __init__(
        self,
        app: ASGIApp,
        services: Services,
        is_open: Callable[[str], bool] = lambda path: False,
        hosts: HostNames | None = None,
    ) -> None:
        self._app = app
        self._services = services
        self._is_open = is_open
        self._hosts = hosts
        settings = services.settings
        self._limits = KeyLimits(settings.requests_at_once)
        self._rates = RequestRates(services.database, settings.requests_per_minute)
        self._threads = CapacityLimiter(_LOOKING)
        self._public = urlsplit(settings.public_url or "").netloc
        root = services.stores.folder.root
        self._data_dir = str(root) if root.is_absolute() else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        with ExitStack() as running:
            try:
                key, by_link = await self._key_of(request)
                if key is not None and not by_link:
                    running.enter_context(self._limits.request(key.id))
            except PagesightError as error:
                await self._refusal(request, error)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = Caller(self._services, key, by_link)
            await self._app(scope, receive, send if key is None else _with_vary(send))

    async def _key_of(self, request: Request) -> tuple[ApiKey | None, bool]:
        """The key of the request, None where none is asked for; and whether it came by a signed link.

        Raises KeyRequired, NotAllowed, HostRefused, LinkEnded, TooManyRequests, CatalogUnavailable.
        """
        if self._services.known_open():
            self._check_host(request)
            return None, False
        return await to_thread.run_sync(self._look_up_key, request, limiter=self._threads)

    def _look_up_key(self, request: Request) -> tuple[ApiKey | None, bool]:
        if not self._services.keys_required():
            self._check_host(request)
            return None, False
        has_link = is_signed(request.url.query) and request.method in ("GET", "HEAD")
        if has_link:
            key = self._services.links.key_of(request.url.path, request.url.query)
            if key is not None:
                return key, True
        text = bearer(request)
        by_cookie = text is None
        if text is None:
            text = request.cookies.get(COOKIE)
        if text is None and has_link:
            raise LinkEnded(ENDED_LINK)
        if text is None:
            raise KeyRequired(NO_KEY)
        key = self._services.identities.key_of_token(text)
        if key is None:
            key = self._services.keys.authenticate(text)
        if key is None:
            raise KeyRequired(BAD_KEY)
        key = self._services.identities.key_for(key, request.headers)
        if by_cookie and request.method not in _SAFE:
            self._check_origin(request)
        self._rates.take(key.id)
        return key, False

    def _check_origin(self, request: Request) -> None:
        """Refuse a page of another site: any may send the cookie, only ours may change something with it."""
        if request.headers.get("sec-fetch-site") == "same-origin":
            return
        if self._services.settings.cors_credentials and is_cors_origin(request):
            return
        own_names = {request.headers.get("host"), self._public} - {"", None}
        if urlsplit(request.headers.get("origin", "")).netloc not in own_names:
            raise NotAllowed("a page of another site cannot change anything here")

    def _check_host(self, request: Request) -> None:
        if self._hosts is not None:
            self._hosts.check(request.headers.get("host", ""))

    def _refusal(self, request: Request, error: PagesightError) -> Response:
        path = request.url.path
        is_viewer = path.startswith(PAGE_OF_DOCUMENT) and for_people(request)
        if isinstance(error, KeyRequired) and is_viewer and not in_frame(request):
            # The browser keeps the cookie back on the way from another site; our own page has it.
            target = f"{path}?{request.url.query}" if request.url.query else path
            return RedirectResponse(f"/?next={quote(target, safe='')}", 303)
        frame_origins = self._services.settings.frame_origins
        return error_response(request, failure(error, self._data_dir), frame_origins)


def bearer(request: Request) -> str | None:
    """The key in the header `Authorization`, None where there is none."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _with_vary(send: Send) -> Send:
    """Nothing that is kept for one key is given to the next one in the same browser."""

    async def send_varied(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Authorization")
            headers.add_vary_header("Cookie")
        await send(message)

    return send_varied
