"""Finds the pages that an answer is written from, by the plan of reading."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.answering.finding.page_choice import ReadingPlan, narrow, runs_on
from generator.answering.page_reading import read_pages
from generator.passages.support import ReadPage
from indexer.catalog.catalog import Catalog
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class PageSearch:
    """Where pages are searched, and how many are read."""

    collections: Sequence[str]
    k: int
    filter: SearchFilter
    image: Image | None = None


class PageFinder:
    """Searches pages, and reads those that are handed on."""

    def __init__(self, searcher: Searcher, catalog: Catalog, plan: ReadingPlan) -> None:
        self._searcher = searcher
        self._catalog = catalog
        self._plan = plan

    def find(self, query: str, search: PageSearch) -> tuple[SearchResult, list[ReadPage]]:
        """Search, and return the pages that are read; the result's hits are those.

        Raises what `Searcher.search` raises.
        """
        n_wide = max(search.k, self._plan.narrow_from)
        result = self._searcher.search(
            query, search.collections, n_wide, search.filter, image=search.image
        )
        pages = read_pages(result.hits, self._catalog, self._searcher)
        if n_wide == search.k and not self._plan.with_neighbours:
            return result, pages
        pages = narrow(query, result.embedding, pages, search.k)
        if self._plan.with_neighbours:
            pages += self._neighbours(query, pages, search)
        return replace(result, hits=tuple(page.hit for page in pages)), pages

    def _neighbours(
        self, query: str, pages: Sequence[ReadPage], search: PageSearch
    ) -> list[ReadPage]:
        """Return the pages behind those that run on, which were not found by themselves."""
        own_ids = {page.hit.page.id for page in pages}
        next_ids = {
            page.hit.page.id + 1
            for page in pages
            if page.hit.page.page_number < page.hit.document.n_pages and runs_on(page.words)
        } - own_ids
        return self.read(query, next_ids, search)

    def read(self, query: str, page_ids: Set[int], search: PageSearch) -> list[ReadPage]:
        """Read certain pages, those that the search may reach. Raises what `Searcher.search` raises."""
        allowed_ids = search.filter.page_ids
        own_ids = page_ids if allowed_ids is None else page_ids & allowed_ids
        if not own_ids:
            return []
        only = replace(search.filter, page_ids=frozenset(own_ids))
        result = self._searcher.search(query, search.collections, len(own_ids), only)
        return read_pages(result.hits, self._catalog, self._searcher)
