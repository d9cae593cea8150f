"""A hit as JSON, the same at every door, and the search that found it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from api.base.links import Links
from api.schemas.pages import PageBody, page_fields
from indexer.catalog.document_records import DocumentVersion
from retriever.hits import Evidence, MissingPages, PageHit, SearchResult


class HitBody(PageBody):
    """A page that a search found. `rank` counts from 1, the best.

    `score` is the MaxSim of the query and the page, and what its words and the numbers that the query names
    add (`PAGESIGHT_HYBRID`), or what the `mode` of the search names of them. Scores of one query compare over
    pages and collections of one encoder; those of two queries do not. `evidence` is of the MaxSim alone,
    or of the words where they alone rank.
    `matches` are the words of the query in the snippet: start and end, in characters.
    `version` says which of the documents of that name it is of, null where there is one; `attachment_of`
    names the document that this one is attached to; `tags` and `metadata` are the document's.
    """

    rank: int
    collection: str
    score: float
    evidence: tuple[Evidence, ...]
    snippet: str
    matches: tuple[tuple[int, int], ...] = ()
    version: DocumentVersion | None = None
    attachment_of: str | None = None
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = Field(default_factory=dict)


class LinkedHit(HitBody):
    """A hit for those who read it elsewhere.

    `url` shows the page to people, with its evidence marked; null where no address of the service is known.
    """

    url: str | None
    image_url: str | None


class CandidatesBody(BaseModel):
    """Pages that the candidate index handed on; `recall` is what it finds of the exact ten best."""

    n_candidates: int
    n_pages: int
    recall: float | None
    n_sampled: int


class MissingPagesBody(BaseModel):
    """So many pages of these documents were left out, because stored files are damaged."""

    documents: tuple[str, ...]
    n_pages: int


class Completeness(BaseModel):
    """Whether every page in scope was looked at: `degraded`, and if so what is missing, else null."""

    degraded: bool
    missing_pages: MissingPagesBody | None


class SearchResponse(Completeness):
    """`candidates` is null where every page was scored: the hits are then the exact best."""

    query: str
    hits: list[HitBody]
    timing_ms: dict[str, float]
    candidates: CandidatesBody | None


def hit_body(hit: PageHit) -> HitBody:
    return HitBody(**_hit_fields(hit))


def linked_hit(hit: PageHit, links: Links | None, *, with_image: bool = True) -> LinkedHit:
    """A hit with its addresses; `links` is None where no address of this service is known."""
    boxes = [evidence.box for evidence in hit.evidence]
    return LinkedHit(
        **_hit_fields(hit),
        url=links.viewer(hit.page.id, boxes) if links else None,
        image_url=links.image(hit.page.id) if links and with_image else None,
    )


def search_body(result: SearchResult) -> SearchResponse:
    report = result.candidates
    return SearchResponse(
        query=result.query,
        hits=[hit_body(hit) for hit in result.hits],
        timing_ms=result.timing_ms,
        candidates=CandidatesBody(**asdict(report)) if report else None,
        **completeness(result.missing_pages),
    )


def completeness(pages: MissingPages | None) -> dict[str, Any]:
    """Return the fields of Completeness."""
    body = MissingPagesBody(**asdict(pages)) if pages else None
    return {"degraded": body is not None, "missing_pages": body}


def _hit_fields(hit: PageHit) -> dict[str, Any]:
    return page_fields(hit.page, hit.document) | {
        "rank": hit.rank,
        "collection": hit.collection,
        "score": hit.score,
        "evidence": hit.evidence,
        "snippet": hit.snippet,
        "matches": hit.matches,
        "version": hit.document.version,
        "attachment_of": hit.document.attachment_of,
        "tags": hit.document.properties.tags,
        "metadata": dict(hit.document.properties.metadata),
    }
