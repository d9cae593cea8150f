"""Pages that need not be read and encoded again: the same page stands in the collection already.

A new version of a document mostly has the pages of the one before. Their words and vectors are taken over;
a page is the same when its image, its text layer and all else that its words are made of are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexer.base.errors import DamagedFile, StorageError
from indexer.base.pages import PageEmbedding, PageWords
from indexer.ingest.page_batches import StoredPage
from indexer.storage.segments import Segment
from indexer.stores import Stores


@dataclass(frozen=True, slots=True, eq=False)
class PageCopy:
    """Words and vectors of a page that is stored already."""

    words: PageWords
    embedding: PageEmbedding


class PageCopies:
    """Looks up the pages of one document, which is on its way into a collection."""

    def __init__(self, stores: Stores, collection_id: str) -> None:
        self._stores = stores
        self._collection_id = collection_id
        self._segments: dict[str, Segment | None] = {}
        self.n_pages = 0  # that were taken over

    def of(self, pages: Iterable[StoredPage]) -> dict[int, PageCopy]:
        """Return copies by page number, of those that can be copied. Raises CatalogUnavailable."""
        numbers = {
            page.rendered_page.page_number: page.content_sha256
            for page in pages
            if page.content_sha256 is not None
        }
        stored_contents = self._stores.catalog.pages.of_content(
            self._collection_id, set(numbers.values())
        )
        copies = {}
        for number, content in numbers.items():
            if content not in stored_contents:
                continue
            page, words, segment = stored_contents[content]
            embedding = self._embedding(page.id, segment)
            if embedding is not None and len(embedding.vectors) == page.n_vectors:
                copies[number] = PageCopy(words, embedding)
        self.n_pages += len(copies)
        return copies

    def _embedding(self, page_id: int, segment_name: str) -> PageEmbedding | None:
        """Return a copy of a page's vectors; None where they are damaged, or were moved meanwhile."""
        try:
            segment = self._segment(segment_name)
            embedding = None if segment is None else segment.page(page_id)
            if segment is None or embedding is None:
                return None
            copy = PageEmbedding(np.array(embedding.vectors), np.array(embedding.boxes))
            segment.require_unbroken()
            segment.require_unbroken_boxes()
        except DamagedFile as error:
            self._segments[segment_name] = None
            if self._stores.catalog.segments.find(segment_name) is not None:
                self._stores.damage.report(error)
            return None
        except StorageError:  # it can be encoded all the same
            return None
        return copy

    def _segment(self, name: str) -> Segment | None:
        if name not in self._segments:
            record = self._stores.catalog.segments.find(name)
            self._segments[name] = None if record is None else self._stores.vectors.open(record)
        return self._segments[name]
