"""Finds the words of a passage that are the answer: an amount, a date, a length of time, a name.

Only by patterns: where none fits, or two fit as well, there is no span and the passage stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from generator.passages.questions import answer_forms, english
from generator.passages.questions.answer_kinds import QUANTITIES, AnswerKind
from generator.passages.questions.measures import ANY_UNIT, CURRENCY, MONEY, Measure
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.questions.units import UnitAsked
from generator.passages.values.agents import agents_in, asks_doer
from generator.passages.values.patterns import (
    BEFORE_LAST,
    COMPILED,
    FIGURES,
    LIMIT,
    NUMBER_WORDS,
    SCALE,
)
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.pages import PageWords
from indexer.base.reading import displayed_words

# A span this much nearer to the question's words than the next one is meant.
_CLEARLY_NEARER = 2
# Something of the kind, but in no form that is known.
_WITHOUT_SPAN = 0.5
_OF_ANOTHER_THING = (
    0.5  # a name, but not beside the verb of who did it; a code, but not behind what it is of
)
_PART = re.compile(
    r"\b(?:notes?|clauses?|sections?|chapters?|figures?|fig\.|tables?|pages?|items?|articles?|no\.|steps?"
    r"|schedules?|appendix|parts?)\s*\(?$",
    re.IGNORECASE,
)
CLAUSE_NUMBER = re.compile(r"^\s*(?:\(?\w{1,2}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)\s")
_ASKS_END = re.compile(
    r"\b(ends?|ending|expires?|expiry|finish(?:es)?|runs? out|until|lapses?)\b", re.I
)
_ASKS_BEGIN = re.compile(r"\b(begins?|starts?|commences?|starting|effective|since)\b", re.I)
_UNTIL = r"(?i:\b(?:to|until|till|through|and ends on|ending|–|-)\s(?:the\s)?)"
_FROM = r"(?i:\b(?:from|since|starting|beginning|as of|effective)\s(?:on\s)?(?:the\s)?)"
_BEGINS = r"(?i:\b(?:begins?|starts?|commences?|began|started)\s(?:on\s)?(?:the\s)?)"
_BARE_YEAR = COMPILED[AnswerKind.YEAR]
_PEOPLE = ("people", "persons")
_FOOTNOTE_MARK = re.compile(r"\s[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?=\s|$)")
_EDGES = ".,;:!?\"'“”‘’()[]"


class Span(NamedTuple):
    """Words start..stop of a page, and how they read."""

    start: int
    stop: int
    text: str


class _Text(NamedTuple):
    """The words of a passage as one text: word i begins at `starts[i]`, on the page it is `positions[i]`."""

    text: str
    starts: Sequence[int]
    positions: Sequence[int]
    stop: int


def answer_span(question: ParsedQuestion, words: PageWords, start: int, stop: int) -> Span | None:
    """Return the span of words start..stop that is the answer; None where no pattern tells."""
    text = _text_of(words, start, stop)
    spans = [span for span in _spans(question, text) if not _is_asked(question, span)]
    if not spans:
        return None
    spans = _at_right_end(question, text.text, spans)
    if not spans:
        return None
    if len(spans) == 1 or len({span.text for span in spans}) == 1:
        return spans[0]
    return _nearest(question, words, spans, start, stop)


def doer_span(question: ParsedQuestion, words: PageWords, start: int, stop: int) -> Span | None:
    """Return who did what the question asks of, in words start..stop; None where not one name tells."""
    spans = _doers(question, _text_of(words, start, stop))
    return spans[0] if len(spans) == 1 else None


def _doers(question: ParsedQuestion, text: _Text) -> list[Span]:
    if question.kind is not AnswerKind.NAME:
        return []
    return [_span(text, *place) for place in agents_in(question, text.text)]


def _at_right_end(question: ParsedQuestion, text: str, spans: list[Span]) -> list[Span]:
    """Return, of the dates of a period, the last day where its end is asked for, else the first."""
    if question.kind is not AnswerKind.DATE:
        return spans
    ends, begins = _ASKS_END.search(question.text), _ASKS_BEGIN.search(question.text)
    if bool(ends) == bool(begins):
        return spans
    if ends:
        spans = [span for span in spans if not re.search(_BEGINS + re.escape(span.text), text)]
    before = _UNTIL if ends else _FROM
    chosen_spans = [
        span for span in spans if re.search(before + re.escape(span.text), text) is not None
    ]
    return chosen_spans or spans


def _text_of(words: PageWords, start: int, stop: int) -> _Text:
    text, starts, positions = "", [], []
    for word in displayed_words(words.texts[start:stop], words.marks[start:stop].tolist()):
        text += " " if text else ""
        starts.append(len(text))
        positions.append(start + word.position)
        text += word.text
    return _Text(text, starts, positions, stop)


def _spans(question: ParsedQuestion, text: _Text) -> list[Span]:
    """Return what fits the kind asked for: first with a unit of the measure asked for, then with any."""
    if doers := _doers(question, text):
        return doers
    for pattern in _patterns(question.kind, question.measures, question.unit, question.unit_asked):
        spans = [
            _span(text, *match.span())
            for match in pattern.finditer(text.text)
            if question.kind is AnswerKind.CODE or not _is_number_of_part(text.text, match.start())
        ]
        spans = [span for span in spans if span.text and not _is_bare_year(question, span)]
        if question.kind is AnswerKind.NAME:
            spans = [s for s in spans if terms_of(s.text).isdisjoint(question.terms)]
        if spans:
            return spans
    return []


@lru_cache(maxsize=256)
def _patterns(
    kind: AnswerKind, measures: tuple[Measure, ...], unit: str, unit_asked: UnitAsked | None
) -> tuple[re.Pattern[str], ...]:
    """Return what may answer a kind of question, the most telling first."""
    patterns = [COMPILED[kind]] if kind in COMPILED else []
    if kind not in (AnswerKind.NUMBER, AnswerKind.AMOUNT, AnswerKind.DURATION):
        return tuple(patterns)
    number = (
        rf"{LIMIT}(?:(?<![\w.,-])(?:{BEFORE_LAST})?(?:10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|(?:{CURRENCY})?\s?{FIGURES})"
        rf"|(?:{BEFORE_LAST})?\b{NUMBER_WORDS})"
    )
    if unit_asked is not None:
        sign = unit_asked.in_this_unit.units.pattern
        amount = rf"{number}{SCALE}\s?-?{sign}"
        patterns.insert(
            0,
            re.compile(
                rf"{amount}|{sign}\s?{FIGURES}{SCALE}" if unit_asked.measure is MONEY else amount
            ),
        )
    if unit:
        stem = re.escape(unit[:-1]) if unit not in _PEOPLE else "(?:people|person)"
        between = r"(?:[ -](?:[a-z]+ ){0,2})?"
        patterns.append(re.compile(rf"{number}{between}{stem}[a-z]{{0,3}}\b", re.IGNORECASE))
    patterns += [
        re.compile(rf"{number}{SCALE}\s?-?(?:{measure.units.pattern})") for measure in measures
    ]
    if not unit and not measures:
        figures = rf"(?<![\w.,-])(?:(?:{CURRENCY})\s?)?{FIGURES}"
        patterns.append(re.compile(rf"{figures}(?:{SCALE}\s?(?:{ANY_UNIT}))?(?!\w)"))
    return tuple(patterns)


def fit(question: ParsedQuestion, quote: str) -> float:
    """Return how well a passage holds something of the kind asked for, 0..1.

    A figure in another unit than is asked for fits by half.
    """
    if question.kind is AnswerKind.NAME and any(agents_in(question, quote)):
        return 1.0
    if not question.answered_in_kind(quote):
        return 0.0
    if question.kind is AnswerKind.NAME and asks_doer(question):
        return _OF_ANOTHER_THING
    if question.kind is AnswerKind.CODE and not _is_code_named(question, quote):
        return _OF_ANOTHER_THING
    patterns = _patterns(question.kind, question.measures, question.unit, question.unit_asked)
    if not patterns:
        return 1.0
    asked_terms = terms_of(question.text)
    text = CLAUSE_NUMBER.sub("", quote)
    has_span = any(
        not terms_of(match[0]) <= asked_terms for p in patterns for match in p.finditer(text)
    )
    if has_span:
        return 1.0
    if question.unit:
        return 0.0  # it counts something else
    return _WITHOUT_SPAN


def _is_code_named(question: ParsedQuestion, quote: str) -> bool:
    """Say whether what a code is asked of stands right before one: `Invoice 2025-0417`, `VAT no.: DE 123`."""
    match = english.KIND_OF_CODE.search(question.text.lower())
    noun = match[1].split()[-1] if match else ""
    behind = r"\W{1,3}(?:(?:no|nr|number|id|code|ref)\b\W*)?" + answer_forms.CODE.pattern
    return (
        bool(noun) and re.search(rf"\b{re.escape(noun)}{behind}", quote, re.IGNORECASE) is not None
    )


def _is_bare_year(question: ParsedQuestion, span: Span) -> bool:
    return question.kind is AnswerKind.NUMBER and _BARE_YEAR.fullmatch(span.text) is not None


def _is_number_of_part(text: str, start: int) -> bool:
    """Say whether what begins at `start` numbers a clause, a note or a table and counts nothing."""
    before = text[:start]
    return _PART.search(before) is not None or (
        not before.strip() and CLAUSE_NUMBER.match(text) is not None
    )


def _span(text: _Text, first: int, last: int) -> Span:
    """Return the whole words around characters first..last."""
    n = len(text.starts)
    i = max(k for k in range(n) if text.starts[k] <= first)
    j = next((k for k in range(i + 1, n) if text.starts[k] >= last), n)
    end = text.positions[j] if j < n else text.stop
    answer = _FOOTNOTE_MARK.sub("", text.text[first:last]).strip(_EDGES + " ")
    answer += "." * answer.endswith((" a.m", " p.m"))
    is_open = answer.count("(") > answer.count(")")  # `62 dB(A)`
    return Span(text.positions[i], end, answer + ")" * is_open)


def _is_asked(question: ParsedQuestion, span: Span) -> bool:
    """Say whether the span only repeats the question."""
    return terms_of(span.text) <= terms_of(question.text)


def _nearest(
    question: ParsedQuestion, words: PageWords, spans: Sequence[Span], start: int, stop: int
) -> Span | None:
    """Return the span that stands clearly nearest to the question's words."""
    places = [
        i
        for i in range(start, stop)
        if terms_of(words.texts[i]) & question.terms.keys()
        and not any(span.start <= i < span.stop for span in spans)
    ]
    of_things = [i for i in places if terms_of(words.texts[i]).isdisjoint(question.naming_terms)]
    places = of_things or places
    naming = [span for span in spans if any(term in span.text.lower() for term in question.terms)]
    if question.kind in (AnswerKind.MAIL, AnswerKind.ADDRESS) and len(naming) == 1:
        return naming[0]
    if not places:
        return None
    behind = [span for span in spans if _stands_behind(words, span, places)]
    if len(behind) == 1:  # `Fax: 514-312-0292`, `set to 5.1 A`
        return behind[0]
    before = [span for span in spans if span.stop in places]
    if question.kind in QUANTITIES and len(before) == 1:  # `80 g sugar, 2 spoons`
        return before[0]
    distances = sorted(
        (min(_distance(span, place) for place in places), i) for i, span in enumerate(spans)
    )
    if distances[0][0] + _CLEARLY_NEARER > distances[1][0]:
        return None
    return spans[distances[0][1]]


def _stands_behind(words: PageWords, span: Span, places: Sequence[int]) -> bool:
    """Say whether a word of the question stands just before a span, or a small word between them."""
    before = span.start - 1
    if before >= 0 and words.texts[before].endswith((",", ";")):  # `sugar, 2 spoons`
        return False
    is_small = before >= 0 and words.texts[before].lower() in STOP_WORDS | {"is", "="}
    return before in places or (is_small and before - 1 in places)


def _distance(span: Span, place: int) -> int:
    return span.start - place if place < span.start else place - span.stop + 1
