"""Ranked pages become hits: what the catalog knows of them, their evidence, and the words around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from indexer.base.pages import BOX_SCALE, PageWords, QueryEmbedding
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Page
from retriever.evidence.regions import evidence
from retriever.hits import Evidence, PageHit
from retriever.ranking import RankedPage, Ranking


@dataclass(frozen=True, slots=True)
class HitBuilder:
    """What the catalog knows of pages, by id; a page that was deleted meanwhile is in neither."""

    pages: Mapping[int, Page]
    words: Mapping[int, PageWords]

    @classmethod
    def of(cls, catalog: Catalog, rankings: Iterable[Ranking]) -> HitBuilder:
        """All that the rankings of a pass need, looked up once."""
        page_ids = list({page.page_id for ranking in rankings for page in ranking.pages})
        return cls(catalog.pages.by_id(page_ids), catalog.pages.words(page_ids))

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


MAX_CHARACTERS = 240


def snippet(words: PageWords, evidence: tuple[Evidence, ...]) -> str:
    """Up to MAX_CHARACTERS of the page's own words, in order, around the first word of evidence."""
    if len(words) == 0:
        return ""
    start = _line_start(words, _first_word_inside(words, evidence))
    text = " ".join(
        words.texts[start : start + MAX_CHARACTERS]
    )  # a word has at least one character
    if len(text) <= MAX_CHARACTERS and start + MAX_CHARACTERS >= len(words):
        return text
    return text[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _first_word_inside(words: PageWords, evidence: tuple[Evidence, ...]) -> int:
    if not evidence:
        return 0
    x0, y0, x1, y1 = (value * BOX_SCALE for value in evidence[0].box)
    centres = (words.boxes[:, :2].astype(np.float64) + words.boxes[:, 2:]) / 2
    inside = (centres >= (x0, y0)).all(axis=1) & (centres <= (x1, y1)).all(axis=1)
    return int(inside.argmax()) if inside.any() else 0


def _line_start(words: PageWords, word: int) -> int:
    return int(np.searchsorted(words.lines, words.lines[word]))
