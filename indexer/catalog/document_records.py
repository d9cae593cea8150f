"""What the catalog says of a document and its pages, and the rows that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from indexer.base.page_terms import PageTerms
from indexer.base.verdicts import Verdict
from indexer.catalog.column_values import utc
from indexer.storage.segments import SegmentRecord

WITHDRAWN = "withdrawn"  # error code of a document that is taken out to be indexed anew
_PLAIN_FIELDS = (
    "id", "collection_id", "name", "sha256", "n_bytes", "n_pages", "first_page_id", "degraded",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentError:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a collection, indexed or refused.

    n_pages        pages the file has; some may have been left out (see `warnings`)
    first_page_id  page number n has the id first_page_id + n - 1; None when nothing was indexed
    degraded       what is lost of it while its pages are still searchable; None: nothing that is known
    """

    id: str
    collection_id: str
    name: str
    sha256: str
    n_bytes: int
    verdict: Verdict
    error: DocumentError | None
    warnings: tuple[str, ...]
    n_pages: int
    first_page_id: int | None
    created_at: datetime
    degraded: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    id: int
    document_id: str
    page_number: int
    label: str
    width_pt: float
    height_pt: float
    image_sha256: str
    image_width_px: int
    image_height_px: int
    n_vectors: int
    text_source: str


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A page that is about to be committed, with the stored form of its words.

    terms  by which searches find it; None: they are made of the words when it is committed
    """

    page: Page
    words: bytes
    terms: PageTerms | None = None


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document that is about to be committed with its pages and the segment they stand in.

    was_shown  fewer of its pages were committed before, and must still be there
    """

    document: Document
    pages: Sequence[PageDraft]
    segment: SegmentRecord
    was_shown: bool = False


@dataclass(frozen=True, slots=True)
class CommitResult:
    """A document is visible. `replaced_segments`: their files may now go."""

    replaced_segments: Sequence[SegmentRecord] = ()


def document_values(document: Document) -> dict[str, Any]:
    values = {name: getattr(document, name) for name in _PLAIN_FIELDS}
    values["created_at"] = document.created_at
    values["verdict"] = document.verdict.value
    values["warnings"] = list(document.warnings)
    values["error_code"] = document.error and document.error.code
    values["error_message"] = document.error and document.error.message
    return values


def document_of(row: Row[Any]) -> Document:
    return Document(
        **{name: getattr(row, name) for name in _PLAIN_FIELDS},
        verdict=Verdict(row.verdict),
        error=document_error(row),
        warnings=tuple(row.warnings),
        created_at=utc(row.created_at),
    )


def document_error(row: Row[Any]) -> DocumentError | None:
    """Return the error that a row of a document, or of a job, tells of."""
    return DocumentError(row.error_code, row.error_message or "") if row.error_code else None
