"""How far two indexes of one collection agree: the one that is searched, and the one beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.diagnostics.evaluation.questions import Question
from api.services.conversation_records import USER
from api.services.conversations import Conversations
from retriever.hits import SearchResult
from retriever.searcher import Searcher

_K = 10
_MAX_QUESTIONS = 200
_MAX_CONVERSATIONS = 1_000


@dataclass(frozen=True, slots=True)
class IndexOverlap:
    """What both indexes find.

    same_pages     mean share 0..1 of the ten best pages that both have
    same_first     share of the questions for which both have the same best page
    n_with_pages   questions of which a right page is known
    n_found, n_found_beside  of those, how many have one among the ten best
    """

    n_questions: int
    same_pages: float
    same_first: float
    n_with_pages: int
    n_found: int
    n_found_beside: int


def asked_questions(conversations: Conversations, collection: str) -> list[Question]:
    """Return what was asked of a collection in conversations lately, each question once."""
    texts: dict[str, None] = {}
    for conversation in conversations.latest(_MAX_CONVERSATIONS):
        if collection in conversation.collections:
            for message in conversations.messages(conversation.id):
                if message.role == USER and len(texts) < _MAX_QUESTIONS:
                    texts[message.text] = None
    return [Question(text, document=None) for text in texts]


def index_overlap(
    searcher: Searcher, collection: str, questions: Sequence[Question]
) -> IndexOverlap:
    """Ask both indexes the same questions, over the whole collection and every page of it.

    Raises CannotReencode where there is no index beside, and what a search raises.
    """
    beside = searcher.beside()
    results = [
        [
            index.search(question.question, [collection], _K, exact=True)
            for index in (searcher, beside)
        ]
        for question in questions
    ]
    page_ids = [[[hit.page.id for hit in result.hits] for result in pair] for pair in results]
    shares = [len({*a} & {*b}) / max(len(a), len(b), 1) for a, b in page_ids]
    n = max(len(questions), 1)
    n_found, n_found_beside = (
        sum(_finds(pair[i], question) for pair, question in zip(results, questions, strict=True))
        for i in (0, 1)
    )
    return IndexOverlap(
        n_questions=len(questions),
        same_pages=sum(shares) / n,
        same_first=sum(a[:1] == b[:1] for a, b in page_ids) / n,
        n_with_pages=sum(bool(question.gold) for question in questions),
        n_found=n_found,
        n_found_beside=n_found_beside,
    )


def _finds(result: SearchResult, question: Question) -> bool:
    places = {(hit.document.name, hit.page.page_number) for hit in result.hits}
    return bool(places & question.gold)
