"""What a pass over the pages gives each of its queries: hits, and the time that its stages took."""

from __future__ import annotations

import time
from dataclasses import dataclass

from indexer.base.pages import QueryEmbedding
from retriever.evidence.hit_builder import HitBuilder
from retriever.hits import MissingPages, SearchResult
from retriever.query.request import Mode, SearchQuery
from retriever.ranked_pages import Ranking


@dataclass(frozen=True, slots=True)
class PassTimes:
    """Seconds that a pass took, by stage; `rerank_s` includes the choice of candidates."""

    encode_s: float
    rerank_s: float
    look_up_s: float


def query_result(
    query: SearchQuery,
    embedding: QueryEmbedding,
    ranking: Ranking,
    hit_builder: HitBuilder,
    times: PassTimes,
    pages_left_out: MissingPages | None,
    mode: Mode | None,
) -> SearchResult:
    """Build the hits of one query, with the time of its stages in milliseconds."""
    began = time.perf_counter()
    words = query.question.search_text if query.has_words else ""
    hits = hit_builder.hits(embedding, ranking.pages, words, by_words=mode == "words")
    hits_s = time.perf_counter() - began
    seconds = {
        "encode": times.encode_s,
        "candidates": ranking.candidates_s,
        "scan": times.rerank_s - ranking.candidates_s,  # the public name of reranking
        "evidence": times.look_up_s + hits_s,
        "total": times.encode_s + times.rerank_s + times.look_up_s + hits_s,
    }
    return SearchResult(
        query=query.text,
        embedding=embedding,
        hits=hits,
        timing_ms={name: round(value * 1e3, 2) for name, value in seconds.items()},
        candidates=ranking.candidates,
        missing_pages=pages_left_out,
        question=query.question if query.has_words else None,
    )
