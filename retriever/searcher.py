"""A question in, ranked pages with evidence out.

A search, from top to bottom:
    search          words or an image, where to look, how many pages; waits for its pass
    _pass           several queries, one pass: open, scope, embed, rank, look up
    ranking         candidates where a segment is large, exact MaxSim for what may win
    HitBuilder      what the catalog knows of the best pages, with their evidence
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from indexer.base.errors import CannotReencode, DamagedDerived, DamagedPages, Unreadable
from indexer.base.pages import PageEmbedding, QueryEmbedding
from indexer.catalog.catalog import Catalog
from indexer.catalog.collections import Collection
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from retriever.candidates.recall import RecallReport
from retriever.errors import InvalidQuery
from retriever.evidence.hit_builder import HitBuilder
from retriever.hits import SearchResult
from retriever.missing_pages import missing_pages
from retriever.open_collections import OpenCollection, OpenCollections
from retriever.pass_results import PassTimes, query_result
from retriever.query.embedding import embed_queries
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.query.request import Mode, SearchOptions, SearchQuery, check_text
from retriever.query.shared_passes import SharedPasses
from retriever.ranked_pages import Ranking, Target
from retriever.ranking import Ranker
from retriever.settings import RetrieverSettings
from retriever.words.word_finder import WordFinder

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_LOSSES = 20  # places that turn out to be damaged while a pass runs


class Searcher:
    """Searches collections by late interaction.

    Safe to use from several threads, whose searches of the same pages share a pass.
    """

    def __init__(
        self,
        catalog: Catalog,
        open_collections: OpenCollections,
        encoder_of: Callable[[Collection], PageEncoder],
        ranker: Ranker,
        settings: RetrieverSettings,
        on_search: Callable[[SearchResult], None] = lambda _: None,
    ) -> None:
        """Search with encoders that are loaded when a collection first needs them.

        encoder_of  returns the encoder that made a collection; raises EncoderMismatch
        on_search   is called with every result, in the thread of the caller
        """
        self._on_search = on_search
        self._catalog = catalog
        self._collections = open_collections
        self._encoder_of = encoder_of
        self._shadows = open_collections.shadows()
        self._settings = settings
        self._ranker = ranker
        self._word_finder = WordFinder(catalog, settings)
        self._passes: SharedPasses[SearchOptions, SearchQuery, SearchResult] = SharedPasses(
            self._pass, at_once=os.cpu_count() or 1
        )

    @property
    def max_query_characters(self) -> int:
        """Most characters of a query."""
        return self._settings.max_query_characters

    def beside(self) -> Searcher:
        """Return what searches the indexes beside those of the collections."""
        return Searcher(
            self._catalog, self._shadows, self._encoder_of, self._ranker, self._settings
        )

    def search(
        self,
        query: str,
        collections: Sequence[str],
        k: int = 5,
        filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        *,
        exact: bool = False,
        image: Image | None = None,
        mode: Mode | None = None,
    ) -> SearchResult:
        """Find the `k` best pages of the collections, fewer when fewer have vectors.

        exact  score every page, also where stage 1 would choose candidates
        image  what to look for, beside the words of `query` or in their place
        mode   what pages are ranked by; None: as the settings say

        Raises EmptyQuery, QueryTooLong, ImageQueryUnsupported, InvalidQuery, CollectionNotFound,
        DocumentNotFound, EncoderMismatch, Unreadable, DamagedFile where there is damage in many places.
        """
        options = SearchOptions.of(collections, k, filter, exact=exact, mode=mode)
        result = self._submit(SearchQuery(query, image), options).result()
        self._on_search(result)
        return result

    async def search_async(
        self,
        query: str,
        collections: Sequence[str],
        k: int = 5,
        filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        *,
        image: Image | None = None,
        mode: Mode | None = None,
    ) -> SearchResult:
        """Search as `search` does, for an event loop: many searches wait without a thread for each."""
        options = SearchOptions.of(collections, k, filter, mode=mode)
        result = await asyncio.wrap_future(self._submit(SearchQuery(query, image), options))
        self._on_search(result)
        return result

    def search_many(
        self,
        queries: Sequence[str],
        collections: Sequence[str],
        k: int = 5,
        filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
    ) -> list[SearchResult]:
        """Search as `search` does for each query; the queries share one pass over the pages."""
        for query in queries:
            self.check_text(query)
        options = SearchOptions.of(collections, k, filter)
        results = self._pass(options, [SearchQuery(query) for query in queries])
        for result in results:
            self._on_search(result)
        return results

    def _submit(self, query: SearchQuery, options: SearchOptions) -> Future[SearchResult]:
        if query.image is None or query.has_words:
            self.check_text(query.text)
        if options.mode == "words" and query.image is not None:
            raise InvalidQuery("an image has no words: search with it by `vectors` or `both`")
        return self._passes(options, query)

    def _pass(self, options: SearchOptions, queries: Sequence[SearchQuery]) -> list[SearchResult]:
        """Answer several queries in one pass; again without what turns out to be damaged on the way."""
        options.check(self._settings.max_k)
        for _ in range(_MAX_LOSSES):
            try:
                return self._one_pass(options, queries)
            except (DamagedPages, DamagedDerived) as error:
                self._collections.lose(error)
            except Unreadable:
                self._collections.forget()
        return self._one_pass(options, queries)

    def _one_pass(
        self, options: SearchOptions, queries: Sequence[SearchQuery]
    ) -> list[SearchResult]:
        began = time.perf_counter()
        collections = [self._collections.open(name) for name in options.collections]
        encoder = self._encoder_of_all(collections)
        scopes = page_scopes([collection.snapshot for collection in collections], options.filter)
        targets = [Target(*pair) for pair in zip(collections, scopes, strict=True)]
        embeddings = embed_queries(encoder, queries)
        encoded_at = time.perf_counter()
        rankings = self._rankings(options, queries, embeddings, targets)
        ranked_at = time.perf_counter()
        hit_builder = HitBuilder.of(self._catalog, rankings)
        looked_up_at = time.perf_counter()
        pages_left_out = missing_pages(targets, options.filter)
        times = PassTimes(encoded_at - began, ranked_at - encoded_at, looked_up_at - ranked_at)
        return [
            query_result(
                query, embedding, ranking, hit_builder, times, pages_left_out, options.mode
            )
            for query, embedding, ranking in zip(queries, embeddings, rankings, strict=True)
        ]

    def _encoder_of_all(self, collections: Sequence[OpenCollection]) -> PageEncoder:
        """Return the encoder that made the vectors of all of them. Raises EncoderMismatch."""
        encoder = self._encoder_of(collections[0].snapshot.collection)
        for collection in collections:
            collection.snapshot.collection.require_encoder(encoder.fingerprint)
        return encoder

    def _rankings(
        self,
        options: SearchOptions,
        queries: Sequence[SearchQuery],
        embeddings: Sequence[QueryEmbedding],
        targets: Sequence[Target],
    ) -> list[Ranking]:
        vectors = [embedding.vectors for embedding in embeddings]
        mode = options.mode or ("both" if self._settings.hybrid == "auto" else "vectors")
        if mode == "vectors":
            return self._ranker.rank(vectors, targets, options.k, exact=options.exact)
        bonuses = self._word_finder.bonuses(
            [query.question for query in queries],
            embeddings,
            [target.collection for target in targets],
        )
        if mode == "words":
            return self._ranker.rank_by_words(vectors, targets, options.k, bonuses)
        return self._ranker.rank(vectors, targets, options.k, exact=options.exact, bonuses=bonuses)

    def encode(self, collections: Sequence[str], texts: Sequence[str]) -> list[QueryEmbedding]:
        """Encode texts as questions to some collections.

        Raises CollectionNotFound, EncoderMismatch, EncoderUnavailable, Unreadable.
        """
        encoder = self._encoder_of_all([self._collections.open(name) for name in collections])
        return encoder.encode_queries(texts)

    def page_embedding(self, collection: str, page_id: int) -> PageEmbedding | None:
        """Return one page's vectors and boxes, None when the collection does not hold it.

        Raises CollectionNotFound, DamagedPages, Unreadable.
        """
        return self._page_embedding(self._collections.open(collection), page_id)

    def page_with_encoder(
        self, collection: str, page_id: int
    ) -> tuple[PageEmbedding | None, PageEncoder]:
        """Return one page's vectors and boxes, as `page_embedding`, and the encoder that made them.

        Raises what `page_embedding` raises, EncoderMismatch, EncoderUnavailable.
        """
        open_collection = self._collections.open(collection)
        encoder = self._encoder_of_all([open_collection])
        return self._page_embedding(open_collection, page_id), encoder

    def page_embeddings(
        self, collection: str, page_ids: Iterable[int], fingerprint: EncoderFingerprint
    ) -> dict[int, PageEmbedding]:
        """Return those of the pages that the collection holds and that are not damaged, by id.

        fingerprint  of the encoder that made them: the collection may have been encoded anew since they
                     were found, and then they stand in the index beside

        Raises CollectionNotFound, Unreadable.
        """
        open_collection = self._collections.open(collection)
        if open_collection.snapshot.collection.fingerprint != fingerprint:
            try:
                open_collection = self._shadows.open(collection)
            except CannotReencode:
                return {}
        if open_collection.snapshot.collection.fingerprint != fingerprint:
            return {}
        embeddings = {}
        for page_id in page_ids:
            with suppress(DamagedPages):
                embeddings[page_id] = self._page_embedding(open_collection, page_id)
        return {page_id: page for page_id, page in embeddings.items() if page is not None}

    def _page_embedding(self, collection: OpenCollection, page_id: int) -> PageEmbedding | None:
        try:
            return collection.page_embedding(page_id)
        except DamagedPages as error:
            self._collections.lose(error)
            raise
        except Unreadable:
            self._collections.forget()
            raise

    def refresh(self) -> None:
        """Let go of files that were deleted or merged since they were mapped. Raises CatalogUnavailable."""
        self._collections.refresh()

    def recall(self, collection: str) -> RecallReport:
        """Return what stage 1 was measured to find, in this process. Raises CollectionNotFound."""
        return self._ranker.recall(self._catalog.collections.get(collection).id)

    def check_text(self, query: str) -> None:
        """Raise EmptyQuery for a query without words, QueryTooLong for one beyond the limit."""
        check_text(query, self._settings.max_query_characters)
