"""A question in, ranked pages with evidence out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.catalog.catalog import Catalog
from indexer.catalog.records import CollectionSnapshot
from indexer.encoders.base import PageEncoder
from indexer.errors import DamagedFile
from indexer.pages import PageEmbedding, QueryEmbedding
from indexer.vectors.base import Segment, VectorStore
from retriever.errors import EmptyQuery, InvalidQuery
from retriever.evidence import evidence
from retriever.hits import PageHit, SearchFilter, SearchResult
from retriever.maxsim import NO_SCORE, maxsim
from retriever.scope import Scope, scope_of
from retriever.settings import RetrieverSettings
from retriever.snippets import snippet


@dataclass(frozen=True, slots=True, eq=False)
class _OpenCollection:
    """A snapshot with its segments mapped: what one search reads, whatever is committed meanwhile."""

    snapshot: CollectionSnapshot
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    score: float
    page_id: int
    opened: _OpenCollection
    segment: Segment
    scope: Scope


class Searcher:
    """Exact late-interaction search over collections. Safe to use from several threads."""

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        load_encoder: Callable[[], PageEncoder],
        settings: RetrieverSettings,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._load_encoder = load_encoder
        self._settings = settings
        self._opened: dict[str, _OpenCollection] = {}
        self._lock = threading.Lock()

    def search(
        self,
        query: str,
        collections: Sequence[str],
        k: int = 5,
        wanted: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
    ) -> SearchResult:
        """The `k` best pages of the collections, fewer when fewer have vectors.

        Raises EmptyQuery, InvalidQuery, CollectionNotFound, DocumentNotFound, EncoderMismatch,
        DamagedFile.
        """
        self.check_text(query)
        self._check(collections, k)
        began = time.perf_counter()
        opened = [self._open(name) for name in dict.fromkeys(collections)]
        encoder = self._load_encoder()
        for one in opened:
            one.snapshot.collection.require_encoder(encoder.fingerprint)
        scopes = [scope_of(one.snapshot, wanted) for one in opened]
        embedding = encoder.encode_query(query)
        encoded = time.perf_counter()
        best = self._scan(embedding, opened, scopes, k)
        scanned = time.perf_counter()
        hits = self._hits(embedding, best)
        ended = time.perf_counter()
        return SearchResult(
            query=query,
            embedding=embedding,
            hits=hits,
            timing_ms={
                "encode": round((encoded - began) * 1e3, 2),
                "scan": round((scanned - encoded) * 1e3, 2),
                "evidence": round((ended - scanned) * 1e3, 2),
                "total": round((ended - began) * 1e3, 2),
            },
        )

    def page_embedding(self, collection: str, page_id: int) -> PageEmbedding | None:
        """One page's vectors and boxes, None when the collection does not hold it."""
        for segment in self._open(collection).segments:
            if (page := segment.page(page_id)) is not None:
                return page
        return None

    def check_text(self, query: str) -> None:
        """Raises EmptyQuery for a query without words or beyond the limit."""
        if not query.strip():
            raise EmptyQuery("the question is empty: ask with at least one word")
        if len(query) > self._settings.max_query_characters:
            raise EmptyQuery(
                f"the question has {len(query):,} characters, the limit is "
                f"{self._settings.max_query_characters:,}: shorten it"
            )

    def _check(self, collections: Sequence[str], k: int) -> None:
        if not collections:
            raise InvalidQuery("no collection was named: give at least one")
        if not 1 <= k <= self._settings.max_k:
            raise InvalidQuery(f"k is {k}: it must lie between 1 and {self._settings.max_k}")

    def _open(self, name: str) -> _OpenCollection:
        """The collection as it is now; mapped segments are kept from search to search."""
        collection_id, generation = self._catalog.generation(name)
        with self._lock:
            known = self._opened.get(collection_id)
        if known is not None and known.snapshot.collection.generation == generation:
            return known
        try:
            fresh = self._map(name, known)
        except DamagedFile:
            # A document that was deleted between the two reads takes its segment with it.
            fresh = self._map(name, known)
        with self._lock:
            self._opened[collection_id] = fresh
        return fresh

    def _map(self, name: str, known: _OpenCollection | None) -> _OpenCollection:
        snapshot = self._catalog.snapshot(name)
        mapped = {}
        if known is not None:
            mapped = {
                record.name: segment
                for record, segment in zip(known.snapshot.segments, known.segments, strict=True)
            }
        segments = tuple(
            mapped[record.name] if record.name in mapped else self._vectors.open(record)
            for record in snapshot.segments
        )
        return _OpenCollection(snapshot, segments)

    def _scan(
        self,
        query: QueryEmbedding,
        opened: Sequence[_OpenCollection],
        scopes: Sequence[Scope],
        k: int,
    ) -> list[_Candidate]:
        """The `k` best pages of all segments; equal scores in order of page id."""
        found: list[_Candidate] = []
        for one, scope in zip(opened, scopes, strict=True):
            for segment in one.segments:
                allowed = scope.allows(segment.page_ids)
                if not allowed.any():
                    continue
                scores = maxsim(query.vectors, segment, allowed, self._settings.scan_memory_bytes)
                found += [
                    _Candidate(float(scores[i]), int(segment.page_ids[i]), one, segment, scope)
                    for i in _best(scores, k)
                ]
        found.sort(key=lambda candidate: (-candidate.score, candidate.page_id))
        return found[:k]

    def _hits(self, query: QueryEmbedding, best: Sequence[_Candidate]) -> tuple[PageHit, ...]:
        page_ids = [candidate.page_id for candidate in best]
        pages = self._catalog.pages(page_ids)
        words = self._catalog.words(page_ids)
        hits: list[PageHit] = []
        for candidate in best:
            page = pages.get(candidate.page_id)
            embedding = candidate.segment.page(candidate.page_id)
            if page is None or embedding is None:  # deleted since the scan: it must not be shown
                continue
            regions = evidence(query, embedding)
            hits.append(
                PageHit(
                    rank=len(hits) + 1,
                    collection=candidate.opened.snapshot.collection.name,
                    document=candidate.scope.document_of(candidate.page_id),
                    page=page,
                    score=round(candidate.score, 4),
                    evidence=regions,
                    snippet=snippet(words[candidate.page_id], regions),
                )
            )
        return tuple(hits)


def _best(scores: NDArray[np.float32], k: int) -> list[int]:
    """Positions of the `k` highest scores, in any order; pages without a score never."""
    if k < len(scores):
        # Every page that ties with the k-th stays, so that the tie is broken by page id later.
        floor = np.partition(scores, len(scores) - k)[len(scores) - k]
        scored = (scores >= floor) & (scores > NO_SCORE)
    else:
        scored = scores > NO_SCORE
    return np.flatnonzero(scored).tolist()
