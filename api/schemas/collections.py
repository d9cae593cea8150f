"""Collections as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from indexer.catalog.collections import Collection, CollectionTotals
from indexer.catalog.jobs.records import JobCounts
from indexer.encoders.registry import languages_of, maker_of


class CollectionResponse(BaseModel):
    """What a collection holds; `rejected` counts files that were refused.

    `name` is what requests say, `title` what people read: the name, where nobody gave it a title.
    `image_queries` says whether its encoder takes an image in the place of a query. `languages` are those
    that its encoder reads (codes of ISO 639-1): questions and pages in others are found by equal words alone.
    It is empty where the encoder knows no language.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    name: str
    title: str
    encoder: str
    documents: int
    n_rejected: int = Field(serialization_alias="rejected")
    pages: int
    vectors: int
    image_queries: bool
    languages: list[str]
    created_at: datetime


class JobCountsResponse(BaseModel):
    """Jobs that wait, that run, and that ever failed."""

    model_config = ConfigDict(serialize_by_alias=True)

    n_queued: int = Field(serialization_alias="queued")
    n_running: int = Field(serialization_alias="running")
    n_failed: int = Field(serialization_alias="failed")


class CollectionDetailsResponse(CollectionResponse):
    """One collection, how much room it takes, and what is on its way into it.

    `original_bytes` are those of its PDF files, `vector_bytes` those of its vectors with their boxes; page
    images, which collections share, and indexes, which can be made anew, come on top.
    """

    original_bytes: int
    vector_bytes: int
    jobs: JobCountsResponse


class CollectionsResponse(BaseModel):
    """`next_cursor` continues the list; null at its end."""

    collections: list[CollectionResponse]
    next_cursor: str | None


def collection_body(collection: Collection, totals: CollectionTotals) -> CollectionResponse:
    made_by = maker_of(collection.fingerprint)
    return CollectionResponse(
        name=collection.name,
        title=collection.title,
        encoder=collection.fingerprint.name,
        documents=totals.n_documents,
        n_rejected=totals.n_rejected,
        pages=totals.n_pages,
        vectors=totals.n_vectors,
        image_queries=made_by is not None and not made_by.reads_words,
        languages=languages_of(collection.fingerprint),
        created_at=collection.created_at,
    )


def collection_details(
    collection: Collection, totals: CollectionTotals, n_vector_bytes: int, counts: JobCounts
) -> CollectionDetailsResponse:
    return CollectionDetailsResponse(
        **dict(collection_body(collection, totals)),
        original_bytes=totals.n_original_bytes,
        vector_bytes=n_vector_bytes,
        jobs=JobCountsResponse(
            n_queued=counts.n_queued, n_running=counts.n_running, n_failed=counts.n_failed
        ),
    )
