"""API keys as JSON, for HTTP and the command line alike."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from api.services.keys import ApiKey, Scope
from api.services.wiring import Services


class KeyResponse(BaseModel):
    """A key without its secret. `collections` null: every one; else the names of those that still exist.

    `last_used_at` is true to the minute.
    """

    id: str
    name: str
    scope: Scope
    collections: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def key_bodies(services: Services) -> list[KeyResponse]:
    """All keys, the newest first."""
    return [key_body(services, key) for key in services.keys.all()]


def key_body(services: Services, key: ApiKey) -> KeyResponse:
    within = key.collection_ids
    reached = None if within is None else services.stores.catalog.collections.all(within=within)
    return KeyResponse(
        id=key.id,
        name=key.name,
        scope=key.scope,
        collections=None if reached is None else [one.name for one in reached],
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )
