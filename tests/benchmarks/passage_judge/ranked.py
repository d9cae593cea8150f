"""Writes the best passages of each question as the product ranks them, which are right, and what came of it.

    python -m tests.benchmarks.passage_judge.ranked QUESTIONS.jsonl DATA_FOLDER COLLECTION RANKED.pt

Each question is asked of its own document. Judges are then tried on RANKED without another search.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor

from api.base.settings import Settings
from api.diagnostics.comparison.gold import GoldAnswer
from api.diagnostics.comparison.rules import compare
from api.diagnostics.evaluation.asking import Examiner
from api.diagnostics.evaluation.questions import read_questions
from api.services.wiring import wire
from generator.answering import extractive_writer
from generator.answering.further_passages import repeats
from generator.answering.quoting import value_in
from generator.passages import same_meaning
from generator.passages.same_meaning import Encode
from generator.passages.splitting.passage import Passage
from generator.passages.support import Quotation
from generator.passages.values.value import reading_of
from indexer.base.pages import QueryEmbedding
from tests.benchmarks.passage_judge.groups import MAX_PIECES, below_heading

_N_PASSAGES, _MAX_HEADING, _MAX_TEXT = 8, 120, 400


class RankedPassage(TypedDict):
    text: str
    vectors: Tensor
    strength: float
    is_right: bool
    is_row: bool
    lacks_thing: bool
    n_pages: int


class RankedQuestion(TypedDict):
    """gain: of the best passage's strength, by `same_meaning`."""

    question: str
    vectors: Tensor
    is_answerable: bool
    is_refused: bool
    gain: float
    passages: list[RankedPassage]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the ranked passages of questions.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("collection")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    wired = wire(Settings(data_dir=arguments.data))
    catalog = wired.stores.catalog
    stored = catalog.documents.of_collection(catalog.collections.get(arguments.collection).id)
    names = {document.name for document in stored if document.verdict.searchable}
    questions = [q for q in read_questions(arguments.questions) if q.document in names]
    examiner = Examiner(arguments.collection, wired.searcher, wired.answerer, catalog)
    ranked: list[RankedQuestion] = []

    def with_meaning(
        ranking: Sequence[Quotation], query: QueryEmbedding, encode: Encode | None
    ) -> list[Quotation]:
        stronger = same_meaning.with_meaning(ranking, query, encode)
        if stronger and encode is not None:
            gain = stronger[0].strength - ranking[0].strength
            ranked.append(_ranked(ranking, query, encode, question.answer, gain))
        return stronger

    extractive_writer.with_meaning = with_meaning
    for question in questions:
        n_before = len(ranked)
        (record,) = examiner.ask([question])
        for row in ranked[n_before:]:
            row["question"], row["is_answerable"] = question.question, question.answerable
            row["is_refused"] = record.refused
    torch.save(ranked, arguments.out)


def _ranked(
    ranking: Sequence[Quotation],
    query: QueryEmbedding,
    encode: Encode,
    gold: GoldAnswer,
    gain: float,
) -> RankedQuestion:
    best: list[Quotation] = []
    for quotation in ranking:
        if len(best) == _N_PASSAGES:
            break
        if not any(repeats(quotation, better) for better in best):
            best.append(quotation)
    texts = [text_of(quotation.passage) for quotation in best]
    passages: list[RankedPassage] = [
        {
            "text": text,
            "vectors": torch.tensor(embedding.vectors[:MAX_PIECES]),
            "strength": quotation.strength,
            "is_right": _is_right(gold, quotation),
            "is_row": bool(reading_of(quotation.passage)),
            "lacks_thing": quotation.lacks_thing,
            "n_pages": quotation.page.hit.document.n_pages,
        }
        for quotation, text, embedding in zip(best, texts, encode(texts), strict=True)
    ]
    return {
        "question": "",
        "vectors": torch.tensor(query.vectors),
        "is_answerable": False,
        "is_refused": False,
        "gain": gain,
        "passages": passages,
    }


def text_of(passage: Passage) -> str:
    """Return a passage behind what stands above it, a row as its label and its values with their heads."""
    above = [part for part in passage.context if part and part not in passage.quote]
    text = reading_of(passage) or passage.quote
    return below_heading(". ".join(above)[:_MAX_HEADING], text[:_MAX_TEXT])


def _is_right(gold: GoldAnswer, quotation: Quotation) -> bool:
    if not gold.is_known:
        return False
    value = value_in(quotation)
    texts = [quotation.passage.quote, value.text if value else ""]
    return any(compare(gold, text).verdict.value == "right" for text in texts)


if __name__ == "__main__":
    main()
