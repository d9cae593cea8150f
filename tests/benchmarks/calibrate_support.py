"""Fits the constants of `generator/passages/calibration.py`, and prints how well support tells
answers from none.

    python -m tests.benchmarks.calibrate_support QUESTIONS.jsonl PDF_FOLDER DATA_FOLDER [--ocr never]

The PDFs are ingested into DATA_FOLDER, which a second run uses again; with `--collection` nothing is
ingested, and PDF_FOLDER is not looked at. Every question is asked of its
own document, of three others, and of all others together. Figures are from two halves of the
documents, each judged by the constants that were fitted on the other; the constants at the end are
fitted on both.

Dimension key: C cases.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.base.settings import Settings
from api.diagnostics.evaluation.questions import Question, read_questions
from api.services.wiring import Services, wire
from generator.answering.extractive_writer import words_missing
from generator.answering.page_reading import read_pages
from generator.passages.calibration import calibration_of
from generator.passages.questions.parsed_question import read_question
from generator.passages.support import quotations
from generator.passages.work_to_do import work_to_do
from indexer.inputs.sources import find_sources
from retriever.query.filters import SearchFilter

COLLECTION = "calibration"
N_PAGES = 5
N_WRONG = 3
NOTHING = -1.0  # strength of what is refused without a look at it
# What a kind of case is worth in the fit: right answers weigh as much as all that must not be answered.
SHARES = {"answerable": 0.5, "unanswerable": 0.25, "wrong document": 0.15, "all others": 0.1}

Vector = NDArray[np.float64]


class Case(NamedTuple):
    """A question asked of some pages.

    kind      a key of SHARES; "missed" when it has an answer that is on none of the pages
    document  the question's own document, by which the halves are made
    strength  of the best passage
    on_gold   whether that passage stands on a page that holds the answer
    """

    kind: str
    document: str
    strength: float
    on_gold: bool


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Kind, log odds of the support, whether it stands on a gold page and was looked at, by case (C,)."""

    kinds: NDArray[np.str_]
    odds: Vector
    on_gold: NDArray[np.bool_]
    was_looked_at: NDArray[np.bool_]

    def of(self, kind: str) -> Vector:
        return self.odds[self.kinds == kind]

    def answered(self, kind: str, threshold: float = 0.0) -> float:
        return float((self.of(kind) >= threshold).mean())

    def imbalance(self, threshold: float) -> float:
        """Wrong answers, each kind weighted as in the fit, less wrong abstentions."""
        negatives = [kind for kind in SHARES if kind != "answerable"]
        wrong = sum(SHARES[kind] * self.answered(kind, threshold) for kind in negatives)
        return 2 * wrong - (1 - self.answered("answerable", threshold))


def main() -> None:
    parser = argparse.ArgumentParser(description="Calibrate the support of quotations.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("pdfs", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ocr", default="auto")
    parser.add_argument("--collection", help="ask this collection of DATA_FOLDER as it is")
    given = parser.parse_args()
    wired = wire(Settings(data_dir=given.data, ocr=given.ocr))
    if given.collection is None:
        ingest(wired, given.pdfs)
    name = given.collection or COLLECTION
    documents = documents_of(wired, name)
    cases = list(collect(wired, name, read_questions(given.questions), documents))
    kinds = [case.kind for case in cases]
    print(", ".join(f"{kinds.count(kind)} {kind}" for kind in [*SHARES, "missed"]))
    shipped = calibration_of(wired.encoder.fingerprint.name)
    report("as shipped", judge(cases, shipped.slope, shipped.middle))
    half = set(random.Random(0).sample(documents, len(documents) // 2))
    report("fitted on one half of the documents, judged on the other", crossed(cases, half))
    slope, middle = fit(cases)
    print(f"\nCalibration(slope={slope:.2f}, middle={middle:.2f})")


def ingest(wired: Services, folder: Path) -> None:
    collection = wired.collection_for_ingest(COLLECTION)
    for source in find_sources([folder]):
        wired.pipeline.ingest(collection, source)


def documents_of(wired: Services, collection: str) -> list[str]:
    """The names of the documents that hold any word."""
    catalog = wired.stores.catalog
    return sorted(
        document.name
        for document in catalog.documents.of_collection(catalog.collections.get(collection).id)
        if document.verdict.searchable
        and any(page.n_vectors for page in catalog.pages.of_document(document.id))
    )


def collect(
    wired: Services, collection: str, questions: Sequence[Question], documents: Sequence[str]
) -> Iterator[Case]:
    dice = random.Random(0)
    for question in questions:
        own = question.document
        if own is None or own not in documents:
            continue
        others = [name for name in documents if name != own]
        yield ask(
            wired,
            collection,
            question,
            "answerable" if question.answerable else "unanswerable",
            (own,),
        )
        for name in dice.sample(others, N_WRONG):
            yield ask(wired, collection, question, "wrong document", (name,))
        yield ask(wired, collection, question, "all others", tuple(others))


def ask(
    wired: Services, collection: str, question: Question, kind: str, documents: tuple[str, ...]
) -> Case:
    asked = read_question(question.question)
    query = wired.encoder.get().encode_queries([question.question])[0]
    wanted = SearchFilter(documents)
    hits = wired.searcher.search(question.question, [collection], N_PAGES, wanted).hits
    pages = read_pages(hits, wired.stores.catalog, wired.searcher)
    golden = [
        (page.hit.document.name, page.hit.page.page_number) in question.gold for page in pages
    ]
    if kind == "answerable" and not any(golden):
        kind = "missed"
    own = question.document or ""
    found = quotations(asked, query, pages)
    if not found or words_missing(asked, pages) or work_to_do(asked, found):
        return Case(kind, own, NOTHING, False)
    return Case(kind, own, found[0].strength, golden[pages.index(found[0].page)])


def fit(cases: Sequence[Case]) -> tuple[float, float]:
    """Slope and middle of the support: logistic, 0.5 where both kinds of mistake are as frequent.

    What is refused without a look at its strength says nothing of strengths: with it the curve is too flat.
    """
    known = [case for case in cases if case.kind in SHARES and case.strength > NOTHING]
    judged = judge(known, 1.0, 0.0)
    candidates = np.sort(judged.odds)
    middle = float(min(candidates, key=lambda threshold: abs(judged.imbalance(threshold))))
    share = np.array([SHARES[kind] / (judged.kinds == kind).sum() for kind in judged.kinds])
    away, is_right = judged.odds - middle, judged.kinds == "answerable"
    slope = 1.0
    for _ in range(25):  # Newton's method on the weighted logistic loss
        likely = 1 / (1 + np.exp(-slope * away))
        down = (share * (likely - is_right) * away).sum()
        slope -= float(down / (share * likely * (1 - likely) * away**2).sum())
    return slope, middle


def judge(cases: Sequence[Case], slope: float, middle: float) -> Judged:
    kinds, _, strengths, on_gold = zip(*cases, strict=True)
    strength = np.array(strengths)
    odds = slope * (strength - middle)
    return Judged(np.array(kinds), odds, np.array(on_gold), strength > NOTHING)


def crossed(cases: Sequence[Case], half: set[str]) -> Judged:
    one = [case for case in cases if case.document in half]
    other = [case for case in cases if case.document not in half]
    a, b = judge(one, *fit(other)), judge(other, *fit(one))
    return Judged(
        np.concatenate([a.kinds, b.kinds]),
        np.concatenate([a.odds, b.odds]),
        np.concatenate([a.on_gold, b.on_gold]),
        np.concatenate([a.was_looked_at, b.was_looked_at]),
    )


def report(title: str, judged: Judged) -> None:
    print(f"\n{title}\nAUC of answerable against", end="")
    right = judged.of("answerable")
    for kind in [*list(SHARES)[1:], "missed"]:
        print(f"  {kind} {auc(right, judged.of(kind)):.3f}", end="")
    print(
        "\nsupport  wrongly abstained  answered: unanswerable  wrong document  all others  missed"
    )
    for support in (0.3, 0.4, 0.5, 0.6, 0.7):
        threshold = float(np.log(support / (1 - support)))
        shares = [1 - judged.answered("answerable", threshold)]
        shares += [judged.answered(k, threshold) for k in [*list(SHARES)[1:], "missed"]]
        print(f"{support:7.1f}  {shares[0]:17.2f}  {shares[1]:22.2f}  {shares[2]:14.2f}", end="")
        print(f"  {shares[3]:10.2f}  {shares[4]:6.2f}")
    print_reliability(judged)
    mine = judged.kinds == "answerable"
    said = judged.odds >= 0
    print(
        f"first citation on a gold page: {judged.on_gold[mine].mean():.2f} of answerable,", end=""
    )
    print(f" {judged.on_gold[mine & said].mean():.2f} of those with support >= 0.5")


def print_reliability(judged: Judged) -> None:
    """Say how often what has a support is of a question with an answer, each kind weighted as in the fit."""
    known = np.isin(judged.kinds, list(SHARES)) & judged.was_looked_at
    kinds, support = judged.kinds[known], 1 / (1 + np.exp(-judged.odds[known]))
    weights = np.array([SHARES[kind] / (kinds == kind).sum() for kind in kinds])
    right = weights * (kinds == "answerable")
    print("support  answerable  cases")
    for low in np.arange(0, 1, 0.2):
        inside = (support >= low) & (support < low + 0.2)
        if inside.any():
            share = right[inside].sum() / weights[inside].sum()
            print(f"{support[inside].mean():7.2f}  {share:10.2f}  {inside.sum():5}")


def auc(positive: Vector, negative: Vector) -> float:
    """Chance that a positive case stands above a negative one; ties count half."""
    above = (positive[:, None] > negative).mean()
    return float(above + 0.5 * (positive[:, None] == negative).mean())


if __name__ == "__main__":
    main()
