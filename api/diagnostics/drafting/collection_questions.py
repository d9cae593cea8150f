"""Drafts questions from the documents of a collection, the same for the same seed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest

from api.diagnostics.drafting.page_questions import PageQuestion, page_questions
from api.diagnostics.drafting.question_file import QuestionDraft
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Document

_PAGES_AT_ONCE = 64


def draft_questions(
    catalog: Catalog, collection: str, n_questions: int, seed: int
) -> list[QuestionDraft]:
    """Return up to `n_questions` drafts, spread over documents and kinds. Raises CollectionNotFound."""
    chance = random.Random(seed)  # noqa: S311 - the same draft for the same seed, no secret
    documents = sorted(catalog.snapshot(collection).current, key=lambda document: document.name)
    by_document = [_spread(_of_document(catalog, document), chance) for document in documents]
    rounds = zip_longest(*by_document)
    return [draft for one_round in rounds for draft in one_round if draft][:n_questions]


def _of_document(catalog: Catalog, document: Document) -> list[QuestionDraft]:
    """Return the questions of a document; those that it answers twice, in different words, are left out."""
    places: dict[str, list[tuple[int, PageQuestion]]] = defaultdict(list)
    pages = catalog.pages.of_document(document.id)
    for first in range(0, len(pages), _PAGES_AT_ONCE):
        batch = pages[first : first + _PAGES_AT_ONCE]
        words = catalog.pages.words([page.id for page in batch])
        for page in batch:
            if page.id in words:
                for question in page_questions(words[page.id]):
                    places[question.question.lower()].append((page.page_number, question))
    drafts = []
    for same_question in places.values():
        if len({question.answer for _, question in same_question}) == 1:
            _, question = same_question[0]
            drafts.append(
                QuestionDraft(
                    question=question.question,
                    document=document.name,
                    answer=question.answer,
                    evidence_pages=tuple(dict.fromkeys(page for page, _ in same_question)),
                    evidence_sources=(question.source,),
                    box=question.box,
                )
            )
    return drafts


def _spread(drafts: Sequence[QuestionDraft], chance: random.Random) -> list[QuestionDraft]:
    """Return drafts in an order of chance in which kinds, and pages of a kind, take turns."""
    by_place: dict[tuple[tuple[str, ...], int], list[QuestionDraft]] = defaultdict(list)
    for draft in drafts:
        by_place[draft.evidence_sources, draft.evidence_pages[0]].append(draft)
    groups = list(by_place.values())
    chance.shuffle(groups)
    for group in groups:
        chance.shuffle(group)
    return [draft for turn in zip_longest(*groups) for draft in turn if draft]
