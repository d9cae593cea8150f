"""The best pages of some collections for a query: stage 1 where it pays, exact scores always."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.candidates.recall import RecallMeter, RecallReport, ShadowSampler
from retriever.candidates.token_candidates import SearchParams, candidates
from retriever.hits import CandidateReport
from retriever.open_collections import OpenCollection, OpenSegment
from retriever.query.page_scope import PageScope
from retriever.scoring.bounds import PageScorer, Query, Rows, Scores, best_of
from retriever.settings import RetrieverSettings

JUDGED_K = 10  # recall is measured over the ten best


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A collection, and the pages of it that may be scored."""

    collection: OpenCollection
    scope: PageScope


@dataclass(frozen=True, slots=True, eq=False)
class RankedPage:
    score: float
    page_id: int
    target: Target
    opened: OpenSegment


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Pages, best first, equal scores in order of page id."""

    pages: list[RankedPage]
    candidates: CandidateReport | None
    candidates_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Shelf:
    """One segment of a target; `effort` is None where every allowed page is scored.

    allowed  (P,) bool
    """

    target: Target
    opened: OpenSegment
    allowed: NDArray[np.bool_]
    effort: SearchParams | None

    def rows(self) -> Rows:
        return np.flatnonzero(self.allowed)


class Ranker:
    """Ranks pages. Safe to use from several threads."""

    def __init__(
        self,
        scorer: PageScorer,
        settings: RetrieverSettings,
        meter: RecallMeter | None = None,
    ) -> None:
        self._scorer = scorer
        self._from_pages = settings.candidates_from_pages
        self._meter = meter or RecallMeter(settings.target_recall)
        self._sampler = ShadowSampler(settings.recall_sampling)

    def rank(
        self, queries: Sequence[Query], targets: Sequence[Target], k: int, *, exact: bool = False
    ) -> list[Ranking]:
        """The `k` best pages for each query; the queries share one pass over pages scored wholly."""
        shelves = [shelf for target in targets for shelf in self._shelves(target, exact=exact)]
        whole = [shelf for shelf in shelves if shelf.effort is None]
        scored = [self._scorer.rough(queries, shelf.opened, shelf.rows()) for shelf in whole]
        rankings = []
        for i, query in enumerate(queries):
            mine = [(shelf, of_many[i]) for shelf, of_many in zip(whole, scored, strict=True)]
            began = time.perf_counter()
            chosen = [(s, candidates(s.opened.tokens, query, s.allowed, s.effort))
                      for s in shelves if s.effort is not None]  # fmt: skip
            candidates_s = time.perf_counter() - began
            mine += [
                (shelf, self._scorer.rough([query], shelf.opened, rows)[0])
                for shelf, rows in chosen
            ]
            report = self._report(chosen) if chosen else None
            rankings.append(Ranking(self._best(query, mine, k), report, candidates_s))
            if chosen:
                self._sample(query, targets)
        return rankings

    def recall(self, collection_id: str) -> RecallReport:
        return self._meter.report(collection_id)

    def _shelves(self, target: Target, *, exact: bool) -> list[_Shelf]:
        """The segments in which the scope allows a page."""
        shelves = []
        for opened in target.collection.segments:
            allowed = target.scope.allows(opened.segment.page_ids)
            n_allowed = int(allowed.sum())
            if n_allowed == 0:
                continue
            effort = None
            if not exact and opened.tokens is not None and n_allowed > self._from_pages:
                effort = self._meter.effort(_id(target), opened.record.n_vectors)
            shelves.append(_Shelf(target, opened, allowed, effort))
        return shelves

    def _best(
        self, query: Query, scored: Sequence[tuple[_Shelf, Scores]], k: int
    ) -> list[RankedPage]:
        targets = {id(shelf.opened): shelf.target for shelf, _ in scored}
        found = [
            RankedPage(
                score=float(score),
                page_id=int(one.opened.segment.page_ids[row]),
                target=targets[id(one.opened)],
                opened=one.opened,
            )
            for one in best_of(self._scorer, query, [scores for _, scores in scored], k)
            for row, score in zip(one.rows, one.values, strict=True)
        ]
        found.sort(key=lambda page: (-page.score, page.page_id))
        return found[:k]

    def _report(self, chosen: Sequence[tuple[_Shelf, Rows]]) -> CandidateReport:
        reports = [self._meter.report(_id(shelf.target)) for shelf, _ in chosen]
        measured = [report for report in reports if report.recall is not None]
        worst = min(measured, key=lambda report: report.recall or 0.0, default=None)
        return CandidateReport(
            n_candidates=sum(len(rows) for _, rows in chosen),
            n_pages=sum(int(shelf.allowed.sum()) for shelf, _ in chosen),
            recall=worst.recall if worst else None,
            n_sampled=worst.n_sampled if worst else 0,
        )

    def _sample(self, query: Query, targets: Sequence[Target]) -> None:
        def measure() -> None:
            for target in targets:
                if any(shelf.effort for shelf in self._shelves(target, exact=False)):
                    self._meter.record(_id(target), self._measured_recall(query, target))

        self._sampler.offer(measure)

    def _measured_recall(self, query: Query, target: Target) -> float:
        """Share of the exact ten best pages that stage 1 lets through; equal scores are equally good."""
        truth, found = (
            self._best(query, self._scored(query, target, exact=exact), JUDGED_K)
            for exact in (True, False)
        )
        if not truth:
            return 1.0
        floor = truth[-1].score - 1e-5
        return min(1.0, sum(page.score >= floor for page in found) / len(truth))

    def _scored(self, query: Query, target: Target, *, exact: bool) -> list[tuple[_Shelf, Scores]]:
        scored = []
        for shelf in self._shelves(target, exact=exact):
            rows = shelf.rows()
            if shelf.effort is not None:
                rows = candidates(shelf.opened.tokens, query, shelf.allowed, shelf.effort)
            scored.append((shelf, self._scorer.rough([query], shelf.opened, rows)[0]))
        return scored


def _id(target: Target) -> str:
    return target.collection.snapshot.collection.id
