"""Rows of the tables to the values of `records`, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from indexer.base.verdicts import Verdict
from indexer.catalog.records import Collection, Document, DocumentError
from indexer.encoders.base import EncoderFingerprint
from indexer.storage.segments import SegmentRecord, StoredFile

_PLAIN_DOCUMENT_FIELDS = (
    "id", "collection_id", "name", "sha256", "n_bytes", "n_pages", "first_page_id",
)  # fmt: skip


def document_values(document: Document) -> dict[str, Any]:
    values = {name: getattr(document, name) for name in _PLAIN_DOCUMENT_FIELDS}
    values["created_at"] = document.created_at
    values["verdict"] = document.verdict.value
    values["warnings"] = list(document.warnings)
    values["error_code"] = document.error and document.error.code
    values["error_message"] = document.error and document.error.message
    return values


def document_of(row: Row[Any]) -> Document:
    error = DocumentError(row.error_code, row.error_message or "") if row.error_code else None
    return Document(
        **{name: getattr(row, name) for name in _PLAIN_DOCUMENT_FIELDS},
        verdict=Verdict(row.verdict),
        error=error,
        warnings=tuple(row.warnings),
        created_at=utc(row.created_at),
    )


def collection_of(row: Row[Any]) -> Collection:
    fingerprint = EncoderFingerprint.from_dict(row.fingerprint)
    return Collection(row.id, row.name, fingerprint, row.generation, utc(row.created_at))


def segment_values(segment: SegmentRecord) -> dict[str, Any]:
    files = {name: asdict(file) for name, file in segment.files.items()}
    return {
        "name": segment.name,
        "collection_id": segment.collection_id,
        "n_pages": segment.n_pages,
        "n_vectors": segment.n_vectors,
        "dim": segment.dim,
        "files": files,
    }


def segment_of(row: Row[Any]) -> SegmentRecord:
    return SegmentRecord(
        collection_id=row.collection_id,
        name=row.name,
        n_pages=row.n_pages,
        n_vectors=row.n_vectors,
        dim=row.dim,
        files={name: StoredFile(**file) for name, file in row.files.items()},
    )


def utc(moment: datetime) -> datetime:
    """SQLite forgets the zone; every moment in the catalog is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
