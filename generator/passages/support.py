"""Orders passages by how well they carry an answer: `support`, 0..1.

docs/decisions/0004-extractive-support.md says what it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generator.passages.calibration import calibration_of
from generator.passages.codes import lacking_codes
from generator.passages.furniture import contents_entries, running_heads
from generator.passages.questions import ParsedQuestion, terms_of
from generator.passages.splitting import Passage, in_company, passages_of
from generator.passages.strength import Strengths, strengths
from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding
from retriever.hits import PageHit

# A line of a table of contents loses so much: at best it names the page of the answer.
_CONTENTS_ENTRY = 0.5
# What says nothing of a code of the question loses more than a passage can have.
_OF_ANOTHER_CODE = 10.0
# A word on every page says little about where the answer is, if there are this many pages.
_MIN_PAGES_TO_COMPARE = 3
_EVERYWHERE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ReadPage:
    """A hit, with the words and vectors that a quotation needs."""

    hit: PageHit
    words: PageWords
    embedding: PageEmbedding


@dataclass(frozen=True, slots=True, eq=False)
class Quotation:
    """A passage that may be quoted."""

    page: ReadPage
    passage: Passage
    strength: float

    @property
    def support(self) -> float:
        """0..1, by the calibration of the encoder that found the page."""
        return calibration_of(self.page.hit.encoder).support(self.strength)


def quotations(
    question: ParsedQuestion, query: QueryEmbedding, pages: Sequence[ReadPage]
) -> list[Quotation]:
    """Return every passage but running heads, strongest first; ties in the order of the pages."""
    passages = [passages_of(page.words) for page in pages]
    local_question = question.with_less_weight(_on_all(passages), _EVERYWHERE)
    all_quotations: list[Quotation] = []
    for i, page in enumerate(pages):
        own = passages[i]
        if not own:
            continue
        quotable = ~running_heads(own, [passages[j] for j in _beside(pages, i)])
        strength = strengths(question, local_question, query, page.embedding, own)
        strength -= _CONTENTS_ENTRY * contents_entries(own)
        quotes = [passage.quote for passage in own]
        headings = [passage.context.heading for passage in own]
        strength -= _OF_ANOTHER_CODE * lacking_codes(question.codes, quotes, headings)
        all_quotations += _quotations(page, own, strength, np.flatnonzero(quotable).tolist())
    return sorted(all_quotations, key=lambda quotation: -quotation.strength)


def _quotations(
    page: ReadPage, passages: Sequence[Passage], strength: Strengths, quotable: Sequence[int]
) -> list[Quotation]:
    return [
        Quotation(page, in_company(page.words, passages, i), float(strength[i])) for i in quotable
    ]


def _on_all(passages: Sequence[Sequence[Passage]]) -> frozenset[str]:
    """Return the words that stand on every page, where there are enough pages to tell."""
    if len(passages) < _MIN_PAGES_TO_COMPARE:
        return frozenset()
    terms = [terms_of(" ".join(passage.quote for passage in page)) for page in passages]
    return frozenset.intersection(*terms)


def _beside(pages: Sequence[ReadPage], i: int) -> list[int]:
    """Return the positions of the other pages of page i's document."""
    own = pages[i].hit
    return [j for j, page in enumerate(pages) if j != i and page.hit.document.id == own.document.id]
