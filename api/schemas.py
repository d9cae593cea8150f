"""The JSON shapes of the HTTP interface; the command line's `--json` prints the same ones.

A box is [x0, y0, x1, y1] in page fractions 0..1, origin top left. `page_number` counts from 1;
`page_label` is the number printed in the document's own scheme.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from generator.answers import Answer, Citation
from indexer.catalog.records import Collection, CollectionTotals, Document, DocumentError, Page
from indexer.errors import PagesightError
from indexer.pages import FractionBox, PageWords, fraction_box
from indexer.pipeline import IngestOutcome
from indexer.verdicts import Verdict
from retriever.hits import PageHit, SearchFilter, SearchResult, parse_page_range


class ErrorNote(BaseModel):
    """One error: a line for a person, the class and code for a program, the parameter at fault."""

    message: str
    type: str
    code: str
    param: str | None = None


class ErrorResponse(BaseModel):
    error: ErrorNote


def error_body(error: PagesightError) -> ErrorResponse:
    return ErrorResponse(
        error=ErrorNote(message=str(error), type=type(error).__name__, code=error.code)
    )


# -- collections and documents ---------------------------------------------------------------------


class CollectionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="1 to 100 letters, digits, '.', '_' or '-'.")


class CollectionResponse(BaseModel):
    """What a collection holds; `rejected` counts files that were refused."""

    name: str
    encoder: str
    documents: int
    rejected: int
    pages: int
    vectors: int
    created_at: datetime


class CollectionsResponse(BaseModel):
    collections: list[CollectionResponse]


class RejectionNote(BaseModel):
    """Why a file was refused."""

    code: str
    message: str


class DocumentResponse(BaseModel):
    """One file, indexed or refused. Page number n has the page id `first_page_id` + n - 1."""

    id: str
    name: str
    verdict: Verdict
    pages: int
    first_page_id: int | None
    bytes: int
    sha256: str
    error: RejectionNote | None
    warnings: list[str]
    created_at: datetime


class DocumentsResponse(BaseModel):
    collection: str
    documents: list[DocumentResponse]


class IngestedDocument(BaseModel):
    """What became of one file; `id` is null when nothing could be recorded."""

    id: str | None
    name: str
    verdict: Verdict
    pages: int
    seconds: float
    error: RejectionNote | None
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
    documents: list[IngestedDocument]
    totals: IngestTotals


class DeletedResponse(BaseModel):
    deleted: str


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
        error=_rejection(document.error),
        warnings=list(document.warnings),
        created_at=document.created_at,
    )


def ingest_body(collection: str, outcomes: Sequence[IngestOutcome]) -> IngestResponse:
    searchable = [outcome for outcome in outcomes if outcome.verdict.searchable]
    return IngestResponse(
        collection=collection,
        documents=[_ingested(outcome) for outcome in outcomes],
        totals=IngestTotals(
            documents=len(outcomes),
            searchable=len(searchable),
            refused=len(outcomes) - len(searchable),
            pages=sum(outcome.n_pages for outcome in searchable),
            seconds=round(sum(outcome.seconds for outcome in outcomes), 3),
        ),
    )


def _ingested(outcome: IngestOutcome) -> IngestedDocument:
    return IngestedDocument(
        id=outcome.document_id,
        name=outcome.name,
        verdict=outcome.verdict,
        pages=outcome.n_pages,
        seconds=round(outcome.seconds, 3),
        error=_rejection(outcome.error),
        warnings=list(outcome.warnings),
    )


def _rejection(error: DocumentError | None) -> RejectionNote | None:
    return None if error is None else RejectionNote(code=error.code, message=error.message)
