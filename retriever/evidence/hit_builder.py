"""Ranked pages become hits: what the catalog knows of them, their evidence, and the words around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from indexer.base.language.search_terms import places_of_terms, question_terms, search_terms
from indexer.base.pages import BOX_SCALE, PageWords, QueryEmbedding
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Page
from indexer.storage.segments import Segment
from retriever.evidence.regions import Region, evidence_regions, word_regions
from retriever.hits import PageHit
from retriever.ranked_pages import RankedPage, Ranking

MAX_CHARACTERS = 240  # of a snippet


@dataclass(frozen=True, slots=True)
class HitBuilder:
    """Builds hits from what the catalog knows of pages, by id; a page deleted meanwhile is not among them."""

    pages: Mapping[int, tuple[Page, PageWords]]

    @classmethod
    def of(cls, catalog: Catalog, rankings: Iterable[Ranking]) -> HitBuilder:
        """Look up, once, all that the rankings of a pass need."""
        page_ids = list({page.page_id for ranking in rankings for page in ranking.pages})
        return cls(catalog.pages.with_words(page_ids))

    def hits(
        self,
        query: QueryEmbedding,
        ranked_pages: Iterable[RankedPage],
        query_text: str = "",
        *,
        by_words: bool = False,
    ) -> tuple[PageHit, ...]:
        """Build the hits of a query, best first. Raises DamagedPages, Unreadable.

        query_text  whose words are shown in snippets
        by_words    the evidence is where they stand; of a page without any, what its vectors look at
        """
        hits: list[PageHit] = []
        terms = frozenset(question_terms(query_text))
        terms_of = cache(lambda word: terms.intersection(search_terms(word)))
        segments: dict[int, Segment] = {}
        for ranked_page in ranked_pages:
            page_id = ranked_page.page_id
            embedding = ranked_page.open_segment.segment.page(page_id)
            if page_id not in self.pages or embedding is None:
                continue  # deleted since it was ranked: it must not be shown
            page, words = self.pages[page_id]
            collection = ranked_page.target.collection.snapshot.collection
            regions: tuple[Region, ...] = ()
            if by_words:
                regions = word_regions(words, [terms_of(word) for word in words.texts])
            regions = regions or evidence_regions(query, embedding, words)
            segments[id(ranked_page.open_segment)] = ranked_page.open_segment.segment
            text = snippet(words, regions)
            hits.append(
                PageHit(
                    rank=len(hits) + 1,
                    collection=collection.name,
                    document=ranked_page.target.scope.document_of(page_id),
                    page=page,
                    score=round(ranked_page.score, 4),
                    evidence=tuple(region.evidence for region in regions),
                    snippet=text,
                    matches=tuple(places_of_terms(text, terms)),
                    fingerprint=collection.fingerprint,
                    similarity=round(ranked_page.similarity, 4),
                )
            )
        for segment in segments.values():
            segment.require_unbroken()
            segment.require_unbroken_boxes()
        return tuple(hits)


def snippet(words: PageWords, regions: tuple[Region, ...]) -> str:
    """Quote up to MAX_CHARACTERS of the page: the words of the best region.

    Where those are not known: what stands from the line of the first word in it.
    """
    if len(words) == 0:
        return ""
    start, end = _span(words, regions)
    stop = min(start + MAX_CHARACTERS, end)  # a word has at least one character
    text = words.quote(start, stop)
    if len(text) <= MAX_CHARACTERS and stop >= end:
        return text
    return text[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _span(words: PageWords, regions: tuple[Region, ...]) -> tuple[int, int]:
    if regions and regions[0].stop > regions[0].start:
        return regions[0].start, regions[0].stop
    return _line_start(words, _first_word_inside(words, regions)), len(words)


def _first_word_inside(words: PageWords, regions: tuple[Region, ...]) -> int:
    if not regions:
        return 0
    x0, y0, x1, y1 = (value * BOX_SCALE for value in regions[0].evidence.box)
    centres = (words.boxes[:, :2].astype(np.float64) + words.boxes[:, 2:]) / 2
    inside = (centres >= (x0, y0)).all(axis=1) & (centres <= (x1, y1)).all(axis=1)
    return int(inside.argmax()) if inside.any() else 0


def _line_start(words: PageWords, word: int) -> int:
    return int(np.searchsorted(words.lines, words.lines[word]))
