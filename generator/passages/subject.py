"""Measures how much of what a question is about stands near a passage, and how much no page says at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from generator.passages.questions import english_words
from generator.passages.questions.answer_kinds import NAMES_OF_KINDS, AnswerKind
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.passage import Passage
from indexer.base.language.stop_words import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_POSSESSIVE = re.compile(r"[’']s$")
# Longer words that begin alike are forms of one word.
_SAME_BEGINNING = 5
_MAX_BARE_WORDS = 2  # a currency, `net`

# A sentence that does not begin so names what its amount is of.
_REFERS_BACK = re.compile(
    r"^\W*(?:\(?\w{1,3}[.)]\s+|\d+(?:\.\d+)+\s+)?(?:It|Its|They|Their|This|These|That|Those|Both|Each|All"
    r"|(?:Payment|The (?:price|cost|fee|charge|amount|sum|total|rate|rent|deposit|payment|bill|invoice)s?))\b"
)
_IS_ENGLISH = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|how|why|the|list|name|is|are)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The words of a question that say what it is about, each with its weight.

    Words that ask ("amount", "telephone number") and words about the document ("chart", "section") are left
    out: no passage has to say them.
    """

    question: ParsedQuestion
    weights: Mapping[str, float]

    def absent_terms(self, page_terms: Set[str]) -> frozenset[str]:
        """Return the words that are on no page, in no form.

        page_terms  of all pages that were read, and of the names of their documents
        """
        return frozenset(term for term in self.weights if not self._presence(term, page_terms))

    def as_written(self, page_terms: Set[str]) -> list[str]:
        """Return the words that are on no page, as the question writes them."""
        absent = self.absent_terms(page_terms)
        words = dict.fromkeys(
            _POSSESSIVE.sub("", word) for word in _WORD.findall(self.question.text)
        )
        return [word for word in words if not terms_of(word).isdisjoint(absent)]

    def share_of(self, terms: Set[str]) -> float:
        """Return the share 0..1 of its weight that some of its words have."""
        total = sum(self.weights.values())
        return sum(self.weights[term] for term in terms) / total if total else 0.0

    def is_bare(self, passage: Passage) -> bool:
        """Say whether a passage names nothing but the kind that is asked for: `The price is 400 euros net.`

        It is about the thing that the whole document is about, whatever the question calls it.
        """
        if passage.table is not None:
            return False
        kind = terms_of(NAMES_OF_KINDS.get(self.question.kind, ""))
        terms = terms_of(passage.quote) - STOP_WORDS
        own = {term for term in terms if term.isalpha()}
        return not own.isdisjoint(kind) and len(own - kind) <= _MAX_BARE_WORDS

    def near_share(self, near_terms: Set[str], without: Set[str]) -> float:
        """Return the share 0..1 of the subject that stands near a passage; 1 where it has no words.

        without  words that need not stand there: they name the document, or are on no page
        """
        own = {term: w for term, w in self.weights.items() if term not in without}
        if not own:
            return 1.0
        near = sum(weight * self._presence(term, near_terms) for term, weight in own.items())
        return near / sum(own.values())

    def _presence(self, term: str, terms: Set[str]) -> float:
        """Return 1 for a word that stands there in some form, less for one that means the same, else 0."""
        beginning = term[:_SAME_BEGINNING]
        if len(term) > _SAME_BEGINNING and any(
            page_term.startswith(beginning) for page_term in terms
        ):
            return 1.0
        return self.question.cover_of({term}, terms)


def is_english(question: ParsedQuestion) -> bool:
    """Say whether a question has one of the words that most English ones have."""
    return _IS_ENGLISH.search(question.text) is not None


def subject_of(question: ParsedQuestion) -> Subject:
    """Return what a question is about; nothing where it is not in English."""
    if not is_english(question):
        return Subject(question, {})
    asking = _asking_terms(question)
    weights = {
        term: w for term, w in question.terms.items() if term.isalpha() and term not in asking
    }
    return Subject(question, weights)


def near_terms(
    passages: Sequence[Passage], position: int, kind: AnswerKind = AnswerKind.ANY
) -> frozenset[str]:
    """Return the words of a passage, of what gives it its meaning, and of the passages beside it.

    A sentence with an amount that names what costs it says nothing of what the sentences beside it name.
    """
    passage = passages[position]
    beside = passages[max(position - 1, 0) : position + 2]
    if kind is AnswerKind.AMOUNT and _names_its_thing(passage):
        beside = [passage]
    texts = [passage.surroundings, passage.label, *(p.quote for p in beside)]
    return frozenset[str]().union(*map(terms_of, texts))


def _names_its_thing(passage: Passage) -> bool:
    """Say whether a passage is a whole sentence that does not speak of what the one before it names."""
    is_sentence = passage.table is None and passage.field is None and passage.quote[-1] in ".!?"
    return is_sentence and _REFERS_BACK.match(passage.quote) is None


def _asking_terms(question: ParsedQuestion) -> frozenset[str]:
    return terms_of(english_words.ABOUT_THE_DOCUMENT) | question.naming_terms
