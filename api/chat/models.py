"""The models of the OpenAI-compatible door: a collection each, all of them, and none."""

from __future__ import annotations

from pydantic import BaseModel

from api.base.errors import ModelNotFound
from api.services.authorization import Caller
from indexer.base.errors import CollectionNotFound
from indexer.catalog.collections import Collection

EVERY = "pagesight"
NO_RETRIEVAL = "pagesight-noretrieval"  # for the titles and tags that chat programs want
PREFIX = "pagesight/"


class ModelBody(BaseModel):
    id: str
    object: str = "model"
    created: int
    owned_by: str = "pagesight"
    name: str


class ModelsResponse(BaseModel):
    object: str = "list"
    data: list[ModelBody]


def models(caller: Caller) -> list[ModelBody]:
    """What can be asked: all collections together, each of them, and the model without retrieval."""
    collections = caller.collections()
    newest = max((_created(one) for one in collections), default=0)
    return [
        ModelBody(id=EVERY, created=newest, name="pagesight: all collections"),
        *(
            ModelBody(id=PREFIX + one.name, created=_created(one), name=f"pagesight: {one.name}")
            for one in collections
        ),
        ModelBody(id=NO_RETRIEVAL, created=newest, name="pagesight: no documents"),
    ]


def model(caller: Caller, model_id: str) -> ModelBody:
    """Raises ModelNotFound."""
    for one in models(caller):
        if one.id == model_id:
            return one
    raise ModelNotFound(f"no model {model_id!r}: GET /v1/models lists them")


def collections_of(caller: Caller, model_id: str) -> list[str]:
    """The collections that a model answers from, by name. Raises ModelNotFound."""
    if model_id == EVERY:
        return caller.askable()
    try:
        return [caller.collection(model_id.removeprefix(PREFIX)).name]
    except CollectionNotFound:
        raise ModelNotFound(f"no model {model_id!r}: GET /v1/models lists them") from None


def _created(collection: Collection) -> int:
    return int(collection.created_at.timestamp())
