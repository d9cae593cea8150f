"""Ingest one document: the one place that knows the order.

look up by SHA-256 -> render, store the page image (ahead of the rest) -> read words, lay them out, encode, or
take them over from a page that is stored already (see `page_encoding`) -> store the vectors and the original
-> sync -> commit. Everything before the commit is invisible; everything after it is durable. A document that
takes long is committed in growing parts (see `partial_document`).
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from indexer.base.errors import (
    DocumentRejected,
    EncoderAway,
    EncoderChanged,
    EncoderUnavailable,
    JobStopped,
    StorageError,
)
from indexer.base.pages import PageEmbedding
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document
from indexer.encoders.known_encoders import KnownEncoders
from indexer.ingest.attachments import AttachedFiles, AttachmentBudget
from indexer.ingest.leased_job import LeasedJob
from indexer.ingest.naming import name_again
from indexer.ingest.outcomes import IngestOutcome, PageProgress, outcome_of
from indexer.ingest.page_batches import StoredPage
from indexer.ingest.page_copies import PageCopies
from indexer.ingest.page_encoding import PageEncoding
from indexer.ingest.partial_document import PartialDocument
from indexer.ingest.refusing import refuse
from indexer.ingest.side_files import apply_side_file
from indexer.inputs.rasterizer import OpenDocument, Rasterizer
from indexer.inputs.sources import Source
from indexer.ocr.word_source import WordSource
from indexer.storage.files import persistently, sha256_of
from indexer.stores import Stores


class Pipeline:
    """Ingests files into collections. An encoder is loaded at the first file that needs it."""

    def __init__(
        self,
        stores: Stores,
        rasterizer: Rasterizer,
        words: WordSource,
        encoders: KnownEncoders,
        first_pages_s: float = 0.0,
    ) -> None:
        """`first_pages_s`: when the first pages of a long document are searchable; 0: with its last."""
        self._first_pages_s = first_pages_s
        self._stores = stores
        self._rasterizer = rasterizer
        self._words = words
        self._encoders = encoders
        self._attached_files = AttachedFiles(stores.folder, rasterizer)

    def check_encoder(self, collection: Collection) -> None:
        """Raises EncoderMismatch unless an encoder of this pipeline made the collection."""
        collection.encoder_of(self._encoders)

    def check_file(self, source: Source) -> None:
        """Raises DocumentRejected for what a file's looks alone refuse: kind, size, first bytes."""
        self._rasterizer.check(source.path, source.telling_name)

    def ingest(
        self,
        collection: Collection,
        source: Source,
        on_page: PageProgress = lambda n_done, n_pages: None,
        leased_job: LeasedJob | None = None,
        budget: AttachmentBudget | None = None,
    ) -> IngestOutcome:
        """Ingest one file; whatever is wrong with it ends as a verdict, never as an exception.

        A job's worker hands over the job it holds: it is ended together with the document. An attachment
        comes with what is left of its `budget`.
        Raises EncoderMismatch, which is wrong with the collection and not with the file,
        EncoderUnavailable when the encoder cannot be loaded or is away, which is wrong with the installation,
        and JobStopped when the job must not go on.
        """
        self.check_encoder(collection)
        outcome = self._ingest(collection, source, on_page, leased_job, budget)
        if source.side_file is None or outcome.document_id is None or outcome.error is not None:
            return outcome
        problem = apply_side_file(self._stores.catalog, outcome.document_id, source.side_file)
        return replace(outcome, warnings=(*outcome.warnings, problem)) if problem else outcome

    def _ingest(
        self,
        collection: Collection,
        source: Source,
        on_page: PageProgress,
        leased_job: LeasedJob | None,
        budget: AttachmentBudget | None,
    ) -> IngestOutcome:
        began = time.monotonic()
        sha256: str | None = None
        try:
            sha256 = self._sha256_of_readable(collection, source)
            earlier = self._stores.catalog.documents.find(collection.id, sha256)
            if earlier is not None and earlier.verdict.searchable:
                self._heal(earlier, source)
                return self._unchanged_outcome(earlier, source, began)
            with self._stores.folder.writing():
                copies = PageCopies(self._stores, collection.id)
                document, attachments = self._index(
                    collection, source, sha256, on_page, copies, leased_job, budget
                )
            if document is None:
                return self._unchanged_outcome(self._winner(collection, sha256), source, began)
        except (JobStopped, EncoderAway):
            raise
        except EncoderChanged:  # what was read for the encoder of before was not committed
            collection = self._stores.catalog.collections.by_id(collection.id)
            self.check_encoder(collection)
            return self._ingest(collection, source, on_page, leased_job, budget)
        except Exception as error:  # the job boundary: the error is stored, the batch goes on
            is_loaded = collection.encoder_of(self._encoders).loaded
            if isinstance(error, EncoderUnavailable) and not is_loaded:
                raise
            documents = self._stores.catalog.documents
            return refuse(documents, collection, source, sha256, error, began, leased_job)
        outcome = outcome_of(document, source.name, document.verdict, began)
        return replace(outcome, attachments=attachments, n_copied_pages=copies.n_pages)

    def _sha256_of_readable(self, collection: Collection, source: Source) -> str:
        """Return the SHA-256 of a file that can be read, or is there already under a name that fits it.

        Raises DocumentRejected, Unreadable.
        """
        try:
            self.check_file(source)  # before it is hashed: a pipe has no end
        except DocumentRejected as refusal:
            if refusal.verdict is not Verdict.UNSUPPORTED or not source.path.is_file():
                raise
            sha256 = _sha256(source)
            earlier = self._stores.catalog.documents.find(collection.id, sha256)
            if earlier is None or not earlier.verdict.searchable:
                raise
            return sha256
        return _sha256(source)

    def _unchanged_outcome(self, document: Document, source: Source, began: float) -> IngestOutcome:
        note = name_again(self._stores.catalog.documents, document, source)
        return replace(outcome_of(document, source.name, Verdict.UNCHANGED, began), note=note)

    def read_anew(
        self, collection: Collection, document: Document, on_page: PageProgress
    ) -> Document:
        """Read a document anew from its original and put it in its own place, in one transaction.

        Until then, and whatever is raised, it stays as it is. Raises DocumentRejected, DamagedFile,
        StorageError, EncoderMismatch, EncoderUnavailable, DocumentNotFound where it was deleted meanwhile.
        """
        self.check_encoder(collection)
        self._stores.originals.require(document.sha256)
        source = Source(
            self._stores.originals.local_path(document.sha256),
            document.name,
            media_type=document.media_type,
        )
        with self._stores.folder.writing():
            fresh, _ = self._index(
                collection, source, document.sha256, on_page, copies=None, earlier=document
            )
        return fresh or self._winner(collection, document.sha256)

    def _heal(self, document: Document, source: Source) -> None:
        """Store the original anew where it is known to be lost: the right bytes are at hand."""
        originals = self._stores.originals
        if document.degraded is None and originals.intact(
            document.sha256, deep=False, n_bytes=document.n_bytes
        ):
            return
        with self._stores.folder.writing():
            originals.add_file(source.path, document.sha256)
            originals.sync()
        self._stores.catalog.documents.mark_degraded(document.id, None)

    def _index(
        self,
        collection: Collection,
        source: Source,
        sha256: str,
        on_page: PageProgress,
        copies: PageCopies | None,
        leased_job: LeasedJob | None = None,
        budget: AttachmentBudget | None = None,
        earlier: Document | None = None,
    ) -> tuple[Document | None, tuple[IngestOutcome, ...]]:
        """The indexed document, None when another process indexed the same bytes first; its attachments."""
        with self._rasterizer.open(source.path, name=source.telling_name) as pdf:
            on_page(0, pdf.n_pages)
            partial = PartialDocument(
                self._stores,
                collection,
                source,
                sha256,
                pdf.n_pages,
                pdf.media_type,
                leased_job,
                self._first_pages_s if earlier is None else 0.0,
                earlier,
            )
            try:
                # Closed first of all, as the thread that reads ahead must not outlive the document.
                with closing(
                    self._encoded_pages(collection, pdf, on_page, copies, leased_job)
                ) as encoded_pages:
                    for page, embedding in encoded_pages:
                        partial.add(page, embedding)
                attachments = self._attached_files.ingest(
                    pdf,
                    source,
                    sha256,
                    budget or self._attached_files.budget(),
                    lambda child, left: self.ingest(
                        collection, child, leased_job=leased_job, budget=left
                    ),
                )
                return partial.commit(tuple(pdf.warnings), pdf.own_properties), attachments
            except BaseException:
                partial.withdraw()
                raise

    def _encoded_pages(
        self,
        collection: Collection,
        pdf: OpenDocument,
        on_page: PageProgress,
        copies: PageCopies | None,
        leased_job: LeasedJob | None,
    ) -> Generator[tuple[StoredPage, PageEmbedding]]:
        encoder = collection.encoder_of(self._encoders)
        encoding = PageEncoding(self._stores.images, self._words, encoder, copies, leased_job)
        return encoding.pages(pdf, on_page)

    def _winner(self, collection: Collection, sha256: str) -> Document:
        """The document of the same bytes that another process committed first."""
        document = self._stores.catalog.documents.find(collection.id, sha256)
        if document is None:
            raise StorageError("the catalog refused the document: run `pagesight verify`")
        return document


def _sha256(source: Source) -> str:
    """Return the SHA-256 of a file. Raises Unreadable, and DocumentRejected when it is gone."""
    sha256 = persistently(lambda: sha256_of(source.path), source.path)
    if sha256 is None:
        raise DocumentRejected(Verdict.FAILED, "is gone: was it moved or deleted meanwhile?")
    return sha256
