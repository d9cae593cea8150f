"""How well a passage carries an answer: `support`, 0..1, from the stored page vectors and the words.

No second model pass: every page vector has a box, so the similarities that found the page also say
which passage of it they stand in. docs/decisions/0004-extractive-support.md has the figures.

Dimension key: T query tokens, N page vectors, P passages of the page, F features.
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
# The passage's own worth, by which passages of one page are told apart.
_COVER_WEIGHT = 2.0
_KIND_WEIGHT = 0.5

FEATURES = ("worth", "page_cover", "page_marked")
# Fitted by tests/benchmarks/calibrate_support.py for the lite encoder.
WEIGHTS = np.array([1.0, 1.0, 1.0])
BIAS = -3.0


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
        supports = support(page_features(question, query, page.embedding, passages))
        found += [
            Quotation(page, with_what_follows(page.words, passages, i), float(supports[i]))
            for i in range(len(passages))
        ]
    return sorted(found, key=lambda quotation: -quotation.support)


def support(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features (P, F) -> (P,) 0..1."""
    return np.asarray(1.0 / (1.0 + np.exp(-(features @ WEIGHTS + BIAS))))


def page_features(
    question: Question,
    query: QueryEmbedding,
    embedding: PageEmbedding,
    passages: Sequence[Passage],
) -> NDArray[np.float64]:
    """(P, F) of a page's passages, P >= 1.

    worth        mean similarity + cover of the question's words + whether it is the kind asked for
    page_cover   share of the question's words that stand anywhere on the page
    page_marked  the same of its names and numbers; page_cover where it has none
    """
    own = [terms_of(passage.quote) for passage in passages]
    on_page = frozenset[str]().union(*own)
    page_cover = question.cover(on_page)
    marked = (
        len(question.marked & on_page) / len(question.marked) if question.marked else page_cover
    )
    worth = (
        _similarity(query, embedding, passages)
        + _COVER_WEIGHT * _cover(question, passages, own)
        + _KIND_WEIGHT * np.array([question.answered_in_kind(p.quote) for p in passages])
    )
    constant = np.ones(len(passages))
    return np.stack([worth, page_cover * constant, marked * constant], axis=1)


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
