"""Pages that were ranked for a query, and where they were looked for."""

from __future__ import annotations

from dataclasses import dataclass

from retriever.hits import CandidateReport
from retriever.open_collections import OpenCollection, OpenSegment
from retriever.query.page_scope import PageScope


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A collection, and the pages of it that may be scored."""

    collection: OpenCollection
    scope: PageScope

    @property
    def collection_id(self) -> str:
        return self.collection.snapshot.collection.id


@dataclass(frozen=True, slots=True, eq=False)
class RankedPage:
    """A page with its exact score, and where its vectors lie.

    similarity  its MaxSim alone
    """

    score: float
    similarity: float
    page_id: int
    target: Target
    open_segment: OpenSegment


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Pages, best first, equal scores in order of page id.

    candidates    what stage 1 did, None where every page was scored
    candidates_s  seconds that stage 1 took
    """

    pages: list[RankedPage]
    candidates: CandidateReport | None
    candidates_s: float
