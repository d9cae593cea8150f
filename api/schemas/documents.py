"""Documents as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import Document, DocumentError, DocumentVersion


class DocumentResponse(BaseModel):
    """One file, indexed or refused. Page number n has the page id `first_page_id` + n - 1.

    `media_type` is null where the file was refused.
    `degraded` says what is lost of a document whose pages are still searchable: its original is missing or
    damaged, until the same file is ingested again. `aliases` are other names of the same bytes. `version`
    says which of the documents of its name this is, null where it is the only one; one that is not `current`
    is seen by searches of all versions only. `attachment_of` names the document that it is attached to.
    `tags` and `metadata` are what people, its side file or the file itself say of it.
    """

    id: str
    name: str
    verdict: Verdict
    pages: int
    first_page_id: int | None
    bytes: int
    media_type: str | None
    sha256: str
    error: DocumentError | None
    warnings: list[str]
    degraded: str | None
    aliases: list[str] = []
    version: DocumentVersion | None = None
    current: bool = True
    attachment_of: str | None = None
    tags: list[str] = []
    metadata: dict[str, str] = {}
    created_at: datetime


class DocumentsResponse(BaseModel):
    """`next_cursor` continues the list; null at its end."""

    collection: str
    documents: list[DocumentResponse]
    next_cursor: str | None


def document_body(document: Document) -> DocumentResponse:
    return DocumentResponse(
        id=document.id,
        name=document.name,
        verdict=document.verdict,
        pages=document.n_pages,
        first_page_id=document.first_page_id,
        bytes=document.n_bytes,
        media_type=document.media_type,
        sha256=document.sha256,
        error=document.error,
        warnings=list(document.warnings),
        degraded=document.degraded,
        aliases=list(document.aliases),
        version=document.version,
        current=document.is_current,
        attachment_of=document.attachment_of,
        tags=list(document.properties.tags),
        metadata=dict(document.properties.metadata),
        created_at=document.created_at,
    )
