"""Tells a sentence from its opposite, "included" from "not included", and from one of another year."""

from __future__ import annotations

import re
from functools import lru_cache

from generator.passages.questions import english, english_words
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A denial concerns what stands this many words behind it.
_REACH = 3
_WH = re.compile(r"^\W*(what|which|who|whom|when|where|how|why|whose)\b", re.IGNORECASE)

_OF_YEAR = re.compile(
    r"\b(?:in|for|of|during|since|by)\s(?:(?:the\s)?(?:fiscal\s|financial\s)?year\s)?((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d]|[.,]\d)")

_AND_WHETHER = re.compile(
    r"(\band|,|;)\s+(is|are|was|were|do|does|did|can|may|has|have)\b", re.IGNORECASE
)


def says_the_opposite(question: ParsedQuestion, quote: str) -> bool:
    """Say whether one of question and quote denies a word that the other affirms.

    Only for questions that ask for something: "is it included?" is answered by either.
    """
    if question.kind is AnswerKind.YES_OR_NO or not _WH.match(question.text):
        return False
    if _AND_WHETHER.search(question.text):
        return False
    in_quote = denied_terms(quote)
    if not question.denies:
        return not in_quote.isdisjoint(question.terms)
    affirmed_terms = (denied_terms(question.text) & terms_of(quote)) - in_quote
    return not affirmed_terms.isdisjoint(question.terms) and not english.EXCLUSION.search(quote)


def is_of_the_opposite(question: ParsedQuestion, text: str) -> bool:
    """Say whether a text is of the other one of two: of the north slip, where the south slip is asked about.

    text  a passage with what gives it its meaning
    """
    asked_pairs = [
        (term, opposite)
        for term, opposite in _opposites()
        if term in question.terms and opposite not in question.terms
    ]
    if not asked_pairs:
        return False  # as nearly always: the words of the text are not looked at
    terms = terms_of(text)
    return any(opposite in terms and term not in terms for term, opposite in asked_pairs)


def is_of_another_year(question: ParsedQuestion, text: str) -> bool:
    """Say whether a text names years, and none of those that the question is about: `for 2026`, `in 2026`.

    text  a passage with what gives it its meaning
    """
    asked_years = set(_OF_YEAR.findall(question.text))
    if not asked_years:
        return False
    years = set(_OF_YEAR.findall(text) or _YEAR.findall(text))
    return bool(years) and years.isdisjoint(asked_years)


@lru_cache(maxsize=1)
def _opposites() -> list[tuple[str, str]]:
    """Return each pair in both orders."""
    words = [pair.split() for pair in english_words.OPPOSITES]
    pairs = [(_term_of(first), _term_of(second)) for first, second in words]
    return pairs + [(second, first) for first, second in pairs]


def _term_of(word: str) -> str:
    (term,) = terms_of(word)
    return term


def denied_terms(text: str) -> frozenset[str]:
    """Return the words that stand just behind a denial."""
    words = _WORD.findall(text)
    terms_behind: set[str] = set()
    for i, word in enumerate(words):
        if english.DENIAL.fullmatch(word) or word.lower().endswith(("n't", "n’t")):
            for following in words[i + 1 : i + 1 + _REACH]:
                terms_behind |= terms_of(following)
    return frozenset(terms_behind)
