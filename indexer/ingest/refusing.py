"""What is remembered of a file that was refused: its verdict, the reason, and a row that shows both."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from indexer.base.errors import DamagedFile, DocumentRejected, StorageError
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.column_values import new_id
from indexer.catalog.document_records import Document, DocumentError
from indexer.catalog.documents import Documents
from indexer.catalog.jobs.records import Refusal
from indexer.ingest.leased_job import LeasedJob
from indexer.ingest.naming import given_name
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.storage.files import sha256_of


def refuse(
    documents: Documents,
    collection: Collection,
    source: Source,
    sha256: str | None,
    error: Exception,
    began: float,
    leased_job: LeasedJob | None = None,
) -> IngestOutcome:
    """Record why a file cannot be indexed, unless that is not the file's fault.

    began  by the monotonic clock, when the work on the file began
    """
    verdict = error.verdict if isinstance(error, DocumentRejected) else Verdict.FAILED
    document_error = DocumentError.of(error)
    if isinstance(error, DocumentRejected):
        document_error = replace(document_error, code=verdict.value)
    document_id = None
    if sha256 is None and verdict in (Verdict.EMPTY, Verdict.UNSUPPORTED) and source.path.is_file():
        with suppress(OSError):
            sha256 = sha256_of(source.path)
    # A full disk, a lost database, a read error are not the file's fault, and no verdict on it.
    is_foreign = isinstance(error, StorageError | OSError)
    if sha256 is not None and not is_foreign:
        document = _refused_document(collection, source, sha256, verdict, document_error)
        name_given = None
        if source.attached_to:
            name_given = given_name(source, sha256, document.created_at)
            leased_job = None  # the job is that of the file which it is attached to
        ending = None if leased_job is None else leased_job.ending_with(document)
        documents.record_refusal(document, ending, name_given)
        document_id = document.id
    return IngestOutcome(
        name=source.name,
        verdict=verdict,
        document_id=document_id,
        n_pages=0,
        seconds=time.monotonic() - began,
        error=document_error,
        try_again=is_foreign and not isinstance(error, DamagedFile),
    )


class FirstLook:
    """Refuses at the door what no worker need look at: no bytes, too many bytes, no kind that is read."""

    def __init__(self, rasterizer: Rasterizer, documents: Documents) -> None:
        self._rasterizer = rasterizer
        self._documents = documents

    def refusal(self, collection: Collection, source: Source) -> Refusal | None:
        """Look at the size and the first bytes of a file; None: a worker may read it."""
        began = time.monotonic()
        try:
            self._rasterizer.check(source.path, source.telling_name)
        except DocumentRejected as error:
            earlier = source.sha256 and self._documents.find(collection.id, source.sha256)
            if earlier and earlier.verdict.searchable:  # of a kind that this name does not say
                return None
            if earlier and earlier.error is not None and earlier.name == source.name:
                return Refusal(earlier.verdict, earlier.error, earlier.id)
            outcome = refuse(self._documents, collection, source, source.sha256, error, began)
            assert outcome.error is not None
            return Refusal(outcome.verdict, outcome.error, outcome.document_id)
        return None


def _refused_document(
    collection: Collection,
    source: Source,
    sha256: str,
    verdict: Verdict,
    document_error: DocumentError,
) -> Document:
    return Document(
        id=new_id(),
        collection_id=collection.id,
        name=source.name,
        sha256=sha256,
        n_bytes=source.path.stat().st_size,
        verdict=verdict,
        error=document_error,
        warnings=(),
        n_pages=0,
        first_page_id=None,
        created_at=datetime.now(UTC),
    )
