"""/v1/keys: API keys, for those who may do everything."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.base.errors import NotAllowed
from api.http.deps import Calls, Keys, Runs
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.schemas.keys import KeysResponse, NewKeyResponse, key_bodies, key_body
from api.services.keys import MAX_NAME, Quota, Scope

router = APIRouter(prefix="/keys", tags=["keys"], route_class=PolicyRoute)


class KeyRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field(
        min_length=1, max_length=MAX_NAME, description="Whose key it is, or what for."
    )
    scope: Scope = Field(
        default=Scope.READ,
        description="Of `read`, `write` and `admin` each allows what stands before it; `metrics` allows "
        "`/metrics` alone.",
    )
    collections: list[Text] | None = Field(
        default=None, description="Names; null: every collection, also those that come later."
    )
    expires_at: AwareDatetime | None = None
    max_bytes_per_day: int | None = Field(
        default=None, ge=0, description="Most bytes of files that it may upload a day; null: any."
    )
    max_documents_per_day: int | None = Field(
        default=None, ge=0, description="Most files that it may upload a day; null: any."
    )
    max_questions_per_day: int | None = Field(
        default=None, ge=0, description="Most searches and answers a day; null: any."
    )


@router.get("")
@policy(Scope.ADMIN)
def list_keys(running: Runs) -> KeysResponse:
    """All keys, the revoked ones too, the newest first."""
    return KeysResponse(keys=key_bodies(running.services))


@router.post("", status_code=201)
@policy(Scope.ADMIN)
def create_key(body: KeyRequest, running: Runs, caller: Calls) -> NewKeyResponse:
    """A new key. The first one is made at the machine itself, by `pagesight keys create`."""
    if caller.key is None:
        raise NotAllowed("no key is in use yet: make the first one with `pagesight keys create`")
    services = running.services
    reach = None if body.collections is None else services.ids_of(body.collections)
    quota = Quota(body.max_bytes_per_day, body.max_documents_per_day, body.max_questions_per_day)
    key, text = services.keys.create(body.name, body.scope, reach, body.expires_at, quota)
    return NewKeyResponse(**key_body(services, key).model_dump(), key=text)


@router.delete("/{key_id}", status_code=204)
@policy(Scope.ADMIN)
def revoke_key(key_id: str, keys: Keys) -> None:
    """The key opens nothing from the next request on; it stays in the list."""
    keys.revoke(key_id)
