"""A question in, ranked pages with evidence out."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.base.pages import PageEmbedding, QueryEmbedding
from indexer.catalog.catalog import Catalog
from indexer.encoders.base import PageEncoder
from retriever.candidates.recall import RecallReport
from retriever.errors import EmptyQuery, InvalidQuery
from retriever.evidence.hit_builder import HitBuilder
from retriever.hits import SearchFilter, SearchResult
from retriever.open_collections import OpenCollections
from retriever.query.embedding import embed_queries
from retriever.query.page_scope import page_scopes
from retriever.query.shared_passes import SharedPasses
from retriever.ranking import Ranker, Ranking, Target
from retriever.settings import RetrieverSettings

if TYPE_CHECKING:
    from PIL.Image import Image


_Asked = tuple[str, "Image | None"]  # words, image


@dataclass(frozen=True, slots=True)
class _Pass:
    """What searches have in common that can share a pass over the pages."""

    collections: tuple[str, ...]
    k: int
    wanted: SearchFilter
    exact: bool


class Searcher:
    """Late-interaction search over collections.

    Safe to use from several threads, whose searches of the same pages share a pass.
    """

    def __init__(
        self,
        catalog: Catalog,
        opened: OpenCollections,
        load_encoder: Callable[[], PageEncoder],
        ranker: Ranker,
        settings: RetrieverSettings,
        on_search: Callable[[SearchResult], None] = lambda _: None,
    ) -> None:
        """`on_search` is told of every result, in the thread that asked."""
        self._on_search = on_search
        self._catalog = catalog
        self._collections = opened
        self._load_encoder = load_encoder
        self._settings = settings
        self._ranker = ranker
        self._passes: SharedPasses[_Pass, _Asked, SearchResult] = SharedPasses(
            self._search, at_once=os.cpu_count() or 1
        )

    def search(
        self,
        query: str,
        collections: Sequence[str],
        k: int = 5,
        wanted: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        *,
        exact: bool = False,
        image: Image | None = None,
    ) -> SearchResult:
        """The `k` best pages of the collections, fewer when fewer have vectors.

        exact  score every page, also where stage 1 would choose candidates
        image  what to look for, beside the words of `query` or in their place

        Raises EmptyQuery, ImageQueryUnsupported, InvalidQuery, CollectionNotFound, DocumentNotFound,
        EncoderMismatch, DamagedFile.
        """
        found = self._begin(query, collections, k, wanted, exact, image).result()
        self._on_search(found)
        return found

    async def search_async(
        self,
        query: str,
        collections: Sequence[str],
        k: int = 5,
        wanted: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        *,
        image: Image | None = None,
    ) -> SearchResult:
        """As `search`, for an event loop: many searches wait without a thread for each."""
        found = await asyncio.wrap_future(self._begin(query, collections, k, wanted, False, image))
        self._on_search(found)
        return found

    def _begin(
        self,
        query: str,
        collections: Sequence[str],
        k: int,
        wanted: SearchFilter,
        exact: bool,
        image: Image | None,
    ) -> Future[SearchResult]:
        if image is None or query.strip():
            self.check_text(query)
        key = _Pass(tuple(dict.fromkeys(collections)), k, wanted, exact)
        return self._passes(key, (query, image))

    def search_many(
        self,
        queries: Sequence[str],
        collections: Sequence[str],
        k: int = 5,
        wanted: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        *,
        exact: bool = False,
    ) -> list[SearchResult]:
        """As `search` for each query; the queries share one pass over the pages."""
        for query in queries:
            self.check_text(query)
        results = self._search(
            _Pass(tuple(dict.fromkeys(collections)), k, wanted, exact),
            [(query, None) for query in queries],
        )
        for result in results:
            self._on_search(result)
        return results

    def _search(self, of: _Pass, queries: Sequence[_Asked]) -> list[SearchResult]:
        self._check(of)
        began = time.perf_counter()
        opened = [self._collections.open(name) for name in of.collections]
        encoder = self._load_encoder()
        for one in opened:
            one.snapshot.collection.require_encoder(encoder.fingerprint)
        scopes = page_scopes([one.snapshot for one in opened], of.wanted)
        targets = [Target(one, scope) for one, scope in zip(opened, scopes, strict=True)]
        embeddings = embed_queries(encoder, queries)
        for embedding in embeddings:
            if not np.isfinite(embedding.vectors).all():
                raise InvalidQuery("the encoder gave NaN or infinite values: check its checkpoint")
        encoded = time.perf_counter()
        rankings = self._ranker.rank([e.vectors for e in embeddings], targets, of.k, exact=of.exact)
        ranked = time.perf_counter()
        shown = HitBuilder.of(self._catalog, rankings)
        looked_up = time.perf_counter()
        spent = {
            "encode": encoded - began,
            "scan": ranked - encoded,
            "evidence": looked_up - ranked,
        }
        return [
            self._result(query, embedding, ranking, shown, spent)
            for (query, _), embedding, ranking in zip(queries, embeddings, rankings, strict=True)
        ]

    def page_embedding(self, collection: str, page_id: int) -> PageEmbedding | None:
        """One page's vectors and boxes, None when the collection does not hold it."""
        return self.page_embeddings(collection, [page_id]).get(page_id)

    def page_embeddings(self, collection: str, page_ids: Iterable[int]) -> dict[int, PageEmbedding]:
        """Those of the pages that the collection holds, by id. Raises CollectionNotFound."""
        segments = self._collections.open(collection).segments
        found = ((i, one.segment.page(i)) for i in page_ids for one in segments)
        return {page_id: page for page_id, page in found if page is not None}

    def recall(self, collection: str) -> RecallReport:
        """What stage 1 was measured to find, in this process. Raises CollectionNotFound."""
        return self._ranker.recall(self._catalog.collections.get(collection).id)

    def check_text(self, query: str) -> None:
        """Raises EmptyQuery for a query without words or beyond the limit."""
        if not query.strip():
            raise EmptyQuery("the question is empty: ask with at least one word")
        if len(query) > self._settings.max_query_characters:
            raise EmptyQuery(
                f"the question has {len(query):,} characters, the limit is "
                f"{self._settings.max_query_characters:,}: shorten it"
            )

    def _check(self, of: _Pass) -> None:
        if not of.collections:
            raise InvalidQuery("no collection was named: give at least one")
        if not 1 <= of.k <= self._settings.max_k:
            raise InvalidQuery(f"k is {of.k}: it must lie between 1 and {self._settings.max_k}")

    def _result(
        self,
        query: str,
        embedding: QueryEmbedding,
        ranking: Ranking,
        shown: HitBuilder,
        spent: Mapping[str, float],
    ) -> SearchResult:
        """spent  seconds of the pass before, by stage; the scan's include the choice of candidates"""
        began = time.perf_counter()
        hits = shown.hits(embedding, ranking.pages)
        evidence_s = time.perf_counter() - began
        seconds = {
            "encode": spent["encode"],
            "candidates": ranking.candidates_s,
            "scan": spent["scan"] - ranking.candidates_s,
            "evidence": spent["evidence"] + evidence_s,
            "total": sum(spent.values()) + evidence_s,
        }
        return SearchResult(
            query=query,
            embedding=embedding,
            hits=hits,
            timing_ms={name: round(value * 1e3, 2) for name, value in seconds.items()},
            candidates=ranking.candidates,
        )
