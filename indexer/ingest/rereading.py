"""Reads documents anew, from their stored originals: what an older reader has read, or all of them.

Each is replaced in one transaction, under its own id and those of its pages: searches go on, and citations of
before lead to the same pages. Killed in between, a document is as it was or as it is read today, and the next
call goes on with those that are left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from indexer.base.errors import (
    DamagedFile,
    DocumentNotFound,
    DocumentRejected,
    EncoderUnavailable,
    PagesightError,
)
from indexer.base.reader_version import is_older
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document, DocumentError
from indexer.ingest.outcomes import IngestOutcome, PageProgress
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.names import same_name
from indexer.stores import Stores


class Rereader:
    """Reads the documents of one data folder anew."""

    def __init__(self, stores: Stores, pipeline: Pipeline) -> None:
        self._stores = stores
        self._pipeline = pipeline

    def documents(
        self, collection: Collection, name: str | None = None, *, also_read_today: bool = False
    ) -> list[Document]:
        """Return what is to be read anew: searchable documents that an older reader has read.

        name             only those with this name or id
        also_read_today  those of today's reader, too

        Raises DocumentNotFound where the collection has no searchable document of this name.
        """
        documents = [
            document
            for document in self._stores.catalog.documents.of_collection(collection.id)
            if document.first_page_id is not None and document.verdict is not Verdict.INDEXING
            if name is None or document.id == name or same_name(document.name) == same_name(name)
        ]
        if name is not None and not documents:
            raise DocumentNotFound(
                f"no indexed document {name!r} in {collection.name}: "
                f"`pagesight documents list -c {collection.name}` shows what it holds"
            )
        return [d for d in documents if also_read_today or is_older(d.reader)]

    def lost_original(self, document: Document) -> str | None:
        """Say what is wrong with a document's original by its looks; None: nothing. Raises Unreadable."""
        sha256, n_bytes = document.sha256, document.n_bytes
        if self._stores.originals.intact(sha256, deep=False, n_bytes=n_bytes):
            return None
        return "its original is missing or damaged: ingest the same file again"

    def read(
        self,
        collection: Collection,
        document: Document,
        on_page: PageProgress = lambda n_done, n_pages: None,
    ) -> IngestOutcome:
        """Read one document anew; one for which that fails stays as it is, and the outcome says why.

        Raises EncoderMismatch, EncoderUnavailable.
        """
        began = time.monotonic()
        self._pipeline.check_encoder(collection)
        try:
            fresh = self._pipeline.read_anew(collection, document, on_page)
        except EncoderUnavailable:
            raise
        except (PagesightError, OSError) as error:
            if isinstance(error, DamagedFile):
                self._stores.damage.report(error)
            return _failure(document, error, time.monotonic() - began)
        return IngestOutcome(
            name=fresh.name,
            verdict=fresh.verdict,
            document_id=fresh.id,
            n_pages=fresh.n_pages,
            seconds=time.monotonic() - began,
            warnings=fresh.warnings,
        )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from reading anew in this data folder. Raises DataFolderBusy."""
        with self._stores.folder.alone("rereading", "another `pagesight reread` is at work"):
            yield


def _failure(document: Document, error: Exception, seconds: float) -> IngestOutcome:
    verdict = error.verdict if isinstance(error, DocumentRejected) else Verdict.FAILED
    reason = DocumentError.of(error)
    document_error = DocumentError(reason.code, f"left as it was: {reason.message}")
    return IngestOutcome(document.name, verdict, document.id, 0, seconds, document_error)
