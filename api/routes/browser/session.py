"""/v1/session: the key of a person at the web page, kept where no script can read it.

An image or a link carries no header, but it carries a cookie.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import KeyRequired
from api.base.links import base_address
from api.http.authentication import BAD_KEY, COOKIE, bearer
from api.http.deps import Runs
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.services.keys import ApiKey, Scope
from api.services.wiring import Services

router = APIRouter(prefix="/session", tags=["keys"], route_class=PolicyRoute)


class SessionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: Text = Field(max_length=200, description="An API key.")


class SessionResponse(BaseModel):
    """`name` and `scope` are those of the key that came with the request; null where none did.

    `everywhere` says whether it reaches every collection, and may make new ones where its scope allows that.
    `read_only`: a bundle is served, which nobody changes.
    The limits are those of one upload: a page can refuse at once what the service would refuse.
    """

    key_required: bool
    name: str | None
    scope: Scope | None
    everywhere: bool
    read_only: bool
    max_file_bytes: int
    max_upload_files: int


@router.get("")
@policy(scope=None)
def get_session(request: Request, running: Runs) -> SessionResponse:
    """Whether a key is needed, and which one the request has."""
    services = running.services
    if not services.keys_required():
        return _session_of(None, services, key_required=False)
    text = bearer(request) or request.cookies.get(COOKIE)
    key = None if text is None else services.keys.authenticate(text)
    return _session_of(key, services)


@router.post("")
@policy(scope=None)
def begin_session(
    body: SessionRequest, request: Request, response: Response, running: Runs
) -> SessionResponse:
    """Keep a key in a cookie, until the browser is closed."""
    key = running.services.keys.authenticate(body.key)
    if key is None:
        raise KeyRequired(BAD_KEY)
    base = base_address(request.base_url, running.services.settings)
    response.set_cookie(
        COOKIE, body.key, httponly=True, samesite="strict", secure=base.startswith("https:")
    )
    return _session_of(key, running.services)


@router.delete("", status_code=204)
@policy(scope=None)
def end_session(response: Response) -> None:
    """Forget the cookie, and what the browser has kept of the pages."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache"'


def _session_of(
    key: ApiKey | None, services: Services, *, key_required: bool = True
) -> SessionResponse:
    settings = services.settings
    return SessionResponse(
        key_required=key_required,
        read_only=services.bundle is not None,
        name=None if key is None else key.name,
        scope=None if key is None else key.scope,
        everywhere=not key_required or (key is not None and key.collection_ids is None),
        max_file_bytes=settings.max_file_bytes,
        max_upload_files=settings.max_upload_files,
    )
