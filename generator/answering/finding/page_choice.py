"""Chooses the few pages that a model reads out of the many that were found, by what their passages say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.passages.questions.parsed_question import read_question
from generator.passages.support import ReadPage, quotations
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords, QueryEmbedding

_FURNITURE = (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE, BlockKind.NOTE)
_RANK_WEIGHT = 0.1  # of the search's own order against a support of 0..1: it decides between equals
_SENTENCE_ENDS = ".!?:;”\"'’)"


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How pages are come by for a model; the default reads the `k` best of one search.

    narrow_from        pages found at first, of which the best are handed on; fewer than `k`: as many as those
    with_neighbours    also the page behind one whose last table or sentence runs on
    rewritten_searches how often another search is made where the model says that the evidence is missing
    max_cost           an answer that has cost as much is not searched for again; None: any
    """

    narrow_from: int = 0
    with_neighbours: bool = False
    rewritten_searches: int = 0
    max_cost: float | None = None


def narrow(
    question: str, query: QueryEmbedding, pages: Sequence[ReadPage], k: int
) -> list[ReadPage]:
    """Return the `k` pages with the best supported passages, best first.

    A page without words counts by its rank.
    """
    if len(pages) <= k:
        return [*pages]
    best: dict[int, float] = {}
    for quotation in quotations(read_question(question), query, pages):
        id_ = quotation.page.hit.page.id
        best[id_] = max(best.get(id_, 0.0), quotation.closeness)

    def worth(position: int) -> float:
        by_rank = 1 - position / len(pages)
        return best.get(pages[position].hit.page.id, by_rank) + _RANK_WEIGHT * by_rank

    order = sorted(range(len(pages)), key=worth, reverse=True)
    return [pages[position] for position in order[:k]]


def runs_on(words: PageWords) -> bool:
    """Say whether the last table or sentence of a page may go on over the next one."""
    body = [b for b in words.layout.blocks if b.kind not in _FURNITURE and b.stop > b.start]
    if not body:
        return False
    last = body[-1]
    if last.kind is BlockKind.TABLE:
        return True
    is_prose = last.kind in (BlockKind.TEXT, BlockKind.LIST_ITEM)
    return is_prose and words.texts[last.stop - 1][-1] not in _SENTENCE_ENDS
