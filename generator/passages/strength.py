"""How strongly the passages of a page speak to a question: vectors, words, and what is asked for.

No second model pass: every page vector has a box, so the similarities that found the page also say
which passage of it they stand in.

Dimension key: T query tokens, N page vectors, P passages of the page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.passages.questions import Question, terms_of
from generator.passages.regions import standing_in
from generator.passages.splitting import Passage
from indexer.base.pages import PageEmbedding, QueryEmbedding
from retriever.evidence.maxsim import similarities

# Round numbers on a plateau: weights near these rank as well on MMLongBench-Doc questions.
_COVER_WEIGHT = 2.0
_KIND_WEIGHT = 0.5
_NOTHING_NEW = 0.6
_MIN_NEW_WORDS = 2
# A token that the passage before or behind matches better counts this much of that match.
_LENT_SIMILARITY = 0.8
# A word of the question that only stands in the passage before or behind counts this much.
_LENT_WORD = 0.4

Strengths = NDArray[np.float64]


def strengths(
    question: Question,
    asked_here: Question,
    query: QueryEmbedding,
    embedding: PageEmbedding,
    passages: Sequence[Passage],
) -> Strengths:
    """(P,) of a page's passages, P >= 1, from about -0.6 to 5.5.

    asked_here  the question with the weights by which passages are told apart

    Four parts tell the passages of a page apart: similarity, cover of the question's words, whether
    there is something of the kind that is asked for, whether there is anything but the question's
    own words. Two tell pages apart, and with them questions that can be answered: cover by the whole
    page, and the share of the question's names and numbers on it (cover again where it has none).
    """
    own = [terms_of(passage.quote) for passage in passages]
    on_page = frozenset[str]().union(*own)
    page_cover = question.cover(on_page)
    marked = question.marked
    named = len(marked & on_page) / len(marked) if marked else page_cover
    in_kind = np.array([question.answered_in_kind(passage.quote) for passage in passages])
    n_new = np.array([len(terms - question.terms.keys()) for terms in own])
    return (
        _similarity(query, embedding, passages)
        + _COVER_WEIGHT * _cover(asked_here, passages, own)
        + _KIND_WEIGHT * in_kind
        - _NOTHING_NEW * (n_new < _MIN_NEW_WORDS)
        + page_cover
        + named
    )


def _similarity(
    query: QueryEmbedding, embedding: PageEmbedding, passages: Sequence[Passage]
) -> Strengths:
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
) -> Strengths:
    """(P,) share of the question's words in the passage and its context, or, lent, beside it."""
    none = frozenset[str]()
    shares = []
    for i, passage in enumerate(passages):
        full = own[i] | terms_of(" ".join(passage.context))
        beside = (own[i - 1] if i else none) | (own[i + 1] if i + 1 < len(own) else none)
        reached = question.cover(full)
        shares.append(reached + _LENT_WORD * (question.cover(full | beside) - reached))
    return np.array(shares)
