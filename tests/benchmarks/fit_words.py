"""Fits the weights of `retriever/words/encoder_weights.py`, and prints what each part of retrieval brings.

    python -m tests.benchmarks.fit_words QUESTIONS.jsonl DATA_FOLDER COLLECTION

The collection must hold the documents of the questions. Each question is searched within its document and in
the whole collection; what is fitted is the mean nDCG@5 of both. Documents are parted into halves, and each
half is judged by the weights that were fitted on the other; the weights at the end are fitted on both.

Dimension key: Q questions, P pages of the collection.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.base.settings import Settings
from api.diagnostics.evaluation import Question, read_questions
from api.services.wiring import Services, wire
from indexer.base.pages import QueryEmbedding
from retriever.open_collections import OpenCollections
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.query.question_reading import ReadQuestion, read_question
from retriever.ranked_pages import Target
from retriever.ranking import Ranker
from retriever.scoring.cpu import CpuScorer
from retriever.settings import RetrieverSettings
from retriever.words.bonuses import page_bonuses
from retriever.words.encoder_weights import WordWeights, weights_of
from retriever.words.mean_lengths import MeanLengths

WORD_STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0)
PLACE_STEPS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)

Vector = NDArray[np.float64]


class PageScores(NamedTuple):
    """What the parts say of each page (P,) of the collection."""

    similarity: Vector
    share: Vector
    named: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A question with the pages that answer it.

    as_put    scores of the question as it was put
    as_read   scores of what is searched for when it was read
    n_tokens  content tokens of each
    in_document, is_gold  (P,) bool
    """

    question: Question
    as_put: PageScores
    as_read: PageScores
    n_tokens: tuple[int, int]
    in_document: NDArray[np.bool_]
    is_gold: NDArray[np.bool_]


Score = Callable[[Case], Vector]


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit how much words count beside vectors.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("collection")
    given = parser.parse_args()
    wired = wire(Settings(data_dir=given.data))
    cases = list(collect(wired, given.collection, read_questions(given.questions)))
    print(f"{len(cases)} questions\n")
    shipped = weights_of(wired.encoder.fingerprint.name)
    print_ablation(cases, shipped)
    print_crossed(cases)
    print(f"\nfitted on all: {fit(cases)}, shipped: {shipped}")


def collect(wired: Services, collection: str, questions: Sequence[Question]) -> Iterable[Case]:
    """Yield the questions that have an answer in the collection."""
    stores = wired.stores
    opened = OpenCollections(stores.catalog, stores.vectors, stores.derived_data).open(collection)
    (scope,) = page_scopes([opened.snapshot], SearchFilter())
    target = Target(opened, scope)
    page_ids = np.concatenate(
        [np.arange(a, b) for a, b in zip(scope.starts, scope.stops, strict=True)]
    )
    names = np.array([scope.document_of(int(id_)).name for id_ in page_ids])
    numbers = page_ids - [scope.document_of(int(id_)).first_page_id or 0 for id_ in page_ids] + 1
    for question in questions:
        in_document = names == question.document
        is_gold = in_document & np.isin(numbers, list(question.evidence_pages))
        if not is_gold.any():
            continue
        read = read_question(question.question)
        plain = ReadQuestion(question.question, question.question, (), read.positions, read.places)
        put, looked_for = (scores_of(wired, target, each, page_ids) for each in (plain, read))
        yield Case(question, put[0], looked_for[0], (put[1], looked_for[1]), in_document, is_gold)


def scores_of(
    wired: Services, target: Target, read: ReadQuestion, page_ids: NDArray[np.int64]
) -> tuple[PageScores, int]:
    embedding: QueryEmbedding = wired.encoder.get().encode_queries([read.search_text])[0]
    ranker = Ranker(CpuScorer(1), RetrieverSettings(target_recall=1.0))
    [ranking] = ranker.rank([embedding.vectors], [target], len(page_ids), exact=True)
    similarity = {page.page_id: page.similarity for page in ranking.pages}
    n_tokens = int(embedding.content.sum())
    index = wired.stores.catalog.page_index
    snapshot = target.collection.snapshot.collection
    mean_length = MeanLengths(index).of(snapshot.id, snapshot.generation, target.scope.documents)
    share, named = (
        page_bonuses(read, n_tokens, index, target.scope, mean_length, weights).of(page_ids)
        / n_tokens
        for weights in (WordWeights(1.0, 0.0), WordWeights(0.0, 1.0))
    )
    values = [similarity.get(int(id_), -np.inf) for id_ in page_ids]
    return PageScores(np.array(values), share.astype(float), named.astype(float)), n_tokens


def score(words: float, place: float, *, is_read: bool = True) -> Score:
    """Return what scores the pages of a case with these weights."""

    def of(case: Case) -> Vector:
        scores = case.as_read if is_read else case.as_put
        n_tokens = case.n_tokens[int(is_read)]
        bonus = words * scores.share + place * scores.named
        return scores.similarity + n_tokens * bonus

    return of


def measures(case: Case, scores: Vector, *, within: bool) -> Vector:
    """Return nDCG@5, R@1, R@5, R@10 of one question, (4,)."""
    rows = np.flatnonzero(case.in_document) if within else np.arange(len(scores))
    order = rows[np.argsort(-scores[rows], kind="stable")]
    ranks = np.flatnonzero(case.is_gold[order])
    n_gold = len(ranks)
    ideal = sum(1 / np.log2(i + 2) for i in range(min(n_gold, 5)))
    ndcg = sum(1 / np.log2(rank + 2) for rank in ranks if rank < 5) / ideal
    return np.array([ndcg, *((ranks < k).sum() / n_gold for k in (1, 5, 10))])


def table(cases: Sequence[Case], of: Score) -> Vector:
    """Return the measures (2, Q, 4), within and open."""
    return np.array(
        [[measures(case, of(case), within=within) for case in cases] for within in (True, False)]
    )


def fit(cases: Sequence[Case]) -> WordWeights:
    """Return the weights with the best nDCG@5, of equal ones the smallest."""
    best = max(
        product(WORD_STEPS, PLACE_STEPS),
        key=lambda pair: (round(float(table(cases, score(*pair))[:, :, 0].mean()), 4), -sum(pair)),
    )
    return WordWeights(*best)


def print_ablation(cases: Sequence[Case], shipped: WordWeights) -> None:
    base = table(cases, score(0, 0, is_read=False))
    rows: list[tuple[str, Score]] = [
        ("MaxSim", score(0, 0, is_read=False)),
        ("+ page, figure, table numbers", score(0, shipped.place, is_read=False)),
        ("+ instructions taken off", score(0, 0)),
        ("+ words, a third of the weight", score(shipped.words / 3, 0)),
        ("+ words", score(shipped.words, 0)),
        ("words alone", lambda case: case.as_read.share),
        ("all", score(shipped.words, shipped.place)),
    ]
    for name, of in rows:
        print_row(name, table(cases, of), base)


def print_crossed(cases: Sequence[Case], n_trials: int = 4) -> None:
    """Judge each half of the documents by what was fitted on the other; several partings."""
    documents = sorted({str(case.question.document) for case in cases})
    print()
    for trial in range(n_trials):
        half = set(random.Random(trial).sample(documents, len(documents) // 2))
        sides = [
            [c for c in cases if (c.question.document in half) is is_in] for is_in in (True, False)
        ]
        results, bases = [], []
        for judged, fitted_on in (sides, sides[::-1]):
            weights = fit(fitted_on)
            results.append(table(judged, score(weights.words, weights.place)))
            bases.append(table(judged, score(0, 0, is_read=False)))
            print(f"  {weights}")
        print_row(
            "all, on the half left out",
            np.concatenate(results, axis=1),
            np.concatenate(bases, axis=1),
        )


def print_row(name: str, values: Vector, base: Vector) -> None:
    """Print nDCG@5, R@1, R@5, R@10 and the gain of the first with its standard error, within and open."""
    line = f"{name:32}"
    for side, of_base in zip(values, base, strict=True):
        gain = side[:, 0] - of_base[:, 0]
        means = " ".join(f"{mean:.3f}" for mean in side.mean(axis=0))
        line += f" | {means} {gain.mean():+.3f} ({gain.std() / len(gain) ** 0.5:.3f})"
    print(line, flush=True)


if __name__ == "__main__":
    main()
