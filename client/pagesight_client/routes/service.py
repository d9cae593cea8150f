"""API keys, and whether the service is well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pagesight_client.calls import Call, Listing, Request, get, names_of, post, record_of, safe
from pagesight_client.reading import reader
from pagesight_client.records import Health, Key, NewKey, Readiness, Scope
from pagesight_client.status import Status


def keys() -> Listing[Key]:
    """Iterate over all API keys, the revoked ones too, the newest first."""
    return Listing(get("/v1/keys"), "keys", reader(Key))


def create_key(
    name: str,
    scope: Scope = "read",
    collections: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    *,
    max_bytes_per_day: int | None = None,
    max_documents_per_day: int | None = None,
    max_questions_per_day: int | None = None,
) -> Call[NewKey]:
    """Create an API key. `collections` None: every collection; `expires_at` has a time zone."""
    body = {
        "name": name,
        "scope": scope,
        "collections": None if collections is None else names_of(collections),
        "expires_at": None if expires_at is None else expires_at.isoformat(),
        "max_bytes_per_day": max_bytes_per_day,
        "max_documents_per_day": max_documents_per_day,
        "max_questions_per_day": max_questions_per_day,
    }
    return Call(post("/v1/keys", body), record_of(NewKey))


def revoke_key(key_id: str) -> Call[None]:
    """Revoke a key: it opens nothing from the next request on."""
    return Call(Request("DELETE", f"/v1/keys/{safe(key_id)}"), lambda _: None)


def health() -> Call[Health]:
    """Ask whether the service answers."""
    return Call(get("/healthz"), record_of(Health))


def readiness() -> Call[Readiness]:
    """Ask whether the service can answer questions, and what is not well."""
    return Call(get("/readyz"), record_of(Readiness), good_statuses=frozenset({503}))


def status() -> Call[Status]:
    """Ask how the service is: queue, collections and indexes; for administrators also disk and settings."""
    return Call(get("/v1/status"), record_of(Status))
