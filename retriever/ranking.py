"""Ranks the pages of some collections for a query: stage 1 where it pays, exact scores always.

A page's score is its MaxSim, and what its words add. Where stage 1 chooses, the pages with the most of the
latter are candidates, too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import Unreadable
from retriever.candidates.recall import RecallMeter, RecallReport, ShadowSampler
from retriever.candidates.token_candidates import SearchParams, candidates
from retriever.hits import CandidateReport
from retriever.open_collections import OpenSegment
from retriever.ranked_pages import RankedPage, Ranking, Target
from retriever.scoring.bounds import (
    NO_SCORE,
    PageScorer,
    QueryVectors,
    Rows,
    SegmentScores,
    best_of,
)
from retriever.settings import RetrieverSettings
from retriever.words.bonuses import NO_BONUSES, PageBonuses

_log = logging.getLogger(__name__)

Bonuses = Mapping[str, PageBonuses]  # by collection id
RECALL_K = 10  # recall is measured over the ten best
_LEAST_GAIN = np.float32(1e-6)  # of a page that has any of a question's words


@dataclass(frozen=True, slots=True, eq=False)
class _SearchSegment:
    """One segment of a target.

    in_scope  (P,) bool
    params    of stage 1; None where every page in scope is scored
    """

    target: Target
    open_segment: OpenSegment
    in_scope: NDArray[np.bool_]
    params: SearchParams | None

    def rows(self) -> Rows:
        return np.flatnonzero(self.in_scope)

    def candidate_rows(self, query: QueryVectors, bonuses: PageBonuses) -> Rows:
        """Return the rows worth an exact score: those that stage 1 or words choose, or all in scope."""
        if self.params is None:
            return self.rows()
        assert self.open_segment.tokens is not None
        try:
            by_vectors = candidates(self.open_segment.tokens, query, self.in_scope, self.params)
        except Unreadable as error:  # exact, and slower
            _log.warning("every page is scored: %s", error)
            return self.rows()
        bonus = bonuses.of(self.open_segment.segment.page_ids) * self.in_scope
        by_words = np.argsort(-bonus, kind="stable")[: self.params.n_candidates]
        return np.union1d(by_vectors, by_words[bonus[by_words] > 0])


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
        self,
        queries: Sequence[QueryVectors],
        targets: Sequence[Target],
        k: int,
        *,
        exact: bool = False,
        bonuses: Sequence[Bonuses] = (),
    ) -> list[Ranking]:
        """Rank the `k` best pages for each query; they share a pass over segments without stage 1.

        bonuses  for each query, what pages gain by their words; by default nothing
        """
        bonuses = bonuses or [{}] * len(queries)
        segments = [
            segment for target in targets for segment in self._segments(target, exact=exact)
        ]
        whole = [segment for segment in segments if segment.params is None]
        large = [segment for segment in segments if segment.params is not None]
        rough = [self._scorer.rough(queries, s.open_segment, s.rows()) for s in whole]
        rankings = []
        for i, query in enumerate(queries):
            began = time.perf_counter()
            candidate_rows = [
                (segment, segment.candidate_rows(query, _bonuses_of(segment, bonuses[i])))
                for segment in large
            ]
            candidates_s = time.perf_counter() - began
            scores = [(segment, of_each[i]) for segment, of_each in zip(whole, rough, strict=True)]
            scores += [
                (segment, self._rough(query, segment, rows)) for segment, rows in candidate_rows
            ]
            report = self._report(candidate_rows) if candidate_rows else None
            best = self._best(query, scores, k, bonuses[i])
            rankings.append(Ranking(best, report, candidates_s))
            if candidate_rows:
                self._sample(query, targets, bonuses[i])
        return rankings

    def rank_by_words(
        self,
        queries: Sequence[QueryVectors],
        targets: Sequence[Target],
        k: int,
        bonuses: Sequence[Bonuses],
    ) -> list[Ranking]:
        """Rank the `k` pages that gain most by their words; only of equal ones does MaxSim decide.

        A page without any of the words is not in it.
        """
        segments = [segment for target in targets for segment in self._segments(target, exact=True)]
        return [
            Ranking(self._best_by_words(query, segments, k, bonuses[i]), None, 0.0)
            for i, query in enumerate(queries)
        ]

    def _best_by_words(
        self, query: QueryVectors, segments: Sequence[_SearchSegment], k: int, bonuses: Bonuses
    ) -> list[RankedPage]:
        gains = [
            _bonuses_of(segment, bonuses).of(segment.open_segment.segment.page_ids)
            * segment.in_scope
            for segment in segments
        ]
        every_gain = np.sort(np.concatenate([np.zeros(0, np.float32), *gains]))
        lowest_gain = max(every_gain[-k:][0], _LEAST_GAIN) if len(every_gain) else _LEAST_GAIN
        pages = []
        for segment, gain in zip(segments, gains, strict=True):
            rows = np.flatnonzero(gain >= lowest_gain)
            if not len(rows):
                continue
            exact = self._scorer.exact(query, segment.open_segment, rows)
            page_ids = segment.open_segment.segment.page_ids[rows]
            pages += [
                RankedPage(
                    float(score), float(similarity), int(page_id),
                    segment.target, segment.open_segment,
                )
                for score, similarity, page_id in zip(
                    gain[rows], exact.values, page_ids, strict=True
                )
                if similarity > NO_SCORE
            ]  # fmt: skip
        pages.sort(key=lambda page: (-page.score, -page.similarity, page.page_id))
        return pages[:k]

    def recall(self, collection_id: str) -> RecallReport:
        return self._meter.report(collection_id)

    def _segments(self, target: Target, *, exact: bool) -> list[_SearchSegment]:
        """List the segments in which the scope allows a page."""
        segments = []
        for open_segment in target.collection.segments:
            in_scope = target.scope.allows(open_segment.segment.page_ids, open_segment.record.name)
            readable = open_segment.segment.readable()
            if readable is not None:
                in_scope &= readable
            n_in_scope = int(in_scope.sum())
            if n_in_scope == 0:
                continue
            params = None
            if not exact and open_segment.tokens is not None and n_in_scope > self._from_pages:
                n_vectors = open_segment.record.n_vectors
                params = self._meter.search_params(target.collection_id, n_vectors)
            segments.append(_SearchSegment(target, open_segment, in_scope, params))
        return segments

    def _rough(self, query: QueryVectors, segment: _SearchSegment, rows: Rows) -> SegmentScores:
        return self._scorer.rough([query], segment.open_segment, rows)[0]

    def _best(
        self,
        query: QueryVectors,
        rough: Sequence[tuple[_SearchSegment, SegmentScores]],
        k: int,
        bonuses: Bonuses,
    ) -> list[RankedPage]:
        """Rerank: score exactly what may still be among the `k` best, and sort it."""
        targets = {id(segment.open_segment): segment.target for segment, _ in rough}
        with_bonus = [
            _with_bonus(scores, _bonuses_of(segment, bonuses)) for segment, scores in rough
        ]
        pages = [
            RankedPage(
                score=float(score),
                similarity=float(similarity),
                page_id=int(scores.open_segment.segment.page_ids[row]),
                target=targets[id(scores.open_segment)],
                open_segment=scores.open_segment,
            )
            for scores in best_of(self._scorer, query, with_bonus, k)
            for row, score, similarity in zip(
                scores.rows, scores.totals, scores.values, strict=True
            )
        ]
        pages.sort(key=lambda page: (-page.score, page.page_id))
        return pages[:k]

    def _report(self, candidate_rows: Sequence[tuple[_SearchSegment, Rows]]) -> CandidateReport:
        reports = [
            self._meter.report(segment.target.collection_id) for segment, _ in candidate_rows
        ]
        with_recall = [report for report in reports if report.recall is not None]
        worst = min(with_recall, key=lambda report: report.recall or 0.0, default=None)
        return CandidateReport(
            n_candidates=sum(len(rows) for _, rows in candidate_rows),
            n_pages=sum(int(segment.in_scope.sum()) for segment, _ in candidate_rows),
            recall=worst.recall if worst else None,
            n_sampled=worst.n_sampled if worst else 0,
        )

    def _sample(self, query: QueryVectors, targets: Sequence[Target], bonuses: Bonuses) -> None:
        """Offer the query to the sampler, which measures the recall of stage 1 in the background."""

        def measure() -> None:
            for target in targets:
                if any(segment.params for segment in self._segments(target, exact=False)):
                    self._meter.record(
                        target.collection_id, self._recall_of(query, target, bonuses)
                    )

        self._sampler.offer(measure)

    def _recall_of(self, query: QueryVectors, target: Target, bonuses: Bonuses) -> float:
        """Measure which share of the exact best pages stage 1 lets through; equal scores are equally good."""
        of_target = bonuses.get(target.collection_id, NO_BONUSES)
        truth, through_stage_1 = (
            self._best(
                query,
                [
                    (segment, self._rough(query, segment, segment.candidate_rows(query, of_target)))
                    for segment in self._segments(target, exact=exact)
                ],
                RECALL_K,
                bonuses,
            )
            for exact in (True, False)
        )
        if not truth:
            return 1.0
        floor = truth[-1].score - 1e-5
        return min(1.0, sum(page.score >= floor for page in through_stage_1) / len(truth))


def _bonuses_of(segment: _SearchSegment, bonuses: Bonuses) -> PageBonuses:
    return bonuses.get(segment.target.collection_id, NO_BONUSES)


def _with_bonus(scores: SegmentScores, bonuses: PageBonuses) -> SegmentScores:
    """Return the scores with the bonus of each page; without one where no page has any."""
    if not len(bonuses.page_ids):
        return scores
    return replace(scores, bonus=bonuses.of(scores.open_segment.segment.page_ids[scores.rows]))
