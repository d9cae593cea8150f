"""/v1/collections: what can be asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.http.cursors import key_of, next_cursor
from api.http.deps import Calls, Cursor, Documents, Jobs, NamedCollection, Runs
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.schemas.collections import (
    CollectionDetailsResponse,
    CollectionResponse,
    CollectionsResponse,
    collection_body,
    collection_details,
)
from api.services.keys import Scope
from indexer.catalog.collection_names import MAX_TITLE

router = APIRouter(prefix="/collections", tags=["collections"], route_class=PolicyRoute)


class CollectionRequest(BaseModel):
    """At least one of the two: without a name the service makes one that looks like the title."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "invoices"}, {"title": "Verträge / 2026"}]},
    )

    name: Text | None = Field(
        default=None,
        description="1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit.",
    )
    title: Text | None = Field(
        default=None, description=f"What people read: any text of 1 to {MAX_TITLE} characters."
    )


class TitleRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Bills"}]})

    title: Text = Field(description=f"Any text of 1 to {MAX_TITLE} characters.")


@router.get("")
@policy(Scope.READ)
def list_collections(
    caller: Calls,
    stores: Documents,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> CollectionsResponse:
    """The collections that may be read, with what they hold, by name."""
    catalog = stores.catalog
    after = None if cursor is None else key_of(cursor, 1)[0]
    collections = caller.collections(after=after, limit=limit)
    return CollectionsResponse(
        collections=[
            collection_body(collection, catalog.collections.totals(collection.id))
            for collection in collections
        ],
        next_cursor=next_cursor(collections, limit, lambda collection: (collection.name,)),
    )


@router.post("", status_code=201)
@policy(Scope.WRITE)
def create_collection(body: CollectionRequest, running: Runs) -> CollectionResponse:
    """An empty collection of the configured encoder."""
    collection = running.services.create_collection(body.name, body.title)
    totals = running.services.stores.catalog.collections.totals(collection.id)
    return collection_body(collection, totals)


@router.get("/{name}")
@policy(Scope.READ)
def get_collection(
    collection: NamedCollection, stores: Documents, jobs: Jobs
) -> CollectionDetailsResponse:
    """One collection, with its size and its jobs."""
    catalog = stores.catalog
    return collection_details(
        collection,
        catalog.collections.totals(collection.id),
        sum(segment.n_bytes for segment in catalog.segments.of_collection(collection.id)),
        jobs.counts(collection.id),
    )


@router.patch("/{name}")
@policy(Scope.WRITE)
def change_title(
    collection: NamedCollection, body: TitleRequest, stores: Documents
) -> CollectionResponse:
    """Give a collection another title. Its name, by which programs and links know it, stays."""
    collections = stores.catalog.collections
    titled_collection = collections.retitle(collection.id, body.title)
    return collection_body(titled_collection, collections.totals(collection.id))


@router.delete("/{name}", status_code=204)
@policy(Scope.ADMIN)
def delete_collection(collection: NamedCollection, stores: Documents) -> None:
    """Delete a collection and its documents: they are in no answer from now on."""
    stores.delete_collection(collection.name)
