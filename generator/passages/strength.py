"""Measures how strongly the passages of a page answer a question: by vectors, words, kind of answer.

No second model pass: every page vector has a box, so the similarities that found the page also say
which passage of it they stand in.

Dimension key: T query tokens, N page vectors, P passages of the page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.passages.questions import ParsedQuestion, terms_of
from generator.passages.regions import standing_in
from generator.passages.splitting import Passage
from indexer.base.pages import PageEmbedding, QueryEmbedding
from retriever.evidence.maxsim import similarities

# Round numbers on a plateau: weights near these rank as well on MMLongBench-Doc questions.
_COVER_WEIGHT = 2.0
_KIND_WEIGHT = 0.5
_NOTHING_NEW = 0.6
_MIN_NEW_WORDS = 2
# Where the passage before or behind matches a token better, this much of that match counts.
_LENT_SIMILARITY = 0.8
# A word of the question that stands only in the passage before or behind counts this much.
_LENT_WORD = 0.4

Strengths = NDArray[np.float64]


def strengths(
    question: ParsedQuestion,
    local_question: ParsedQuestion,
    query: QueryEmbedding,
    embedding: PageEmbedding,
    passages: Sequence[Passage],
) -> Strengths:
    """Return the strengths (P,) of a page's passages, P >= 1, from about -0.6 to 5.5.

    local_question  the question with the weights that tell the passages of these pages apart

    Four parts tell the passages of a page apart: similarity, cover of the question's words, whether there
    is something of the kind asked for, whether there is anything but the question's own words. Two tell
    pages apart, and so the questions that can be answered: cover by the whole page, and the share of the
    question's names and numbers on it (cover again where it has none).
    """
    own = [terms_of(passage.quote) for passage in passages]
    on_page = frozenset[str]().union(*own)
    page_cover = question.cover(on_page)
    key_terms = question.key_terms
    key_cover = len(key_terms & on_page) / len(key_terms) if key_terms else page_cover
    in_kind = np.array([question.answered_in_kind(passage.quote) for passage in passages])
    n_new = np.array([len(terms - question.terms.keys()) for terms in own])
    return (
        _similarity(query, embedding, passages)
        + _COVER_WEIGHT * _cover(local_question, passages, own)
        + _KIND_WEIGHT * in_kind
        - _NOTHING_NEW * (n_new < _MIN_NEW_WORDS)
        + page_cover
        + key_cover
    )


def _similarity(
    query: QueryEmbedding, embedding: PageEmbedding, passages: Sequence[Passage]
) -> Strengths:
    """Return the mean (P,) over content tokens of the best similarity in the passage or, lent, beside it."""
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
    question: ParsedQuestion, passages: Sequence[Passage], own: Sequence[frozenset[str]]
) -> Strengths:
    """Return the share (P,) of the question's words in the passage and its context or, lent, beside it."""
    none = frozenset[str]()
    shares = []
    for i, passage in enumerate(passages):
        full = own[i] | terms_of(" ".join(passage.context))
        beside = (own[i - 1] if i else none) | (own[i + 1] if i + 1 < len(own) else none)
        share = question.cover(full)
        shares.append(share + _LENT_WORD * (question.cover(full | beside) - share))
    return np.array(shares)
