"""A document on its way into a collection: its first pages are searchable before its last is read.

When it takes long, the pages so far are committed like a whole document, in one segment, with the verdict
`indexing`; the next commit takes their place, and at last the whole document does, each in one transaction.
The pauses between them double, so that no vector is written more often than about twice.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.base.errors import (
    CollectionNotFound,
    DocumentNotFound,
    EncoderChanged,
    JobStopped,
    PagesightError,
)
from indexer.base.page_places import place
from indexer.base.page_terms import PageTerms, margin_numbers, name_terms, page_terms
from indexer.base.pages import PageEmbedding
from indexer.base.reader_version import READER
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection, require_unchanged_encoder
from indexer.catalog.column_values import new_id
from indexer.catalog.database import Transaction, TransactionStep
from indexer.catalog.document_records import (
    Document,
    DocumentDraft,
    Page,
    PageDraft,
)
from indexer.ingest.leased_job import LeasedJob
from indexer.ingest.naming import given_name
from indexer.ingest.page_batches import StoredPage
from indexer.ingest.printed_labels import printed_labels
from indexer.inputs.sources import Source
from indexer.stores import Stores

_log = logging.getLogger(__name__)


class PartialDocument:
    """Belongs to one ingest. Pages are added in order; a document that fails is withdrawn.

    shown_after_s  when the first pages are committed; 0: never before the last
    earlier        the same document, which is read anew: it stays as it is until the whole one takes its
                   place, which has its id, and those of its pages unless there are more of them now
    """

    def __init__(
        self,
        stores: Stores,
        collection: Collection,
        source: Source,
        sha256: str,
        n_pages: int,
        media_type: str,
        leased_job: LeasedJob | None,
        shown_after_s: float,
        earlier: Document | None = None,
    ) -> None:
        self._stores = stores
        self._collection = collection
        self._source = source
        self._sha256 = sha256
        self._n_pages = n_pages
        self._media_type = media_type
        self._leased_job = leased_job
        self._earlier = earlier
        self._id = new_id() if earlier is None else earlier.id
        self._created_at = datetime.now(UTC) if earlier is None else earlier.created_at
        self._first_page_id = _page_ids_of(earlier, n_pages) or stores.catalog.pages.reserve_ids(
            n_pages
        )
        self._pages: list[PageDraft] = []
        self._names: tuple[str, ...] = ()
        self._margin_numbers: dict[int, list[str]] = {}
        self._embeddings: list[PageEmbedding] = []
        self._began = time.monotonic()
        self._due = self._began + shown_after_s if shown_after_s else float("inf")
        self._shown = False

    def add(self, page: StoredPage, embedding: PageEmbedding) -> None:
        """Add the next page. Raises what `commit` raises, when pages are shown."""
        page_number = page.rendered_page.page_number
        page_id = self._first_page_id + page_number - 1
        words = page.rendered_page.words
        if not self._pages:
            self._names = name_terms(self._source.name, words if page_number == 1 else None)
        terms = page_terms(words, page.rendered_page.label, self._names)
        self._margin_numbers[page_number] = margin_numbers(words)
        self._pages.append(_draft(page_id, self._id, page, len(embedding.vectors), terms))
        self._embeddings.append(embedding)
        now = time.monotonic()
        if now >= self._due and page_number < self._n_pages:
            self._commit(self._document(Verdict.INDEXING, ()))
            self._due = now + (now - self._began)

    def commit(
        self, warnings: tuple[str, ...], file_properties: DocumentProperties = NO_PROPERTIES
    ) -> Document | None:
        """Commit the whole document; None when somebody else indexed the same bytes meanwhile.

        file_properties  what its file says of itself

        Raises JobStopped, StorageError, CollectionNotFound, EncoderChanged, and DocumentNotFound when
        its first pages were deleted.
        """
        labels = printed_labels(
            {draft.page.page_number: draft.page.label for draft in self._pages},
            self._margin_numbers,
            self._n_pages,
        )
        self._pages = [_with_label(draft, labels[draft.page.page_number]) for draft in self._pages]
        whole = Verdict.INDEXED_WITH_WARNINGS if warnings else Verdict.INDEXED
        document = self._document(whole, warnings)
        return document if self._commit(document, file_properties) else None

    def withdraw(self) -> None:
        """Take back the pages that are searchable."""
        if not self._shown or self._earlier is not None:
            return
        try:
            self._stores.withdraw_first_pages(self._id)
        except DocumentNotFound:  # deleted, or replaced by another worker's
            return
        except PagesightError as error:  # `verify --repair` ends it
            _log.warning("%s stays half indexed: %s", self._source.name, error)

    def _commit(
        self, document: Document, file_properties: DocumentProperties = NO_PROPERTIES
    ) -> bool:
        stores = self._stores
        segment = stores.vectors.write(
            self._collection.id, [draft.page.id for draft in self._pages], self._embeddings
        )
        stores.originals.add_file(self._source.path, self._sha256)
        stores.originals.sync()
        stores.images.sync()
        name_given = given_name(self._source, self._sha256, self._created_at)
        draft = DocumentDraft(
            document,
            self._pages,
            segment,
            was_shown=self._shown,
            replaces=self._earlier is not None,
            name_given=name_given,
            file_properties=file_properties,
        )
        try:
            commit = stores.catalog.documents.commit(draft, self._also(document))
        # Certainly not committed.
        except (JobStopped, CollectionNotFound, DocumentNotFound, EncoderChanged):
            stores.vectors.remove(self._collection.id, segment.name)
            raise
        if commit is None:
            stores.vectors.remove(self._collection.id, segment.name)
            return False
        self._shown = True
        stores.remove_segments(commit.replaced_segments)
        return True

    def _also(self, document: Document) -> TransactionStep:
        """Return what a commit is undone by: another encoder since it was read, a job that was lost."""
        of_job = self._step_of_job(document)

        def step(transaction: Transaction) -> None:
            require_unchanged_encoder(transaction, self._collection)
            if of_job is not None:
                of_job(transaction)

        return step

    def _step_of_job(self, document: Document) -> TransactionStep | None:
        if self._leased_job is None:
            return None
        if document.verdict is Verdict.INDEXING or self._source.attached_to:
            return self._leased_job.going_on
        return self._leased_job.ending_with(document)

    def _document(self, verdict: Verdict, warnings: tuple[str, ...]) -> Document:
        return Document(
            id=self._id,
            collection_id=self._collection.id,
            name=self._source.name,
            sha256=self._sha256,
            n_bytes=self._source.path.stat().st_size,
            verdict=verdict,
            error=None,
            warnings=warnings,
            n_pages=self._n_pages,
            first_page_id=self._first_page_id,
            created_at=self._created_at,
            reader=READER,
            media_type=self._media_type,
        )


def _page_ids_of(earlier: Document | None, n_pages: int) -> int | None:
    """Return the id of the first page of a document that is read anew, if its ids are enough."""
    if earlier is None or n_pages > earlier.n_pages:
        return None
    return earlier.first_page_id


def _with_label(draft: PageDraft, label: str) -> PageDraft:
    """Return a page with the number that is printed on it."""
    page = draft.page
    if label == page.label or draft.terms is None:
        return draft
    places = [p for p in draft.terms.places if p != place("page", page.label)]
    terms = replace(draft.terms, places=(*places, *([place("page", label)] if label else ())))
    return replace(draft, page=replace(page, label=label), terms=terms)


def _draft(
    page_id: int, document_id: str, stored_page: StoredPage, n_vectors: int, terms: PageTerms
) -> PageDraft:
    rendered_page = stored_page.rendered_page
    page = Page(
        id=page_id,
        document_id=document_id,
        page_number=rendered_page.page_number,
        label=rendered_page.label,
        width_pt=rendered_page.width_pt,
        height_pt=rendered_page.height_pt,
        image_sha256=stored_page.image_sha256,
        image_width_px=rendered_page.image.width,
        image_height_px=rendered_page.image.height,
        n_vectors=n_vectors,
        text_source=rendered_page.words.source,
        content_sha256=stored_page.content_sha256,
        time_s=rendered_page.time_s,
    )
    return PageDraft(page=page, words=rendered_page.words.to_bytes(), terms=terms)
