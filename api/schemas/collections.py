"""Collections as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from indexer.catalog.collections import Collection, CollectionTotals
from indexer.encoders.registry import ENCODERS


class CollectionResponse(BaseModel):
    """What a collection holds; `rejected` counts files that were refused.

    `image_queries` says whether its encoder takes an image in the place of a query.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    name: str
    encoder: str
    documents: int
    n_rejected: int = Field(serialization_alias="rejected")
    pages: int
    vectors: int
    image_queries: bool
    created_at: datetime


class CollectionsResponse(BaseModel):
    """`next_cursor` continues the list; null at its end."""

    collections: list[CollectionResponse]
    next_cursor: str | None


def collection_body(collection: Collection, totals: CollectionTotals) -> CollectionResponse:
    encoder = collection.fingerprint.name
    return CollectionResponse(
        name=collection.name,
        encoder=encoder,
        documents=totals.n_documents,
        n_rejected=totals.n_rejected,
        pages=totals.n_pages,
        vectors=totals.n_vectors,
        image_queries=encoder in ENCODERS and not ENCODERS[encoder].facts.reads_words,
        created_at=collection.created_at,
    )
