"""Reads a question: its content words, the names and numbers among them, the kind of its answer."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from functools import lru_cache

from generator.passages.questions import answer_forms, english, english_words
from generator.passages.questions.answer_kinds import (
    ASKS,
    HOLDS,
    NAMES_OF_KINDS,
    QUANTITIES,
    SIGNS,
    AnswerKind,
)
from generator.passages.questions.codes import codes_in
from generator.passages.questions.equal_words import equals
from generator.passages.questions.measures import DURATION, Measure, asking_words, measures_in
from generator.passages.questions.terms import names_in, term_of, terms_of, words_in
from generator.passages.questions.units import UnitAsked, unit_asked_for
from indexer.base.language.stop_words import STOP_WORDS
from indexer.catalog.document_records import Page
from retriever.query import question_reading

# A missing number or name says more than any other missing word.
_NUMBER_WEIGHT = 2.0
_NAME_WEIGHT = 1.25
# Day and month of a date say when, and stand on many pages.
_DATE_WEIGHT = 0.3
# A word that stands for another counts so much of it.
_EQUAL_WEIGHT = 0.7
# What it asks to be measured counts as a word.
_MEASURE_WEIGHT = 1.0
# What a question says of the document and of its answer ("chart", "mention") stands anywhere.
_ASKING_WEIGHT = 0.3
_MIN_TO_DENY = 5

_YEAR = re.compile(r"(19|20)\d\d")
_COUNTED = re.compile(
    r"\bhow many ((?:[a-z-]+ )*?)((?!does\b|has\b|was\b)[a-z]{3,}s|people|men|women|children|staff)\b"
)


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question as passages are compared with it.

    terms      each content word, as `terms_of` gives it, with its weight
    key_terms  the names and numbers among them
    codes      part and section numbers: what says nothing of them is no answer
    instructions  about the form of the answer, in the question's own words; they are no terms
    measures   the quantities that it asks for
    measure_terms  words that name them, where the question itself says it in another way ("how tight")
    naming_terms  words that only name the kind of its answer ("cost", "telephone number", "litres")
    unit       what it counts ("how many guests"), or empty
    unit_asked  the unit of measure that it counts or wants its answer in ("how many litres")
    denies     it asks for what is not so
    asks_balance  it asks how much there was on a day, not how much came or went in a time
    asks_list  it asks for several things
    page_numbers, page_labels  of the pages that it names: counted, and as they are printed
    derived_terms  words of what is calculated from other figures: a page has to name it to answer
    """

    text: str
    terms: dict[str, float]
    key_terms: frozenset[str]
    kind: AnswerKind
    codes: frozenset[str] = frozenset()
    instructions: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    measure_terms: frozenset[str] = frozenset()
    naming_terms: frozenset[str] = frozenset()
    unit: str = ""
    unit_asked: UnitAsked | None = None
    denies: bool = False
    asks_balance: bool = False
    asks_list: bool = False
    derived_terms: frozenset[str] = frozenset()
    page_numbers: frozenset[int] = frozenset()
    page_labels: frozenset[str] = frozenset()

    def names_page(self, page: Page) -> bool:
        """Say whether it names a page, by its place in the document or by its printed number."""
        return page.page_number in self.page_numbers or page.label.lower() in self.page_labels

    def cover(self, terms: Set[str]) -> float:
        """Return the weighted share 0..1 of the question's terms that are in `terms`.

        A term of which only an equal stands there counts in part.
        """
        total = sum(self.terms.values()) + _MEASURE_WEIGHT * bool(self.measure_terms)
        return self.weight_in(terms) / total if total else 0.0

    def weight_in(self, terms: Set[str]) -> float:
        """Return the weight of the question's terms that are in `terms`, its measure one of them."""
        weight = sum(w * _presence(term, terms) for term, w in self.terms.items())
        return weight + _MEASURE_WEIGHT * (not self.measure_terms.isdisjoint(terms))

    def cover_of(self, own: Set[str], terms: Set[str]) -> float:
        """Return the weight of those of the question's terms in `own` that are in `terms`."""
        return sum(_presence(term, terms) for term in own if term in self.terms)

    def with_less_weight(self, terms: Set[str], factor: float) -> ParsedQuestion:
        """Return the same question with the weight of some terms scaled by `factor`."""
        weights = {t: w * factor if t in terms else w for t, w in self.terms.items()}
        return replace(self, terms=weights)

    def answered_in_kind(self, quote: str) -> bool:
        """Say whether `quote` holds something of the kind asked for that the question does not."""
        if self.kind in HOLDS:
            return HOLDS[self.kind].search(quote) is not None
        if self.kind in QUANTITIES:
            bare = english.NUMBERED_PART.sub(" ", english.PERIOD.sub(" ", quote))
            bare = english.IDENTIFIED.sub(" ", bare)
            return answer_forms.NUMBER_WORD.search(bare) is not None or any(
                term[0].isdigit() and not _YEAR.fullmatch(term)
                for term in terms_of(bare) - terms_of(self.text)
            )
        if self.kind is AnswerKind.NAME:
            return len(names_in(quote) - self.terms.keys() - _times()) >= 2
        return False

    @property
    def has_kind(self) -> bool:
        """Whether an answer has a form that can be told."""
        return self.kind not in (AnswerKind.ANY, AnswerKind.YES_OR_NO)

    @property
    def asks_figure(self) -> bool:
        """Whether an answer has a digit, a number in words or a sign of its own."""
        return self.asks_quantity or self.kind in SIGNS

    @property
    def asks_quantity(self) -> bool:
        return self.kind in QUANTITIES or self.kind is AnswerKind.SHARE


def read_question(text: str) -> ParsedQuestion:
    """Read a question. One without content words has no terms, and nothing covers it.

    What says how the answer is to look, or on which page it stands, is left out: no passage speaks of it.
    """
    reading = question_reading.read_question(text)
    asked_text = _without_place(reading.search_text)
    lower_case = asked_text.strip().lower()
    unit_asked = unit_asked_for(lower_case)
    unit_terms = terms_of(unit_asked.words) if unit_asked is not None else frozenset[str]()
    weights, key_terms = _weights_of(asked_text, unit_terms)
    kind = next((kind for kind, asks in ASKS if asks.search(lower_case)), AnswerKind.ANY)
    wants_figure = any(map(english.WANTS_FIGURE.search, reading.instructions))
    if kind is AnswerKind.ANY and wants_figure and not english.ASKS_WHICH_PART.search(lower_case):
        kind = AnswerKind.NUMBER
    if (
        unit_asked is not None
        and kind is AnswerKind.DURATION
        and unit_asked.measure is not DURATION
    ):
        kind = AnswerKind.NUMBER  # "how long" in kilometres
    unit = _COUNTED.search(lower_case) if unit_asked is None else None
    measures = measures_in(lower_case)
    if unit_asked is not None:
        other_measures = (
            measure
            for measure in measures
            if measure is not DURATION or kind is AnswerKind.DURATION
        )
        measures = tuple(
            dict.fromkeys([unit_asked.in_this_unit, *other_measures, unit_asked.measure])
        )
    naming_words = f"{asking_words(lower_case, measures)} {NAMES_OF_KINDS.get(kind, '')}"
    measure_terms = terms_of(" ".join(name for measure in measures for name in measure.names))
    return ParsedQuestion(
        text=asked_text,
        terms=weights,
        key_terms=key_terms,
        kind=kind,
        codes=codes_in(asked_text),
        measures=measures,
        measure_terms=measure_terms if measure_terms.isdisjoint(weights) else frozenset(),
        naming_terms=terms_of(naming_words) | unit_terms,
        unit=unit[2] if unit else "",
        unit_asked=unit_asked,
        denies=english.DENIAL.search(asked_text) is not None,
        derived_terms=terms_of(" ".join(m[0] for m in english.DERIVED.finditer(lower_case))),
        asks_balance=english.ASKS_BALANCE.search(asked_text) is not None
        and english.FLOW.search(asked_text) is None,
        asks_list=english.ASKS_LIST.search(lower_case) is not None,
        instructions=reading.instructions,
        page_numbers=frozenset(n for n in reading.positions if n > 0),
        page_labels=frozenset(
            term.removeprefix("page:") for term in reading.places if term.startswith("page:")
        ),
    )


def _weights_of(asked_text: str, unit_terms: Set[str]) -> tuple[dict[str, float], frozenset[str]]:
    """Return the content words of a question with their weights, and the names and numbers among them.

    unit_terms  name the unit that it asks for
    """
    weights: dict[str, float] = {}
    key_terms: set[str] = set()
    date_terms = terms_of(" ".join(m[0] for m in english.PERIOD.finditer(asked_text)))
    part_numbers = {m[1].lower() for m in english.NUMBERED_PART.finditer(asked_text)}
    asking_terms = _asking_terms() | unit_terms
    bare_text = english.CONTRACTION.sub("it", english.ASKING.sub("How", asked_text))
    for i, word in enumerate(words_in(bare_text, with_parts_of_codes=False)):
        term = term_of(word)
        if word.lower() in STOP_WORDS or term in STOP_WORDS:
            continue
        weight = 1.0
        if any(map(str.isdigit, word)):
            weight = _NUMBER_WEIGHT if word.lower() not in part_numbers else 1.0
        elif i > 0 and word[0].isupper():  # the first word is capital in any case
            weight = _NAME_WEIGHT
        if term in asking_terms:
            weight = _ASKING_WEIGHT
        if term in date_terms:
            weight = 1.0 if _YEAR.fullmatch(term) else _DATE_WEIGHT
        weights[term] = max(weight, weights.get(term, 0.0))
        if weight > 1.0:
            key_terms.add(term)
    for asks, names in english_words.SAID_OTHERWISE:
        if asks.search(asked_text):
            weights |= dict.fromkeys(terms_of(names) - weights.keys(), 1.0)
    return weights, frozenset(key_terms)


def content_of(text: str) -> str:
    """Return a question without instructions about its answer and without the page that it names."""
    return _without_place(question_reading.read_question(text).search_text)


def _without_place(asked_text: str) -> str:
    """Return a question without the page that it names, unless it names nothing else."""
    asked_text = english.JOINED_PART.sub(r"\1 ", asked_text)  # `Table1-1`
    shorter = english.PAGE_PLACE.sub(" ", asked_text)
    return shorter if re.search(r"\w", shorter) else asked_text


def _presence(term: str, terms: Set[str]) -> float:
    if term in terms:
        return 1.0
    if len(term) >= _MIN_TO_DENY and f"un{term}" in terms:  # `unfurnished`, of what is furnished
        return _EQUAL_WEIGHT
    return _EQUAL_WEIGHT if not terms.isdisjoint(equals().get(term, ())) else 0.0


@lru_cache(maxsize=1)
def _times() -> frozenset[str]:
    return frozenset(map(term_of, english_words.NAMES_OF_TIMES))


@lru_cache(maxsize=1)
def _asking_terms() -> frozenset[str]:
    return terms_of(english_words.ABOUT_THE_DOCUMENT)
