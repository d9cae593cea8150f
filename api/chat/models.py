"""The models of the OpenAI-compatible door: a collection each, and all of them; unlisted, none."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.base.errors import ModelNotFound
from api.services.authorization import Caller
from indexer.base.errors import CollectionNotFound
from indexer.catalog.collections import Collection

EVERY = "pagesight"
NO_RETRIEVAL = "pagesight-noretrieval"  # for the titles and tags that chat programs want
PREFIX = "pagesight/"


class ModelBody(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)

    id: str
    object: str = "model"
    created_at_s: int = Field(serialization_alias="created")
    owned_by: str = "pagesight"
    name: str


class ModelsResponse(BaseModel):
    object: str = "list"
    data: list[ModelBody]


def models(caller: Caller) -> list[ModelBody]:
    """List the models to choose from: all collections together, and each of them."""
    collections = caller.collections()
    newest = max(map(_created_at_s, collections), default=0)
    return [
        ModelBody(id=EVERY, created_at_s=newest, name="pagesight: all collections"),
        *(
            ModelBody(
                id=PREFIX + row.name,
                created_at_s=_created_at_s(row),
                name=f"pagesight: {row.title}",
            )
            for row in collections
        ),
    ]


def model(caller: Caller, model_id: str) -> ModelBody:
    """Find a model by its id. Raises ModelNotFound."""
    if model_id == NO_RETRIEVAL:  # not listed: no user should choose it
        return ModelBody(id=NO_RETRIEVAL, created_at_s=0, name="pagesight: no documents")
    for body in models(caller):
        if body.id == model_id:
            return body
    raise ModelNotFound(f"no model {model_id!r}: GET /v1/models lists them")


def collections_of(caller: Caller, model_id: str) -> list[str]:
    """Return the collections that a model answers from, by name. Raises ModelNotFound."""
    if model_id == EVERY:
        return caller.askable()
    try:
        return [caller.collection(model_id.removeprefix(PREFIX)).name]
    except CollectionNotFound:
        raise ModelNotFound(f"no model {model_id!r}: GET /v1/models lists them") from None


def _created_at_s(collection: Collection) -> int:
    return int(collection.created_at.timestamp())
