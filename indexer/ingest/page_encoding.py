"""From a file that is open to pages with their words and vectors: read, laid out, encoded, or taken over."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from indexer.base.heap import trim_heaps
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.base.threaded_iterator import ThreadedIterator
from indexer.encoders.base import PageEncoder
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.leased_job import LeasedJob, while_leased
from indexer.ingest.outcomes import PageProgress
from indexer.ingest.page_batches import StoredPage, page_batches, stored_pages
from indexer.ingest.page_copies import PageCopies, PageCopy
from indexer.inputs.rasterizer import OpenDocument
from indexer.layout.document_layout import DocumentLayout
from indexer.ocr.word_source import WordSource
from indexer.storage.blobs import BlobStore

_PAGES_PER_READING = 4  # the most that the OCR reads at once; between them a job can be cancelled


class PageEncoding:
    """Encodes the pages of one document.

    copies  where pages are looked for that are stored already; None: every page is read and encoded
    """

    def __init__(
        self,
        images: BlobStore,
        words: WordSource,
        encoder: LazyEncoder,
        copies: PageCopies | None,
        leased_job: LeasedJob | None,
    ) -> None:
        self._images = images
        self._words = words
        self._encoder = encoder
        self._copies = copies
        self._leased_job = leased_job
        self._layout = DocumentLayout()

    def pages(
        self, document: OpenDocument, on_page: PageProgress
    ) -> Generator[tuple[StoredPage, PageEmbedding]]:
        """Yield every page with its words and its multi-vector; rendering goes on beside the encoder.

        A job that was cancelled stops at the next page.
        """
        encoder = self._encoder.get()
        rendered_pages = while_leased(document.pages(), self._leased_job)
        batches = page_batches(
            stored_pages(rendered_pages, self._images, self._words.policy), encoder.window
        )
        with ThreadedIterator(
            batches, ahead=1, name="read-ahead", interrupt=document.interrupt
        ) as batches_ahead:
            for batch in batches_ahead:
                yield from self._of_batch(batch, document, encoder)
                on_page(batch[-1].rendered_page.page_number, document.n_pages)
                trim_heaps()

    def _of_batch(
        self, batch: Sequence[StoredPage], document: OpenDocument, encoder: PageEncoder
    ) -> Generator[tuple[StoredPage, PageEmbedding]]:
        copies = {} if self._copies is None else self._copies.of(batch)
        read_pages = [page.rendered_page for page in batch]
        new_pages = [page for page in read_pages if page.page_number not in copies]
        if encoder.reads_words:
            new_pages = self._with_words(new_pages, document)
        by_number = {page.page_number: page for page in new_pages}
        pages = [
            self._laid_out(by_number.get(page.page_number, page), copies.get(page.page_number))
            for page in read_pages
        ]
        to_encode = [page for page in pages if page.page_number in by_number]
        embeddings = {number: copy.embedding for number, copy in copies.items()}
        if to_encode:
            encoded_pages = encoder.encode_pages(to_encode)
            embeddings |= zip(by_number, encoded_pages, strict=True)
        for stored_page, page in zip(batch, pages, strict=True):
            # What is to be said of a page is said again of every version: it is read again.
            content_sha256 = None if page.warnings else stored_page.content_sha256
            page_read = replace(stored_page, rendered_page=page, content_sha256=content_sha256)
            yield page_read, embeddings[page.page_number]

    def _laid_out(self, page: RenderedPage, copy: PageCopy | None) -> RenderedPage:
        if copy is None:
            return self._layout.lay_out(page)
        return self._layout.lay_out_again(replace(page, words=copy.words))

    def _with_words(
        self, pages: Sequence[RenderedPage], document: OpenDocument
    ) -> list[RenderedPage]:
        complete: list[RenderedPage] = []
        while len(complete) < len(pages):
            if self._leased_job is not None:
                self._leased_job.check()
            part = pages[len(complete) : len(complete) + _PAGES_PER_READING]
            complete += self._words.complete(part, [document.part_renderer] * len(part))
        for page in complete:
            document.warn_of(page)
        return complete
