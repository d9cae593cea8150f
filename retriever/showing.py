"""Ranked pages become hits: what the catalog knows of them, their evidence, their snippet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.catalog.catalog import Catalog
from indexer.catalog.records import Page
from indexer.pages import PageWords, QueryEmbedding
from retriever.evidence import evidence
from retriever.hits import PageHit
from retriever.ranking import RankedPage, Ranking
from retriever.snippets import snippet


@dataclass(frozen=True, slots=True)
class Shown:
    """What the catalog knows of pages, by id; a page that was deleted meanwhile is in neither."""

    pages: Mapping[int, Page]
    words: Mapping[int, PageWords]

    @classmethod
    def of(cls, catalog: Catalog, rankings: Iterable[Ranking]) -> Shown:
        """All that the rankings of a pass need, looked up once."""
        page_ids = list({page.page_id for ranking in rankings for page in ranking.pages})
        return cls(catalog.pages(page_ids), catalog.words(page_ids))

    def hits(self, query: QueryEmbedding, best: Iterable[RankedPage]) -> tuple[PageHit, ...]:
        found: list[PageHit] = []
        for ranked in best:
            page, words = self.pages.get(ranked.page_id), self.words.get(ranked.page_id)
            embedding = ranked.opened.segment.page(ranked.page_id)
            if page is None or words is None or embedding is None:
                continue  # deleted since the scan: it must not be shown
            regions = evidence(query, embedding)
            found.append(
                PageHit(
                    rank=len(found) + 1,
                    collection=ranked.target.collection.snapshot.collection.name,
                    document=ranked.target.scope.document_of(ranked.page_id),
                    page=page,
                    score=round(ranked.score, 4),
                    evidence=regions,
                    snippet=snippet(words, regions),
                )
            )
        return tuple(found)
