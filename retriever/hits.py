"""What goes into a search and what comes out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.base.pages import FractionBox, QueryEmbedding
from indexer.catalog.document_records import Document, Page
from retriever.errors import InvalidFilter


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which pages may be scored at all. An empty filter allows every page.

    documents   ids or names; a page of any of them passes
    page_range  first and last page number, both included
    collection_ids  of what the asker may see: a page of any other collection is never scored; None: all
    """

    documents: tuple[str, ...] = ()
    page_range: tuple[int, int] | None = None
    collection_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A region of a page, and its share of the page's score."""

    box: FractionBox
    score: float


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page found, best first. `score` is the exact MaxSim of the query and this page."""

    rank: int
    collection: str
    document: Document
    page: Page
    score: float
    evidence: tuple[Evidence, ...]
    snippet: str


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """What stage 1 did for a search.

    n_candidates   pages that it handed on to exact scoring
    n_pages        pages that it chose from
    recall         share of the exact ten best that it finds, measured; None until it was
    n_sampled      queries that `recall` was measured over
    """

    n_candidates: int
    n_pages: int
    recall: float | None
    n_sampled: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits, and the query's own multi-vector for whoever looks closer at them.

    candidates  None when every page was scored: the result is then the exact one
    """

    query: str
    embedding: QueryEmbedding
    hits: tuple[PageHit, ...]
    timing_ms: dict[str, float]
    candidates: CandidateReport | None = None


def parse_filters(terms: list[str]) -> SearchFilter:
    """Filters as a person types them: `document=NAME` (repeatable), `pages=3-10` or `pages=7`.

    Raises InvalidFilter.
    """
    documents: list[str] = []
    page_range: tuple[int, int] | None = None
    for term in terms:
        name, equals, value = term.partition("=")
        if equals and value and name == "document":
            documents.append(value)
        elif equals and name == "pages" and page_range is None:
            page_range = parse_page_range(value)
        else:
            raise InvalidFilter(
                f"cannot read the filter {term!r}: write document=NAME (repeatable) or pages=3-10"
            )
    return SearchFilter(tuple(documents), page_range)


def parse_page_range(value: str) -> tuple[int, int]:
    """`7` or `3-10`, both ends included. Raises InvalidFilter."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", value)
    if match is None:
        raise InvalidFilter(f"cannot read the page range {value!r}: write 7 or 3-10")
    first = int(match[1])
    last = int(match[2] or match[1])
    if first < 1 or last < first:
        raise InvalidFilter(f"the page range {value!r} is empty: pages count from 1 upwards")
    return first, last
