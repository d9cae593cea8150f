"""API keys as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from api.services.keys import ApiKey, Scope
from api.services.wiring import Services


class KeyUsage(BaseModel):
    """What a key has used since midnight, as far as it has a quota; questions are counted in blocks."""

    bytes: int
    documents: int
    questions: int


class KeyResponse(BaseModel):
    """A key without its secret. `collections` null: every one; else the names of those that still exist.

    `last_used_at` is true to the minute. A quota that is null is none; days are those of UTC.
    """

    id: str
    name: str
    scope: Scope
    collections: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    max_bytes_per_day: int | None
    max_documents_per_day: int | None
    max_questions_per_day: int | None
    used_today: KeyUsage


class NewKeyResponse(KeyResponse):
    """`key` is shown this once."""

    key: str


class KeysResponse(BaseModel):
    keys: list[KeyResponse]


def key_bodies(services: Services) -> list[KeyResponse]:
    """All keys, the newest first."""
    return [key_body(services, key) for key in services.keys.all()]


def key_body(services: Services, key: ApiKey) -> KeyResponse:
    collections = None
    if key.collection_ids is not None:
        collections = services.stores.catalog.collections.all(within=key.collection_ids)
    usage = services.quotas.used_today(key.id)
    return KeyResponse(
        id=key.id,
        name=key.name,
        scope=key.scope,
        collections=None if collections is None else [row.name for row in collections],
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
        **asdict(key.quota),
        used_today=KeyUsage(
            bytes=usage.n_bytes, documents=usage.n_documents, questions=usage.n_questions
        ),
    )
