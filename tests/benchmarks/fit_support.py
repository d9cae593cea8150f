"""Fits what support says, `generator/passages/calibration.py`, and shows how far that is from the truth.

    python -m tests.benchmarks.fit_support DATA_FOLDER:COLLECTION:QUESTIONS.jsonl[:WEIGHT] ...

Each argument is a set of questions over a collection that was ingested before, each asked of its own
document; its questions weigh WEIGHT together (1). A set of weight 0 is judged, not fitted. A case is right as
`pagesight eval` judges it: of a refusal the nearest passage counts. Halves are parted by the last bit of the
SHA-256 of the document's name, each judged by what the other gave; the constants at the end are of both.

Dimension key: C cases, F features.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.base.settings import Settings
from api.diagnostics.evaluation.abstention import reliability, would_be_right
from api.diagnostics.evaluation.asking import Examiner
from api.diagnostics.evaluation.questions import Question, read_questions
from api.services.wiring import Services, wire
from generator.answering.page_reading import read_pages
from generator.passages.calibration import FEW_PASSAGES, calibration_of
from generator.passages.questions.parsed_question import read_question
from generator.passages.support import quotations
from retriever.query.filters import SearchFilter

N_PAGES = 5
_RIDGE = 1.0
_LEAST = 1e-3  # support, as what is of another code has a strength below all bounds
_SCALE = 600.0  # cases that all weights together stand for: the ridge is one of them

Vector = NDArray[np.float64]


class Case(NamedTuple):
    """An answer: the set it is of, the half of its document, features (F,), weight, whether it was right."""

    set_name: str
    half: int
    features: tuple[float, float, float]
    weight: float
    is_right: bool


def main() -> None:
    cases: list[Case] = []
    for argument in sys.argv[1:]:
        folder, collection, path, *weight = argument.split(":")
        services = wire(Settings(data_dir=Path(folder)))
        own = list(collect(services, collection, read_questions(Path(path))))
        share = float(weight[0]) if weight else 1.0
        cases += [case._replace(weight=_SCALE * share / len(own)) for case in own]
    halves = np.array([case.half for case in cases])
    support = np.zeros(len(cases))
    for half in (0, 1):
        constants = fit([case for case in cases if case.half != half and case.weight])
        support[halves == half] = predict(constants, cases)[halves == half]
    report(cases, support)
    base, *slopes = fit([case for case in cases if case.weight])
    print(f"base={base:.2f}, of_strength, of_word, of_passages = {[round(s, 2) for s in slopes]}")


def collect(services: Services, collection: str, questions: list[Question]) -> Iterator[Case]:
    catalog = services.stores.catalog
    documents = catalog.documents.of_collection(catalog.collections.get(collection).id)
    names = {document.name for document in documents if document.verdict.searchable}
    own_questions = [question for question in questions if question.document in names]
    examiner = Examiner(collection, services.searcher, services.answerer, catalog)
    calibration = calibration_of(services.encoder.fingerprint.name)
    for question, record in zip(own_questions, examiner.ask(own_questions), strict=True):
        if question.answerable and "first_right" not in record.figures:
            continue
        parsed_question = read_question(question.question)
        own = SearchFilter((question.document or "",))
        result = services.searcher.search(question.question, [collection], N_PAGES, own)
        pages = read_pages(result.hits, catalog, services.searcher)
        ranking = quotations(parsed_question, result.embedding, pages)
        if not ranking:
            continue
        n_words, n_passages = len(parsed_question.terms), max(ranking[0].n_compared, FEW_PASSAGES)
        support = np.clip(record.support, _LEAST, 1 - _LEAST)  # of the passage that counted
        odds = np.log(support / (1 - support))
        odds -= (
            calibration.base
            + calibration.of_word * n_words
            + calibration.of_passages * np.log(n_passages)
        )
        yield Case(
            collection,
            hashlib.sha256((question.document or "").encode()).digest()[-1] & 1,
            (float(odds / calibration.of_strength), float(n_words), float(np.log(n_passages))),
            0.0,
            would_be_right(record),
        )


def fit(cases: list[Case]) -> Vector:
    """Return base and slopes (1 + F,) of a logistic regression with a ridge, by Newton's method."""
    features = np.array([case.features for case in cases])
    is_right = np.array([float(case.is_right) for case in cases])
    weights = np.array([case.weight for case in cases])
    mean, spread = features.mean(0), features.std(0) + 1e-9
    design = np.c_[np.ones(len(cases)), (features - mean) / spread]
    ridge = np.diag([1e-6, *[_RIDGE] * features.shape[1]])
    constants = np.zeros(design.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-design @ constants))
        down = design.T @ (weights * (likely - is_right)) + ridge @ constants
        curve = (design.T * (weights * likely * (1 - likely))) @ design + ridge
        constants -= np.linalg.solve(curve, down)
    slopes = constants[1:] / spread
    return np.array([constants[0] - slopes @ mean, *slopes])


def predict(constants: Vector, cases: list[Case]) -> Vector:
    """Return the support (C,)."""
    features = np.array([case.features for case in cases])
    return np.asarray(1 / (1 + np.exp(-(constants[0] + features @ constants[1:]))))


def report(cases: list[Case], support: Vector) -> None:
    """Print the largest and the mean distance of each set, and what chance alone would make the largest."""
    dice = np.random.default_rng(0)
    is_right = np.array([float(case.is_right) for case in cases])
    for name in dict.fromkeys(case.set_name for case in cases):
        inside = np.array([case.set_name == name for case in cases])
        own, distances = support[inside], _distances(support[inside], is_right[inside])
        by_chance = [
            max(_distances(own, (dice.random(len(own)) < own).astype(float))) for _ in range(200)
        ]
        print(
            f"{name:10s} {len(own)} cases, largest distance {max(distances):.3f}, mean "
            f"{np.mean(distances):.3f}; largest where support is the truth: {np.mean(by_chance):.3f}"
        )
        for row in reliability(own, is_right[inside]):
            print(f"    {row['support']:.2f} said, {row['right']:.2f} right, {row['questions']}")


def _distances(support: Vector, is_right: Vector) -> list[float]:
    return [abs(row["support"] - row["right"]) for row in reliability(support, is_right)]


if __name__ == "__main__":
    main()
