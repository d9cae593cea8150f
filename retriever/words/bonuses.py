"""What the pages of some collections gain for a question by their words, and by the numbers that it names.

Dimension key: B pages with a bonus, S phrases.

A page's share of the question is the sum of idf x saturation of the phrases on it, over the sum of their idf:
0 where it has none of them, 1 where it is full of all. Both are of the collection alone: what is stored in
others does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.language.search_terms import question_terms, search_terms
from indexer.base.language.stop_words import STOP_WORDS
from indexer.catalog.full_text.dialect import CollectionPages, Phrase, PhraseMatches
from indexer.catalog.full_text.page_index import PageIndex
from retriever.glossary import Glossary
from retriever.query.page_scope import PageScope
from retriever.query.question_reading import ReadQuestion
from retriever.words.encoder_weights import WordWeights

# A word on more pages says little, and to list them takes long: of 100,000 pages 0.1 s for 20,000.
MOST_PAGES = 5_000
_MAX_PHRASES = 64  # of a long question; its first words
_OTHER_WORDS_WEIGHT = 0.5
_PAIR_WEIGHT = 0.5  # of two words that follow each other, beside each by itself


@dataclass(frozen=True, slots=True, eq=False)
class PageBonuses:
    """Pages (B,) ascending by id, and what each gains."""

    page_ids: NDArray[np.int64]
    values: NDArray[np.float32]

    def of(self, page_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the bonus of each of these pages, 0 for most."""
        if not len(self.page_ids):
            return np.zeros(len(page_ids), np.float32)
        i = np.minimum(np.searchsorted(self.page_ids, page_ids), len(self.page_ids) - 1)
        return np.where(self.page_ids[i] == page_ids, self.values[i], np.float32(0.0))


NO_GLOSSARY = Glossary()
NO_BONUSES = PageBonuses(np.zeros(0, np.int64), np.zeros(0, np.float32))


def page_bonuses(
    question: ReadQuestion,
    n_content: int,
    index: PageIndex,
    whole_scope: PageScope,
    mean_length: float,
    weights: WordWeights,
    glossary: Glossary = NO_GLOSSARY,
) -> PageBonuses:
    """Return the bonuses of the pages of one collection.

    n_content    content tokens of the question
    whole_scope  all pages of the collection, also those that are not searched: they make its statistics
    mean_length  of these pages, in terms
    """
    if not len(whole_scope.starts) or not n_content:
        return NO_BONUSES
    first, last = int(whole_scope.starts[0]), int(whole_scope.stops[-1]) - 1
    values = np.zeros(last - first + 1, np.float32)
    phrases = _phrases(question.search_text, glossary)
    if phrases and weights.words:
        pages = CollectionPages.of_ranges(whole_scope.starts, whole_scope.stops, mean_length)
        matches = index.matches(list(phrases), pages, MOST_PAGES)
        share = _shares(matches, list(phrases.values()), pages, len(values))
        values += np.float32(weights.words * n_content) * share
    if weights.place:
        named_ids = _named_pages(question, index, whole_scope)
        values[named_ids - first] += np.float32(weights.place * n_content)
    rows = np.flatnonzero(values)
    return PageBonuses(rows + first, values[rows])


def _phrases(text: str, glossary: Glossary) -> dict[Phrase, float]:
    """Return the words of a question, pairs of neighbours and other words for them, with what they count."""
    phrases: dict[Phrase, float] = {(term,): 1.0 for term in question_terms(text)}
    terms = search_terms(text)
    for pair in pairwise(terms):
        if not STOP_WORDS.intersection(pair):
            phrases[pair] = _PAIR_WEIGHT
    phrases |= {p: _OTHER_WORDS_WEIGHT for p in glossary.other_words_in(terms) if p not in phrases}
    return dict(list(phrases.items())[:_MAX_PHRASES])


def _shares(
    matches: Sequence[PhraseMatches | None],
    phrase_weights: Sequence[float],
    pages: CollectionPages,
    n_values: int,
) -> NDArray[np.float32]:
    """Return the share (n_values,) of each page, the first of which is the collection's first."""
    n_pages = len(pages)
    share = np.zeros(n_values, np.float32)
    attainable = 0.0
    for of_phrase, phrase_weight in zip(matches, phrase_weights, strict=True):
        if of_phrase is None:
            continue
        n_with = len(of_phrase.page_ids)
        idf = phrase_weight * float(np.log1p((n_pages - n_with + 0.5) / (n_with + 0.5)))
        share[of_phrase.page_ids - pages.first] += np.float32(idf) * of_phrase.saturation
        attainable += idf
    return share / np.float32(attainable) if attainable else share


def _named_pages(question: ReadQuestion, index: PageIndex, scope: PageScope) -> NDArray[np.int64]:
    """Return the pages at a position that the question names, or where a place begins that it names."""
    page_ids: list[int] = []
    for document in scope.documents:
        first = document.first_page_id
        assert first is not None, "a scope holds indexed documents only"
        for position in question.positions:
            n = position if position > 0 else document.n_pages + position + 1
            if 1 <= n <= document.n_pages:
                page_ids.append(first + n - 1)
    named_ids = np.array(page_ids, np.int64)
    if question.places:
        bounds = (int(scope.starts[0]), int(scope.stops[-1]) - 1)
        with_place = index.with_places(sorted(question.places), bounds)
        named_ids = np.union1d(named_ids, with_place[scope.allows(with_place)])
    return named_ids
