"""/v1/collections: what can be asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.http.cursors import key_of, next_cursor
from api.http.deps import Calls, Cursor, Documents, NamedCollection, Runs
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.schemas.collections import CollectionResponse, CollectionsResponse, collection_body
from api.services.keys import Scope

router = APIRouter(prefix="/collections", tags=["collections"], route_class=PolicyRoute)


class CollectionRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "invoices"}]}
    )

    name: Text = Field(
        description="1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit."
    )


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
    collection = running.services.create_collection(body.name)
    totals = running.services.stores.catalog.collections.totals(collection.id)
    return collection_body(collection, totals)


@router.get("/{name}")
@policy(Scope.READ)
def get_collection(collection: NamedCollection, stores: Documents) -> CollectionResponse:
    """One collection."""
    return collection_body(collection, stores.catalog.collections.totals(collection.id))


@router.delete("/{name}", status_code=204)
@policy(Scope.ADMIN)
def delete_collection(collection: NamedCollection, stores: Documents) -> None:
    """Delete a collection and its documents: they are in no answer from now on."""
    stores.delete_collection(collection.name)
