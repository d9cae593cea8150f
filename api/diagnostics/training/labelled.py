"""Questions with the pages of a collection that answer them, some documents held out."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.questions import Question
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Page
from indexer.encoders.visual.training.plan import TrainingExample
from retriever.searcher import Searcher

_MORE = 20  # pages looked at beyond those that are wanted: some are right, or held out


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, the ids of the pages that answer it, and whether its document is held out."""

    question: str
    page_ids: tuple[int, ...]
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """`pages` are all pages of the documents that questions name; held-out ones are `held_out`'s."""

    questions: tuple[LabelledQuestion, ...]
    pages: tuple[Page, ...]
    held_out: tuple[str, ...]

    @property
    def learnt(self) -> list[LabelledQuestion]:
        return [question for question in self.questions if not question.is_held_out]


def label(
    catalog: Catalog, collection: str, questions: Iterable[Question], held_out: float, seed: int
) -> LabelledSet:
    """Find the pages of the questions, and hold out a share 0..1 of their documents.

    Raises CollectionNotFound, InvalidQuestions where nothing is left to learn.
    """
    documents = {d.name: d for d in catalog.snapshot(collection).current}
    with_pages = [q for q in questions if q.gold]
    names = sorted({name for q in with_pages for name, _ in q.gold if name in documents})
    if not names:
        raise InvalidQuestions(
            f"no question names a page of {collection}: `document` and `evidence_pages` say where the "
            "answer stands"
        )
    held_out_names = held_out_documents(names, held_out, seed)
    pages = [page for name in names for page in catalog.pages.of_document(documents[name].id)]
    name_of = {documents[name].id: name for name in names}
    ids = {(name_of[page.document_id], page.page_number): page.id for page in pages}
    questions_with_pages = [
        LabelledQuestion(q.question, places, q.document in held_out_names)
        for q in with_pages
        if (places := tuple(sorted(ids[place] for place in q.gold if place in ids)))
    ]
    if not any(not question.is_held_out for question in questions_with_pages):
        raise InvalidQuestions(
            "every question is held out: lower --held-out, or give more documents"
        )
    return LabelledSet(tuple(questions_with_pages), tuple(pages), tuple(sorted(held_out_names)))


def examples_of(
    questions_with_pages: LabelledSet, searcher: Searcher, collection: str, n_negatives: int
) -> list[TrainingExample]:
    """Return an example for each question to learn and each of its pages.

    Negatives are the pages that the collection's own search finds for the question and that do not answer
    it. Nothing of a held-out document is among them, nor a page that looks the same as a right one.
    """
    right_of: dict[str, set[int]] = defaultdict(set)  # one question may stand in two documents
    for question in questions_with_pages.questions:
        right_of[question.question] |= {*question.page_ids}
    images = {page.id: page.image_sha256 for page in questions_with_pages.pages}
    examples = []
    for question in questions_with_pages.learnt:
        right = right_of[question.question]
        right_images = {images[page_id] for page_id in right}
        negatives: list[int] = []
        if n_negatives:
            k = n_negatives + len(right) + _MORE
            result = searcher.search(question.question, [collection], k, exact=True)
            negatives = [
                hit.page.id
                for hit in result.hits
                if hit.page.id not in right
                and hit.page.image_sha256 not in right_images
                and hit.document.name not in questions_with_pages.held_out
            ]
        examples += [
            TrainingExample(
                question.question, page_id, tuple(sorted(right)), tuple(negatives[:n_negatives])
            )
            for page_id in question.page_ids
        ]
    return examples


def held_out_documents(names: Sequence[str], share: float, seed: int) -> set[str]:
    """Draw a share 0..1 of the documents: one at least where there are two, and never all."""
    if share <= 0 or len(names) < 2:
        return set()
    n = min(max(round(share * len(names)), 1), len(names) - 1)
    return set(random.Random(seed).sample(names, n))  # noqa: S311 - the same for the same seed
