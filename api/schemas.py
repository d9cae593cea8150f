"""The JSON of the HTTP interface; the command line's `--json` prints the same.

A box is [x0, y0, x1, y1] in page fractions 0..1, origin top left. `page_number` counts from 1;
`page_label` is the number printed in the document's own scheme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from generator.answers import Answer, Citation
from indexer.catalog.records import Collection, CollectionTotals, Document, DocumentError
from indexer.pipeline import IngestOutcome
from indexer.verdicts import Verdict
from retriever.hits import Evidence, PageHit, SearchResult


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


def ingest_body(collection: str, outcomes: Sequence[IngestOutcome]) -> IngestResponse:
    searchable = [outcome for outcome in outcomes if outcome.verdict.searchable]
    documents = [
        IngestedBody(
            id=outcome.document_id,
            name=outcome.name,
            verdict=outcome.verdict,
            pages=outcome.n_pages,
            seconds=round(outcome.seconds, 3),
            error=outcome.error,
            warnings=list(outcome.warnings),
        )
        for outcome in outcomes
    ]
    totals = IngestTotals(
        documents=len(outcomes),
        searchable=len(searchable),
        refused=len(outcomes) - len(searchable),
        pages=sum(outcome.n_pages for outcome in searchable),
        seconds=round(sum(outcome.seconds for outcome in outcomes), 3),
    )
    return IngestResponse(collection=collection, documents=documents, totals=totals)


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
