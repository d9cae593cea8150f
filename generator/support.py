"""How well a passage carries an answer: `support`, 0..1, from the stored page vectors and the words.

No second model pass: every page vector has a box, so the similarities that found the page also say
which passage of it they stand in. docs/decisions/0004-extractive-support.md has the figures.

Dimension key: T query tokens, N page vectors, P passages of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.passages import Passage, passages_of, with_what_follows
from generator.questions import Question, terms_of
from generator.regions import standing_in
from indexer.pages import PageEmbedding, PageWords, QueryEmbedding
from retriever.hits import PageHit
from retriever.maxsim import similarities

# A token that the passage before or behind matches better counts this much of that match.
_LENT_SIMILARITY = 0.8
# A word of the question that only stands in the passage before or behind counts this much.
_LENT_WORD = 0.4
# Strength of a passage = similarity + 2 cover + 1/2 kind + cover by the page + names on the page. Any
# weights near these rank as well (measured), so they are round numbers.
_COVER_WEIGHT = 2.0
_KIND_WEIGHT = 0.5

# support = 1 / (1 + exp(-SLOPE (strength - MIDDLE))): fitted by tests/benchmarks/calibrate_support.py
# for the lite encoder. At MIDDLE, wrong abstentions and wrong answers are equally frequent.
SLOPE = 1.5
MIDDLE = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class ReadPage:
    """A hit with what is needed to quote from it."""

    hit: PageHit
    words: PageWords
    embedding: PageEmbedding


@dataclass(frozen=True, slots=True, eq=False)
class Quotation:
    """A passage that may be quoted, and how well it carries the answer."""

    page: ReadPage
    passage: Passage
    support: float


def quotations(
    question: Question, query: QueryEmbedding, pages: Sequence[ReadPage]
) -> list[Quotation]:
    """Every passage of the pages, best supported first; ties in the order of the pages."""
    found: list[Quotation] = []
    for page in pages:
        passages = passages_of(page.words)
        if not passages:
            continue
        supports = support(strengths(question, query, page.embedding, passages))
        found += [
            Quotation(page, with_what_follows(page.words, passages, i), float(supports[i]))
            for i in range(len(passages))
        ]
    return sorted(found, key=lambda quotation: -quotation.support)


def support(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strengths -> 0..1, elementwise."""
    return np.asarray(1.0 / (1.0 + np.exp(-SLOPE * (strength - MIDDLE))))


def strengths(
    question: Question,
    query: QueryEmbedding,
    embedding: PageEmbedding,
    passages: Sequence[Passage],
) -> NDArray[np.float64]:
    """(P,) of a page's passages, P >= 1, each 0..5.5 or slightly less than 0.

    Three parts tell the passages of a page apart: similarity, cover of the question's words, whether
    it holds the kind of thing that is asked for. Two tell pages apart, and with them questions that
    can be answered: cover by the whole page, and the share of the question's names and numbers that
    stand on it (cover again where it has none).
    """
    own = [terms_of(passage.quote) for passage in passages]
    on_page = frozenset[str]().union(*own)
    page_cover = question.cover(on_page)
    marked = question.marked
    named = len(marked & on_page) / len(marked) if marked else page_cover
    in_kind = np.array([question.answered_in_kind(passage.quote) for passage in passages])
    return (
        _similarity(query, embedding, passages)
        + _COVER_WEIGHT * _cover(question, passages, own)
        + _KIND_WEIGHT * in_kind
        + page_cover
        + named
    )


def _similarity(
    query: QueryEmbedding, embedding: PageEmbedding, passages: Sequence[Passage]
) -> NDArray[np.float64]:
    """(P,) mean over content tokens of the best similarity in the passage or, lent, beside it."""
    tokens = query.vectors[query.content] if query.content.any() else query.vectors
    table = similarities(tokens, embedding.vectors)  # (T, N)
    best = np.zeros((len(passages), len(tokens)))
    for i, inside in enumerate(standing_in(embedding.boxes, passages)):
        if len(inside):
            best[i] = table[:, inside].max(axis=1)
    lent = best.copy()
    lent[1:] = np.maximum(lent[1:], _LENT_SIMILARITY * best[:-1])
    lent[:-1] = np.maximum(lent[:-1], _LENT_SIMILARITY * best[1:])
    return np.asarray(lent.mean(axis=1))


def _cover(
    question: Question, passages: Sequence[Passage], own: Sequence[frozenset[str]]
) -> NDArray[np.float64]:
    """(P,) share of the question's words in the passage and its context, or, lent, beside it."""
    none = frozenset[str]()
    shares = []
    for i, passage in enumerate(passages):
        full = own[i] | terms_of(" ".join(passage.context))
        beside = (own[i - 1] if i else none) | (own[i + 1] if i + 1 < len(own) else none)
        reached = question.cover(full)
        shares.append(reached + _LENT_WORD * (question.cover(full | beside) - reached))
    return np.array(shares)
