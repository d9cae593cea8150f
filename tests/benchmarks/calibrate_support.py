"""Fits the constants of `generator/support.py`, and prints how well support tells answers from none.

    python -m tests.benchmarks.calibrate_support QUESTIONS.jsonl PDF_FOLDER DATA_FOLDER [--ocr never]

The PDFs are ingested into DATA_FOLDER, which a second run uses again. Every question is asked of its
own document, of three others, and of all others together. Figures are from two halves of the
documents, each judged by the constants that were fitted on the other; the constants at the end are
fitted on both.

Dimension key: P passages of a case, C cases, F features.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.evaluation import Question, read_questions
from api.settings import Settings
from api.wiring import Services, wire
from generator.passages import passages_of
from generator.questions import read_question
from generator.support import BIAS, FEATURES, WEIGHTS, page_features
from indexer.sources import find_sources
from retriever.hits import SearchFilter

COLLECTION = "calibration"
N_PAGES = 5
N_WRONG = 3
# What a case is worth in the fit: right answers weigh as much as all that must not be answered.
SHARES = {"answerable": 0.5, "unanswerable": 0.25, "wrong document": 0.15, "all others": 0.1}
_RIDGE = 1.0
_ROUNDS = 5

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A question asked of some pages.

    kind      a key of SHARES; "missed" when it has an answer that is on none of the pages
    document  the question's own document, by which the halves are made
    features  (P, F) of every passage, in the order of the pages
    gold      (P,) whether the passage stands on a page that holds the answer
    """

    kind: str
    document: str
    features: Vector
    gold: NDArray[np.bool_]

    def top(self, weights: Vector) -> int:
        return int(np.argmax(self.features @ weights))


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Kind, log odds of the best passage and whether it stands on a gold page, case by case (C,)."""

    kinds: NDArray[np.str_]
    odds: Vector
    on_gold: NDArray[np.bool_]

    def answered(self, kind: str, threshold: float) -> float:
        return float((self.odds[self.kinds == kind] >= threshold).mean())

    def wrongly(self, threshold: float) -> float:
        """Share of the negatives answered, each kind weighted as in the fit."""
        negatives = [kind for kind in SHARES if kind != "answerable"]
        shares = [SHARES[kind] * self.answered(kind, threshold) for kind in negatives]
        return sum(shares) / sum(SHARES[kind] for kind in negatives)


def main() -> None:
    parser = argparse.ArgumentParser(description="Calibrate the support of quotations.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("pdfs", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ocr", default="auto")
    given = parser.parse_args()
    wired = wire(Settings(data_dir=given.data, ocr=given.ocr))
    documents = ingest(wired, given.pdfs)
    cases = list(collect(wired, read_questions(given.questions), documents))
    kinds = [case.kind for case in cases]
    print(", ".join(f"{kinds.count(kind)} {kind}" for kind in [*SHARES, "missed"]))
    report("shipped constants, all documents", judge(cases, WEIGHTS, BIAS))
    half = set(random.Random(0).sample(documents, len(documents) // 2))
    report("fitted on one half of the documents, judged on the other", crossed(cases, half))
    weights, bias = fit(cases)
    print(f"\n# {', '.join(FEATURES)}")
    print(f"WEIGHTS = np.array([{', '.join(f'{w:.2f}' for w in weights)}])\nBIAS = {bias:.2f}")


def ingest(wired: Services, folder: Path) -> list[str]:
    """The names of the documents that hold any word."""
    collection = wired.collection_for_ingest(COLLECTION)
    catalog = wired.stores.catalog
    for source in find_sources([folder]):
        wired.pipeline.ingest(collection, source)
    return sorted(
        document.name
        for document in catalog.documents(collection.id)
        if document.verdict.searchable
        and any(page.n_vectors for page in catalog.pages_of(document.id))
    )


def collect(
    wired: Services, questions: Sequence[Question], documents: Sequence[str]
) -> Iterator[Case]:
    dice = random.Random(0)
    for question in questions:
        own = question.document
        if own is None or own not in documents:
            continue
        others = [name for name in documents if name != own]
        yield ask(wired, question, "answerable" if question.answerable else "unanswerable", (own,))
        for name in dice.sample(others, N_WRONG):
            yield ask(wired, question, "wrong document", (name,))
        yield ask(wired, question, "all others", tuple(others))


def ask(wired: Services, question: Question, kind: str, documents: tuple[str, ...]) -> Case:
    asked = read_question(question.question)
    query = wired.searcher.encode(question.question)
    wanted = SearchFilter(documents)
    hits = wired.searcher.search(question.question, [COLLECTION], N_PAGES, wanted).hits
    words = wired.stores.catalog.words([hit.page.id for hit in hits])
    features, gold = [np.zeros((0, len(FEATURES)))], [np.zeros(0, np.bool_)]
    for hit in hits:
        passages = passages_of(words[hit.page.id])
        embedding = wired.searcher.page_embedding(COLLECTION, hit.page.id)
        if not passages or embedding is None:
            continue
        features.append(page_features(asked, query, embedding, passages))
        right = (hit.document.name, hit.page.page_number) in question.gold
        gold.append(np.full(len(passages), right))
    found = np.concatenate(gold)
    if kind == "answerable" and not found.any():
        kind = "missed"
    return Case(kind, question.document or "", np.concatenate(features), found)


def fit(cases: Sequence[Case]) -> tuple[Vector, float]:
    """Weights (F,) and bias of the support; 0.5 is where both kinds of mistake are as frequent."""
    weights = WEIGHTS
    known = [case for case in cases if case.kind in SHARES]
    kinds = np.array([case.kind for case in known])
    worth = np.array([SHARES[kind] / (kinds == kind).sum() for kind in kinds]) * len(known)
    for _ in range(_ROUNDS):  # the weights choose the passages that the weights are fitted on
        best = np.stack([case.features[case.top(weights)] for case in known])
        weights = _logistic(best, kinds == "answerable", worth)
    judged = judge(cases, weights, 0.0)
    mistakes = [
        abs(1 - judged.answered("answerable", threshold) - judged.wrongly(threshold))
        for threshold in np.sort(judged.odds)
    ]
    return weights, -float(np.sort(judged.odds)[int(np.argmin(mistakes))])


def _logistic(features: Vector, positive: NDArray[np.bool_], worth: Vector) -> Vector:
    """Ridge logistic regression by Newton's method: weights (F,), the bias left out."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    rows = np.column_stack([(features - middle) / spread, np.ones(len(features))])
    ridge = np.diag([_RIDGE] * features.shape[1] + [0.0])
    solution = np.zeros(rows.shape[1])
    for _ in range(25):
        likely = 1 / (1 + np.exp(-rows @ solution))
        slope = rows.T @ (worth * (likely - positive)) + ridge @ solution
        curve = (rows * (worth * likely * (1 - likely))[:, None]).T @ rows + ridge
        solution -= np.linalg.solve(curve, slope)
    return np.asarray(solution[:-1] / spread)


def judge(cases: Sequence[Case], weights: Vector, bias: float) -> Judged:
    tops = [case.top(weights) for case in cases]
    return Judged(
        kinds=np.array([case.kind for case in cases]),
        odds=np.array([c.features[i] @ weights + bias for c, i in zip(cases, tops, strict=True)]),
        on_gold=np.array([c.gold[i] for c, i in zip(cases, tops, strict=True)]),
    )


def crossed(cases: Sequence[Case], half: set[str]) -> Judged:
    sides = [[c for c in cases if (c.document in half) is side] for side in (True, False)]
    judged = [judge(sides[i], *fit(sides[1 - i])) for i in (0, 1)]
    join: Callable[[str], NDArray] = lambda name: np.concatenate([getattr(j, name) for j in judged])  # noqa: E731
    return Judged(join("kinds"), join("odds"), join("on_gold"))


def report(title: str, judged: Judged) -> None:
    print(f"\n{title}\nAUC of answerable against", end="")
    right = judged.odds[judged.kinds == "answerable"]
    for kind in [*list(SHARES)[1:], "missed"]:
        print(f"  {kind} {auc(right, judged.odds[judged.kinds == kind]):.3f}", end="")
    print(
        "\nsupport  wrongly abstained  answered: unanswerable  wrong document  all others  missed"
    )
    for support in (0.3, 0.4, 0.5, 0.6, 0.7):
        threshold = float(np.log(support / (1 - support)))
        shares = [1 - judged.answered("answerable", threshold)]
        shares += [judged.answered(k, threshold) for k in [*list(SHARES)[1:], "missed"]]
        print(f"{support:7.1f}  {shares[0]:17.2f}  {shares[1]:22.2f}  {shares[2]:14.2f}", end="")
        print(f"  {shares[3]:10.2f}  {shares[4]:6.2f}")
    mine = judged.kinds == "answerable"
    said = judged.odds >= 0
    print(
        f"first citation on a gold page: {judged.on_gold[mine].mean():.2f} of answerable,", end=""
    )
    print(f" {judged.on_gold[mine & said].mean():.2f} of those with support >= 0.5")


def auc(positive: Vector, negative: Vector) -> float:
    """Chance that a positive case stands above a negative one; ties count half."""
    above = (positive[:, None] > negative).mean()
    return float(above + 0.5 * (positive[:, None] == negative).mean())


if __name__ == "__main__":
    main()
