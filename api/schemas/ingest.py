"""An ingest that has ended, and the estimate of one that has not begun, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import DocumentError
from indexer.ingest.forecast import Estimate, RefusedFile, SampledPage
from indexer.ingest.outcomes import IngestOutcome


class IngestedBody(BaseModel):
    """What became of one file; `id` is null when nothing could be recorded.

    `note` says by which name bytes that are `unchanged` are known, or that they are the newest version again;
    `attachments` are the files that came inside of it, each a document of its own. `copied_pages` of its
    pages were stored already, as those of a new version mostly are: they were not encoded again.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    id: str | None
    name: str
    verdict: Verdict
    pages: int
    seconds: float
    error: DocumentError | None
    warnings: list[str]
    note: str | None = None
    n_copied_pages: int = Field(default=0, serialization_alias="copied_pages")
    attachments: list[IngestedBody] = []


class IngestTotals(BaseModel):
    """`searchable` counts the files whose pages are in the collection now, old and new."""

    model_config = ConfigDict(serialize_by_alias=True)

    documents: int
    searchable: int
    n_refused: int = Field(serialization_alias="refused")
    pages: int
    seconds: float


class IngestResponse(BaseModel):
    collection: str
    documents: list[IngestedBody]
    totals: IngestTotals


class EstimatedBytes(BaseModel):
    """On disk; `derived` are the vectors' int8 copies."""

    model_config = ConfigDict(serialize_by_alias=True)

    originals: int
    images: int
    vectors: int
    int8_copies: int = Field(serialization_alias="derived")
    words: int


class EstimatedPageSeconds(BaseModel):
    """The mean of the sample pages, step by step."""

    model_config = ConfigDict(serialize_by_alias=True)

    render: float
    read_words: float = Field(serialization_alias="read")
    encode: float
    keep: float


class EstimateBody(BaseModel):
    """What an ingest would cost. `seconds` holds the loading of models; `page_seconds` is a mean."""

    model_config = ConfigDict(serialize_by_alias=True)

    encoder: str
    files: int
    n_unchanged: int = Field(serialization_alias="unchanged")
    refused_files: tuple[RefusedFile, ...] = Field(serialization_alias="refused")
    pages: int
    seconds: float
    page_seconds: EstimatedPageSeconds
    bytes: EstimatedBytes
    peak_memory_bytes: int
    samples: tuple[SampledPage, ...]


def ingested_body(outcome: IngestOutcome) -> IngestedBody:
    return IngestedBody(
        id=outcome.document_id,
        name=outcome.name,
        verdict=outcome.verdict,
        pages=outcome.n_pages,
        seconds=round(outcome.seconds, 3),
        error=outcome.error,
        warnings=list(outcome.warnings),
        note=outcome.note,
        n_copied_pages=outcome.n_copied_pages,
        attachments=[ingested_body(attachment) for attachment in outcome.attachments],
    )


def ingest_body(collection: str, outcomes: Sequence[IngestOutcome]) -> IngestResponse:
    searchable = [outcome for outcome in outcomes if outcome.verdict.searchable]
    documents = [ingested_body(outcome) for outcome in outcomes]
    totals = IngestTotals(
        documents=len(outcomes),
        searchable=len(searchable),
        n_refused=len(outcomes) - len(searchable),
        pages=sum(outcome.n_pages for outcome in searchable),
        seconds=round(sum(outcome.seconds for outcome in outcomes), 3),
    )
    return IngestResponse(collection=collection, documents=documents, totals=totals)


def estimate_body(estimate: Estimate, encoder: str) -> EstimateBody:
    return EstimateBody(
        encoder=encoder,
        files=len(estimate.count.files),
        n_unchanged=estimate.count.n_unchanged,
        refused_files=estimate.count.refused_files,
        pages=estimate.count.n_pages,
        seconds=round(estimate.seconds, 2),
        page_seconds=EstimatedPageSeconds(
            render=estimate.page_s.render_s,
            read_words=estimate.page_s.read_words_s,
            encode=estimate.page_s.encode_s,
            keep=estimate.page_s.store_s,
        ),
        bytes=EstimatedBytes(
            originals=estimate.original_bytes,
            images=estimate.image_bytes,
            vectors=estimate.vector_bytes,
            int8_copies=estimate.derived_bytes,
            words=estimate.text_bytes,
        ),
        peak_memory_bytes=estimate.peak_memory_bytes,
        samples=estimate.samples,
    )
