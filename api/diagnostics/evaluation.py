"""`pagesight eval`: the user's own questions, asked and scored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from api.base.errors import InvalidQuestions
from api.diagnostics.ranking_quality import ndcg, recall
from generator.answering.answerer import Answerer
from generator.answering.answers import Answer
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher

DEPTH = 10  # pages retrieved for each question
PagePlace = tuple[str, int]  # (document name, page number)


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a questions file. Without evidence pages the right answer is "not found"."""

    question: str
    document: str | None
    evidence_pages: tuple[int, ...]
    evidence_sources: tuple[str, ...]

    @property
    def answerable(self) -> bool:
        return bool(self.evidence_pages)

    @property
    def gold(self) -> set[PagePlace]:
        return {(self.document or "", number) for number in self.evidence_pages}


@dataclass(slots=True)
class Scores:
    """Figures of a group of answerable questions."""

    ndcg_5: list[float] = field(default_factory=list)
    recall_1: list[float] = field(default_factory=list)
    recall_5: list[float] = field(default_factory=list)
    recall_10: list[float] = field(default_factory=list)

    def add(self, ranking: Sequence[PagePlace], gold: set[PagePlace]) -> None:
        self.ndcg_5.append(ndcg(ranking, gold, 5))
        self.recall_1.append(recall(ranking, gold, 1))
        self.recall_5.append(recall(ranking, gold, 5))
        self.recall_10.append(recall(ranking, gold, 10))

    def to_dict(self) -> dict[str, Any]:
        return {
            "questions": len(self.ndcg_5),
            "ndcg@5": _mean(self.ndcg_5),
            "recall@1": _mean(self.recall_1),
            "recall@5": _mean(self.recall_5),
            "recall@10": _mean(self.recall_10),
        }


@dataclass(slots=True)
class Abstention:
    """How the answers did: who was answered, who was told "not found", and who should have been."""

    n_answered: int = 0
    wrongly_abstained: int = 0
    rightly_abstained: int = 0
    wrongly_answered: int = 0
    cited_gold: int = 0  # answers whose first citation stands on a right page

    def add(self, question: Question, answer: Answer) -> None:
        if question.answerable and answer.grounded:
            self.n_answered += 1
            first = answer.citations[0]
            self.cited_gold += (first.document, first.page_number) in question.gold
        elif question.answerable:
            self.wrongly_abstained += 1
        elif answer.grounded:
            self.wrongly_answered += 1
        else:
            self.rightly_abstained += 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "answered": self.n_answered,
            "wrongly_abstained": self.wrongly_abstained,
            "rightly_abstained": self.rightly_abstained,
            "wrongly_answered": self.wrongly_answered,
            "first_citation_on_gold_page": _share(self.cited_gold, self.n_answered),
        }


def read_questions(path: Path) -> list[Question]:
    """A JSON-lines file of `question`, `document`, `evidence_pages`, `evidence_sources`.

    Raises InvalidQuestions, naming the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidQuestions(f"cannot read {path}: {error}") from error
    questions = [_question(path, n, line) for n, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise InvalidQuestions(f"{path} holds no question: write one JSON object per line")
    return questions


def evaluate(
    questions: Iterable[Question],
    collection: str,
    searcher: Searcher,
    answerer: Answerer,
    *,
    whole_collection: bool = False,
) -> dict[str, Any]:
    """The figures of `eval --json`. A question's document is a filter unless `whole_collection`."""
    every, by_source, abstention, n = Scores(), defaultdict[str, Scores](Scores), Abstention(), 0
    stage_1: list[float] = []
    for n, question in enumerate(questions, 1):  # noqa: B007 - n is the count when the loop ends
        within = bool(question.document) and not whole_collection
        page_filter = SearchFilter((question.document or "",)) if within else SearchFilter()
        if question.answerable:
            result = searcher.search(question.question, [collection], DEPTH, page_filter)
            hits = result.hits
            stage_1.append(_stage_1_recall(result, searcher, collection, page_filter))
            ranking = [(hit.document.name, hit.page.page_number) for hit in hits]
            for scores in (every, *(by_source[source] for source in question.evidence_sources)):
                scores.add(ranking, question.gold)
        answer = answerer.answer(question.question, [collection], filter=page_filter)
        abstention.add(question, answer)
    overall = every.to_dict()
    return {
        **overall,
        "questions": n,
        "answerable": overall["questions"],
        "stage1_recall@10": _mean(stage_1),
        "abstention": abstention.to_dict(),
        "by": {source: scores.to_dict() for source, scores in sorted(by_source.items())},
    }


def _stage_1_recall(
    result: SearchResult, searcher: Searcher, collection: str, page_filter: SearchFilter
) -> float:
    """Share of the exact best pages that were found; 1 where every page was scored anyway."""
    if result.candidates is None:
        return 1.0
    exact = searcher.search(result.query, [collection], DEPTH, page_filter, exact=True).hits
    return recall([hit.page.id for hit in result.hits], {hit.page.id for hit in exact}, DEPTH)


def _question(path: Path, n: int, line: str) -> Question:
    try:
        body = json.loads(line)
        question = Question(
            question=str(body["question"]),
            document=body.get("document"),
            evidence_pages=tuple(int(page) for page in body.get("evidence_pages", ())),
            evidence_sources=tuple(map(str, body.get("evidence_sources", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidQuestions(
            f'{path} line {n} cannot be read: write {{"question": "...", "document": "a.pdf", '
            f'"evidence_pages": [3]}}'
        ) from error
    if question.answerable and not question.document:
        raise InvalidQuestions(f"{path} line {n} names evidence pages but no document")
    return question


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 4) if values else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
