"""How long the pages of a collection are in the mean, which the length of each is compared with."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexer.catalog.document_records import Document
from indexer.catalog.full_text.dialect import PagesAndTerms
from indexer.catalog.full_text.page_index import PageIndex

# A document's id, and the segment that was written when it was read.
_Reading = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class _Lengths:
    """The lengths of a collection's documents in one generation of it."""

    generation: int = -1
    is_whole: bool = False  # no document lacks terms
    of_documents: Mapping[_Reading, PagesAndTerms] = field(default_factory=dict)
    mean: float = 1.0


class MeanLengths:
    """Reads the lengths of documents, each once. Safe to use from several threads."""

    def __init__(self, index: PageIndex) -> None:
        self._index = index
        self._by_collection: dict[str, _Lengths] = {}
        self._lock = threading.Lock()

    def of(self, collection_id: str, generation: int, documents: Sequence[Document]) -> float:
        """Return the mean length of the pages of some documents, in terms; 1 where none of them has any.

        documents  what of the collection is searched in that generation
        """
        with self._lock:
            last = self._by_collection.get(collection_id, _Lengths())
        if last.is_whole and last.generation == generation:
            return last.mean
        lengths = self._lengths_of(collection_id, generation, documents, last.of_documents)
        with self._lock:
            self._by_collection[collection_id] = lengths
        return lengths.mean

    def _lengths_of(
        self,
        collection_id: str,
        generation: int,
        documents: Sequence[Document],
        earlier_lengths: Mapping[_Reading, PagesAndTerms],
    ) -> _Lengths:
        by_reading = {(document.id, document.segment): document for document in documents}
        lengths = {
            reading: earlier_lengths[reading]
            for reading in by_reading.keys() & earlier_lengths.keys()
        }
        unknown = [by_reading[reading] for reading in by_reading.keys() - lengths.keys()]
        if unknown:
            first_pages = [document.first_page_id or 0 for document in unknown]
            bounds = min(first_pages), max(first_pages)
            of_unknown = self._index.lengths(collection_id, bounds)
            lengths |= {
                (document.id, document.segment): of_unknown[document.id]
                for document in unknown
                if document.id in of_unknown
            }
        n_pages = sum(n_pages for n_pages, _ in lengths.values())
        n_terms = sum(n_terms for _, n_terms in lengths.values())
        mean = n_terms / n_pages if n_terms else 1.0
        return _Lengths(generation, len(lengths) == len(by_reading), lengths, mean)
