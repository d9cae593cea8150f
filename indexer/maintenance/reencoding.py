"""Encodes a collection anew by another encoder, beside the index that is searched, and swaps the two.

The new vectors are made of what is stored of each page: its words, or its image. They go into segments of an
index beside, some thousand pages at a time, each in one transaction; killed in between, the next call goes on
with the documents that are left. Uploads, deletions and searches go on. When every document stands in both,
the two are exchanged, and the one of before stays beside for a while: a rollback is the same way back, on
which only what was added since has to be encoded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from indexer.base.errors import CannotReencode, CollectionNotFound, DataFolderBusy
from indexer.base.page_images import open_page_image
from indexer.base.pages import PageWords, RenderedPage
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document, Page
from indexer.encoders.base import PageEncoder
from indexer.encoders.lazy import LazyEncoder
from indexer.encoders.registry import maker_of
from indexer.maintenance.compaction import Compactor
from indexer.stores import Stores

QUIET_S = 600.0  # so long a swap waits for a moment in which no document is half indexed
_POLL_S = 0.5
_SEGMENT_PAGES = 2_000

EncodingProgress = Callable[[int, int], None]  # (pages encoded, pages to encode)


class Reencoder:
    """Encodes the collections of one data folder anew."""

    def __init__(
        self, stores: Stores, compactor: Compactor, segment_pages: int = _SEGMENT_PAGES
    ) -> None:
        """`segment_pages`: pages from which a segment is written; what a kill costs at most."""
        self._stores = stores
        self._reencodings = stores.catalog.reencodings
        self._compactor = compactor
        self._segment_pages = segment_pages

    def build(
        self,
        collection: Collection,
        encoder: LazyEncoder,
        on_page: EncodingProgress = lambda n_done, n_pages: None,
    ) -> int:
        """Encode what does not stand in the index beside yet; returns how many pages that were.

        Raises CannotReencode, CollectionNotFound, DamagedFile, EncoderUnavailable, StorageError.
        """
        self._reencodings.begin(collection, encoder.fingerprint)
        waiting = [
            document
            for document in self._reencodings.waiting(collection.id)
            if document.verdict is not Verdict.INDEXING
        ]
        if not waiting:
            return 0
        self._require_words(collection, encoder.get(), waiting)
        n_pages, n_done = sum(document.n_pages for document in waiting), 0
        for group in self._groups(waiting):
            n_done += self._encode(group, encoder.get())
            on_page(n_done, n_pages)
        with self._stores.folder.writing():
            self._compactor.derive(self._stores.catalog.shadow_snapshot(collection.name).segments)
        return n_done

    def swap(self, collection: Collection, encoder: LazyEncoder, quiet_s: float = QUIET_S) -> None:
        """Let the index by `encoder` be searched, with what was added while it was made.

        Raises what `build` raises, and DataFolderBusy where documents are half indexed all the time.
        """
        deadline = time.monotonic() + quiet_s
        while True:
            n_encoded = self.build(collection, encoder)
            if self._reencodings.swap(collection.id):
                return
            if time.monotonic() > deadline:
                raise DataFolderBusy(
                    f"documents of {collection.name!r} are being indexed all the time: what was encoded is "
                    "kept, run it again later"
                )
            time.sleep(0 if n_encoded else _POLL_S)

    def drop(self, collection: Collection) -> None:
        """Remove the index beside. Raises CannotReencode where there is none."""
        self._stores.remove_segments(self._reencodings.drop(collection.id))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from encoding anew in this data folder. Raises DataFolderBusy."""
        with self._stores.folder.alone("reencoding", "another `pagesight reencode` is at work"):
            yield

    def _groups(self, documents: Sequence[Document]) -> Iterator[list[Document]]:
        group: list[Document] = []
        for document in documents:
            group.append(document)
            if sum(document.n_pages for document in group) >= self._segment_pages:
                yield group
                group = []
        if group:
            yield group

    def _encode(self, group: Sequence[Document], encoder: PageEncoder) -> int:
        """Encode the pages of some documents into one segment; returns how many they are."""
        stores, collection_id = self._stores, group[0].collection_id
        pages = [page for d in group for page in stores.catalog.pages.of_document(d.id)]
        embeddings = []
        for start in range(0, len(pages), encoder.window):
            window = pages[start : start + encoder.window]
            embeddings += encoder.encode_pages(self._rendered_pages(window, encoder))
        n_vectors = {
            page.id: len(embedding.vectors)
            for page, embedding in zip(pages, embeddings, strict=True)
        }
        with stores.folder.writing():
            segment = stores.vectors.write(collection_id, [*n_vectors], embeddings)
            try:
                self._reencodings.add(segment, encoder.fingerprint, group, n_vectors)
            except (CannotReencode, CollectionNotFound):  # certainly not committed
                stores.vectors.remove(collection_id, segment.name)
                raise
        return len(pages)

    def _rendered_pages(self, pages: Sequence[Page], encoder: PageEncoder) -> list[RenderedPage]:
        """Return stored pages as an encoder is given them; those that were deleted meanwhile are blank."""
        from PIL import Image

        words = self._stores.catalog.pages.words([page.id for page in pages])
        blank = Image.new("RGB", (1, 1))
        return [
            RenderedPage(
                page.page_number,
                page.label,
                page.width_pt,
                page.height_pt,
                blank
                if encoder.reads_words
                else open_page_image(self._stores.images.read(page.image_sha256)),
                words.get(page.id, PageWords()),
            )
            for page in pages
        ]

    def _require_words(
        self, collection: Collection, encoder: PageEncoder, documents: Sequence[Document]
    ) -> None:
        """Raise CannotReencode where OCR has not read pages whose words the encoder needs."""
        made_by = maker_of(collection.fingerprint)
        if not encoder.reads_words or made_by is None or made_by.reads_words:
            return
        for document in documents:
            pages = self._stores.catalog.pages.of_document(document.id)
            if any(page.text_source == "none" for page in pages):
                raise CannotReencode(
                    f"{document.name} has pages without words, as {collection.fingerprint.name} looks at "
                    f"images alone: ingest the files of {collection.name!r} into a new collection"
                )
