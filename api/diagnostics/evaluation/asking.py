"""Asks every question, and writes down what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.diagnostics.evaluation.judging import judge
from api.diagnostics.evaluation.page_words import StoredPages
from api.diagnostics.evaluation.questions import Question
from api.diagnostics.evaluation.ranking_quality import ndcg, recall
from api.diagnostics.evaluation.records import QuestionRecord
from generator.answering.answerer import Answerer
from generator.answering.answers import Answer
from generator.errors import BackendError
from indexer.catalog.catalog import Catalog
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher

DEPTH = 10  # pages retrieved for each question


class Examiner:
    """Asks questions of one collection."""

    def __init__(
        self,
        collection: str,
        searcher: Searcher,
        answerer: Answerer,
        catalog: Catalog,
        *,
        whole_collection: bool = False,
    ) -> None:
        self._collection = collection
        self._searcher = searcher
        self._answerer = answerer
        self._whole_collection = whole_collection
        self._pages = StoredPages(catalog, collection)

    def ask(self, questions: Iterable[Question]) -> Iterator[QuestionRecord]:
        """Yield a record for each question. Raises what `Answerer.answer` raises but BackendError."""
        for question in questions:
            within = question.document and not self._whole_collection
            page_filter = SearchFilter((question.document or "",)) if within else SearchFilter()
            result = None
            if question.gold:
                result = self._searcher.search(
                    question.question, [self._collection], DEPTH, page_filter
                )
            answer, error = self._answer(question, page_filter)
            record = self._record(question, answer, result)
            record.error = error
            if result is not None:
                record.figures["stage1_recall@10"] = self._stage_1_recall(result, page_filter)
            judge(record, question, answer, self._pages)
            yield record

    def _answer(self, question: Question, page_filter: SearchFilter) -> tuple[Answer, str]:
        """Return the answer, or an empty one and what the model failed with: a long run goes on."""
        try:
            answer = self._answerer.answer(
                question.question, [self._collection], filter=page_filter
            )
        except BackendError as error:
            return Answer(question.question, "", False, (), (), {}), f"{error.code}: {error}"
        return answer, ""

    def _record(
        self, question: Question, answer: Answer, result: SearchResult | None
    ) -> QuestionRecord:
        hits = result.hits if result is not None else answer.pages
        ranking = [(hit.document.name, hit.page.page_number) for hit in hits]
        is_printed = None
        if question.answerable and question.answer.is_known and question.gold:
            is_printed = self._pages.is_printed(question.question, question.answer, question.gold)
        return QuestionRecord(
            document=question.document,
            question=question.question,
            answer_format=question.answer.answer_format,
            evidence_sources=list(question.evidence_sources),
            gold_answer=question.gold_text,
            accept=list(question.answer.accept),
            gold_pages=sorted(question.gold),
            answerable=question.answerable,
            is_printed=is_printed,
            pages=ranking,
            answer=answer.answer,
            refused=not answer.grounded,
            support=answer.support,
            figures=_ranking_figures(ranking, question) if result is not None else {},
            total_ms=float(answer.usage.get("total_ms", 0.0)),
        )

    def _stage_1_recall(self, result: SearchResult, page_filter: SearchFilter) -> float:
        """Share of the exact best pages that were found; 1 where every page was scored anyway."""
        if result.candidates is None:
            return 1.0
        exact = self._searcher.search(
            result.query, [self._collection], DEPTH, page_filter, exact=True
        ).hits
        return recall([hit.page.id for hit in result.hits], {hit.page.id for hit in exact}, DEPTH)


def _ranking_figures(ranking: list[tuple[str, int]], question: Question) -> dict[str, float]:
    return {
        "ndcg@5": ndcg(ranking, question.gold, 5),
        "recall@1": recall(ranking, question.gold, 1),
        "recall@5": recall(ranking, question.gold, 5),
        "recall@10": recall(ranking, question.gold, 10),
    }
