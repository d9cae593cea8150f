"""/v1/collections: what can be asked."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Calls, Runs
from api.routes.bodies import SmallBody, Text
from api.schemas import CollectionResponse, collection_body

router = APIRouter(prefix="/collections", tags=["collections"], route_class=SmallBody)


class CollectionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field(
        description="1 to 100 letters, digits, '.', '_' or '-', beginning with a letter or digit."
    )


class CollectionsResponse(BaseModel):
    collections: list[CollectionResponse]


@router.get("")
def list_collections(running: Runs, caller: Calls) -> CollectionsResponse:
    """The collections that the key may read, with what they hold, by name."""
    catalog = running.services.stores.catalog
    bodies = [collection_body(one, catalog.totals(one.id)) for one in caller.collections()]
    return CollectionsResponse(collections=bodies)


@router.post("", status_code=201)
def create_collection(body: CollectionRequest, running: Runs) -> CollectionResponse:
    """An empty collection of the configured encoder."""
    created = running.services.create_collection(body.name)
    return collection_body(created, running.services.stores.catalog.totals(created.id))


@router.get("/{name}")
def get_collection(name: str, running: Runs) -> CollectionResponse:
    """One collection."""
    catalog = running.services.stores.catalog
    collection = catalog.collection(name)
    return collection_body(collection, catalog.totals(collection.id))


@router.delete("/{name}", status_code=204)
def delete_collection(name: str, running: Runs) -> None:
    """Delete a collection and its documents: they are in no answer from now on."""
    running.services.stores.delete_collection(name)
