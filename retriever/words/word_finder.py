"""Finds pages by their words, in all collections of a search."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from indexer.base.errors import CatalogDamaged, StorageError
from indexer.base.pages import QueryEmbedding
from indexer.catalog.catalog import Catalog
from retriever.glossary import read_glossary
from retriever.open_collections import OpenCollection
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import PageScope, page_scopes
from retriever.query.question_reading import ReadQuestion
from retriever.settings import RetrieverSettings
from retriever.words.bonuses import PageBonuses, page_bonuses
from retriever.words.encoder_weights import weights_of
from retriever.words.mean_lengths import MeanLengths

_FILLED_AT_ONCE = (
    1_000  # pages; the words of more are left to the background, and to `verify --repair`
)

_LOOK_AGAIN_S = 60.0

_log = logging.getLogger(__name__)


class WordFinder:
    """Gives each page what its words add to its score. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, settings: RetrieverSettings) -> None:
        self._catalog = catalog
        self._mean_lengths = MeanLengths(catalog.page_index)
        self._glossary = read_glossary(settings.glossary)
        # Collection id -> its generation then, and when by the monotonic clock.
        self._looked_at: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def bonuses(
        self,
        questions: Sequence[ReadQuestion],
        embeddings: Sequence[QueryEmbedding],
        collections: Sequence[OpenCollection],
    ) -> list[dict[str, PageBonuses]]:
        """Return the bonuses for each question, by collection id; none where the full text is damaged.

        Raises CatalogUnavailable.
        """
        try:
            return self._bonuses(questions, embeddings, collections)
        except CatalogDamaged as error:
            _log.warning("pages are not found by their words: %s", error)
            return [{} for _ in questions]

    def _bonuses(
        self,
        questions: Sequence[ReadQuestion],
        embeddings: Sequence[QueryEmbedding],
        collections: Sequence[OpenCollection],
    ) -> list[dict[str, PageBonuses]]:
        scopes: dict[str, tuple[PageScope, float]] = {}
        for snapshot in [collection.snapshot for collection in collections]:
            collection_id, generation = snapshot.collection.id, snapshot.collection.generation
            self._fill(collection_id, generation)
            (scope,) = page_scopes([snapshot], SearchFilter())
            mean_length = self._mean_lengths.of(collection_id, generation, scope.documents)
            scopes[collection_id] = scope, mean_length
        names = {
            c.snapshot.collection.id: c.snapshot.collection.fingerprint.name for c in collections
        }
        return [
            {
                collection_id: page_bonuses(
                    question,
                    int(embedding.content.sum()),
                    self._catalog.page_index,
                    scope,
                    mean_length,
                    weights_of(names[collection_id]),
                    self._glossary,
                )
                for collection_id, (scope, mean_length) in scopes.items()
                if question.search_text.strip()
            }
            for question, embedding in zip(questions, embeddings, strict=True)
        ]

    def _fill(self, collection_id: str, generation: int) -> None:
        """Add the words of a few pages that a pagesight of before has stored, if it is time to look."""
        now = time.monotonic()
        with self._lock:
            last_generation, looked_at = self._looked_at.get(collection_id, (-1, 0.0))
            if last_generation == generation:
                return
            if last_generation >= 0 and now - looked_at < _LOOK_AGAIN_S:
                return  # while something is ingested every search sees another generation
            self._looked_at[collection_id] = (generation, now)
        if not 0 < self._catalog.page_index.n_missing(collection_id) <= _FILLED_AT_ONCE:
            return
        try:
            self._catalog.page_index.fill(collection_id)
        except StorageError as error:  # a full or read-only disk: pages are found by their vectors
            _log.warning("pages are not found by their words: %s", error)
