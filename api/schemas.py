"""The JSON of the HTTP interface; the command line's `--json` prints the same.

A box is [x0, y0, x1, y1] in page fractions 0..1, origin top left. `page_number` counts from 1;
`page_label` is the number printed in the document's own scheme.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from generator.answering.answers import Answer, Citation
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection, CollectionTotals
from indexer.catalog.document_records import Document, DocumentError
from indexer.catalog.job_records import Job, JobState
from indexer.ingest.estimate import Estimate, RefusedFile, SampledPage
from indexer.ingest.pipeline import IngestOutcome
from retriever.evidence.heatmap import Combine, QueryToken
from retriever.hits import Evidence, PageHit, SearchResult
from retriever.page_heat import PageHeat


class CollectionResponse(BaseModel):
    """What a collection holds; `rejected` counts files that were refused."""

    name: str
    encoder: str
    documents: int
    rejected: int
    pages: int
    vectors: int
    created_at: datetime


class DocumentResponse(BaseModel):
    """One file, indexed or refused. Page number n has the page id `first_page_id` + n - 1."""

    id: str
    name: str
    verdict: Verdict
    pages: int
    first_page_id: int | None
    bytes: int
    sha256: str
    error: DocumentError | None
    warnings: list[str]
    created_at: datetime


class IngestedBody(BaseModel):
    """What became of one file; `id` is null when nothing could be recorded."""

    id: str | None
    name: str
    verdict: Verdict
    pages: int
    seconds: float
    error: DocumentError | None
    warnings: list[str]


class IngestTotals(BaseModel):
    """`searchable` counts the files whose pages are in the collection now, old and new."""

    documents: int
    searchable: int
    refused: int
    pages: int
    seconds: float


class IngestResponse(BaseModel):
    collection: str
    documents: list[IngestedBody]
    totals: IngestTotals


class EstimatedBytes(BaseModel):
    """On disk; `derived` are the vectors' int8 copies."""

    originals: int
    images: int
    vectors: int
    derived: int
    words: int


class EstimatedPageSeconds(BaseModel):
    """The mean of the sample pages, step by step."""

    render: float
    read: float
    encode: float
    keep: float


class EstimateBody(BaseModel):
    """What an ingest would cost. `seconds` holds the loading of models; `page_seconds` is a mean."""

    encoder: str
    files: int
    unchanged: int
    refused: tuple[RefusedFile, ...]
    pages: int
    seconds: float
    page_seconds: EstimatedPageSeconds
    bytes: EstimatedBytes
    peak_memory_bytes: int
    samples: tuple[SampledPage, ...]


class JobResponse(BaseModel):
    """One file on its way into a collection.

    `state` is `queued`, `running`, `done`, `failed` or `cancelled`. `verdict` says what became of the file;
    `pages_total` is null until it has been opened. A queued job with an `error` waits, until `not_before`,
    for what the error names.
    """

    id: str
    collection: str
    name: str
    state: JobState
    priority: int
    cancel_requested: bool
    pages_done: int
    pages_total: int | None
    verdict: Verdict | None
    error: DocumentError | None
    document_id: str | None
    attempts: int
    lease_owner: str | None
    lease_until: datetime | None
    heartbeat_at: datetime | None
    not_before: datetime | None
    bytes: int
    sha256: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class UploadResponse(BaseModel):
    """One job for each file, in the order of the upload."""

    collection: str
    jobs: list[JobResponse]


class JobsResponse(BaseModel):
    """The newest first. `next_cursor` continues the list; null at its end."""

    jobs: list[JobResponse]
    next_cursor: int | None


class HitBody(BaseModel):
    """A page found, best first."""

    rank: int
    page_id: int
    document_id: str
    document: str
    collection: str
    page_number: int
    page_label: str
    score: float
    evidence: tuple[Evidence, ...]
    snippet: str


class CandidatesBody(BaseModel):
    """Pages that the candidate index handed on; `recall` is what it finds of the exact ten best."""

    n_candidates: int
    n_pages: int
    recall: float | None
    n_sampled: int


class SearchResponse(BaseModel):
    """`candidates` is null where every page was scored: the hits are then the exact best."""

    query: str
    hits: list[HitBody]
    timing_ms: dict[str, float]
    candidates: CandidatesBody | None


class AnswerResponse(BaseModel):
    """`grounded` is false when nothing found supports an answer; `pages` are then the nearest."""

    question: str
    answer: str
    grounded: bool
    citations: tuple[Citation, ...]
    pages: list[HitBody]
    usage: dict[str, float]


class HeatMapResponse(BaseModel):
    """Where on a page a query looks.

    `grid` has `rows` x `columns` cells over the page, row by row from the top left: the highest
    similarity of the page vectors that look at a cell, null where none does. `score` is the page's
    MaxSim, the sum of all tokens' scores; a token's score is its best similarity to the page.
    """

    query: str
    page_id: int
    document: str
    page_number: int
    tokens: tuple[QueryToken, ...]
    token: int | None
    combine: Combine
    score: float
    low: float | None
    high: float | None
    rows: int
    columns: int
    grid: list[list[float | None]]


def collection_body(collection: Collection, totals: CollectionTotals) -> CollectionResponse:
    return CollectionResponse(
        name=collection.name,
        encoder=collection.fingerprint.name,
        documents=totals.n_documents,
        rejected=totals.n_rejected,
        pages=totals.n_pages,
        vectors=totals.n_vectors,
        created_at=collection.created_at,
    )


def document_body(document: Document) -> DocumentResponse:
    return DocumentResponse(
        id=document.id,
        name=document.name,
        verdict=document.verdict,
        pages=document.n_pages,
        first_page_id=document.first_page_id,
        bytes=document.n_bytes,
        sha256=document.sha256,
        error=document.error,
        warnings=list(document.warnings),
        created_at=document.created_at,
    )


def ingested_body(outcome: IngestOutcome) -> IngestedBody:
    return IngestedBody(
        id=outcome.document_id,
        name=outcome.name,
        verdict=outcome.verdict,
        pages=outcome.n_pages,
        seconds=round(outcome.seconds, 3),
        error=outcome.error,
        warnings=list(outcome.warnings),
    )


def ingest_body(collection: str, outcomes: Sequence[IngestOutcome]) -> IngestResponse:
    searchable = [outcome for outcome in outcomes if outcome.verdict.searchable]
    documents = [ingested_body(outcome) for outcome in outcomes]
    totals = IngestTotals(
        documents=len(outcomes),
        searchable=len(searchable),
        refused=len(outcomes) - len(searchable),
        pages=sum(outcome.n_pages for outcome in searchable),
        seconds=round(sum(outcome.seconds for outcome in outcomes), 3),
    )
    return IngestResponse(collection=collection, documents=documents, totals=totals)


def estimate_body(found: Estimate, encoder: str) -> EstimateBody:
    return EstimateBody(
        encoder=encoder,
        files=len(found.count.files),
        unchanged=found.count.n_unchanged,
        refused=found.count.refused_files,
        pages=found.count.n_pages,
        seconds=round(found.seconds, 2),
        page_seconds=EstimatedPageSeconds(
            render=found.page_s.render_s,
            read=found.page_s.read_words_s,
            encode=found.page_s.encode_s,
            keep=found.page_s.store_s,
        ),
        bytes=EstimatedBytes(
            originals=found.original_bytes,
            images=found.image_bytes,
            vectors=found.vector_bytes,
            derived=found.derived_bytes,
            words=found.text_bytes,
        ),
        peak_memory_bytes=found.peak_memory_bytes,
        samples=found.samples,
    )


def job_body(job: Job) -> JobResponse:
    fields = {name: getattr(job, name) for name in JobResponse.model_fields if name != "bytes"}
    return JobResponse(**fields, bytes=job.n_bytes)


def jobs_body(jobs: Sequence[Job], limit: int) -> JobsResponse:
    """`jobs` as they were listed with this limit."""
    following = jobs[-1].number if len(jobs) == limit else None
    return JobsResponse(jobs=[job_body(job) for job in jobs], next_cursor=following)


def search_body(result: SearchResult) -> SearchResponse:
    hits = [hit_body(hit) for hit in result.hits]
    chosen = result.candidates
    return SearchResponse(
        query=result.query,
        hits=hits,
        timing_ms=result.timing_ms,
        candidates=CandidatesBody(**asdict(chosen)) if chosen else None,
    )


def answer_body(answer: Answer) -> AnswerResponse:
    return AnswerResponse(
        question=answer.question,
        answer=answer.answer,
        grounded=answer.grounded,
        citations=answer.citations,
        pages=[hit_body(hit) for hit in answer.pages],
        usage=answer.usage,
    )


def hit_body(hit: PageHit) -> HitBody:
    return HitBody(
        rank=hit.rank,
        page_id=hit.page.id,
        document_id=hit.document.id,
        document=hit.document.name,
        collection=hit.collection,
        page_number=hit.page.page_number,
        page_label=hit.page.label,
        score=hit.score,
        evidence=hit.evidence,
        snippet=hit.snippet,
    )


def heat_body(found: PageHeat) -> HeatMapResponse:
    heat = found.heat
    rows, columns = heat.grid.shape
    cells = [[_cell(value) for value in row] for row in heat.grid.tolist()]
    seen = [cell for row in cells for cell in row if cell is not None]
    return HeatMapResponse(
        query=found.query,
        page_id=found.page.id,
        document=found.document.name,
        page_number=found.page.page_number,
        tokens=heat.tokens,
        token=heat.token,
        combine=heat.combine,
        score=heat.score,
        low=min(seen, default=None),
        high=max(seen, default=None),
        rows=rows,
        columns=columns,
        grid=cells,
    )


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
