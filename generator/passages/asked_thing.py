"""Tells whether a passage holds a thing of the kind that is asked for: money, an account, a date, a person.

A passage without one is no answer, however much it speaks of the same. Only kinds that can be told by
their form: for the others, nothing is demanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.passages.questions import answer_forms, english, english_words
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.measures import ANY_UNIT, CURRENCY, MONEY, Measure
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.passage import Passage
from generator.passages.values.agents import agents_in, asks_doer
from generator.passages.values.offices import holds_office
from generator.passages.values.patterns import AMOUNT, COMPILED, FIGURES, NUMBER_WORDS
from generator.passages.values.spans import CLAUSE_NUMBER, fit
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.layout import BlockKind

_AMOUNT = re.compile(rf"{AMOUNT}|\d\s?p\b")
_PENNIES = re.compile(r"(?<![\d.,])\d[\d,.'’ ]*[.,]\d\d(?!\S*\d)")
_FIGURE = re.compile(rf"(?<![\w.,/-]){FIGURES}(?![\w/-])|\b{NUMBER_WORDS}\b", re.IGNORECASE)
_WITH_UNIT = (
    _AMOUNT,
    COMPILED[AnswerKind.SHARE],
    re.compile(rf"\d\s?(?:{ANY_UNIT})"),
    re.compile(r"\d [A-Z]?[a-z]+/[a-z]+"),
)
_CURRENCY = re.compile(CURRENCY)
_MIN_PHONE_DIGITS = 9  # without a word that says what it is
_PHONE_WORD = re.compile(
    r"\b(?:tel|phone|telephone|fax|mobile|call|dial|hotline|ring|contact)\w*", re.I
)
_WORD = re.compile(r"[^\W_]+")
_LIMIT = re.compile(r"\b(?:at least|at most|not (?:less|more) than|no (?:less|more) than|up to)\b")
_PRICED = re.compile(
    r"\b(?:costs?|prices?|priced|fees?|pay|pays|paid|payable|charged?|charges|rent|tariff|rate|budget|spen[dt])\b",
    re.IGNORECASE,
)
_NAME_WITHIN = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+")
# "Achterberg", "BASF": no "A4-70", no "DN 65", no "B C".
_IN_NAME = re.compile(r"(?<![\w-])[A-Z][^\W\d_]{2,}(?![\w-]*\d)")
_SOMEBODY = re.compile(
    r"\b(?:we|I|he|she|they|staff|owner|tenant|landlord|client|customer|supplier|buyer|seller|contractor|party"
    r"|parties|company|team|member|members|employer|employee|board|committee|council|parents?|users?|visitors?"
    r"|\w+(?:er|or|ist|ian|man|woman)s?)\b"
)
_SAME_BEGINNING = 5
_MAX_LINE_WORDS = 12

_IN_WORDS = {
    AnswerKind.AMOUNT: "an amount of money",
    AnswerKind.ACCOUNT: "a bank account",
    AnswerKind.MAIL: "an e-mail address",
    AnswerKind.PHONE: "a telephone number",
    AnswerKind.ADDRESS: "a web address",
    AnswerKind.PLACE: "an address",
    AnswerKind.SHARE: "a percentage",
    AnswerKind.DURATION: "a length of time",
    AnswerKind.DATE: "a date",
    AnswerKind.YEAR: "a year",
    AnswerKind.CLOCK: "a time of day",
    AnswerKind.CODE: "a number or code",
    AnswerKind.NAME: "a name",
    AnswerKind.NUMBER: "a figure",
}


def thing_in_words(question: ParsedQuestion) -> str:
    """Return what the question asks for, as a person is told of it; empty where it is of no known kind."""
    if question.kind is AnswerKind.AMOUNT and not _asks_money(question):
        return _IN_WORDS[AnswerKind.NUMBER]
    if question.kind is AnswerKind.NUMBER and (question.unit or question.unit_asked):
        return f"a number of {question.unit_asked.words if question.unit_asked else question.unit}"
    return _IN_WORDS.get(question.kind, "")


def holds_thing(
    question: ParsedQuestion, passage: Passage, before: str = "", behind: str = ""
) -> bool:
    """Say whether a passage, as it would be quoted, holds a thing of the kind asked for.

    before, behind  the passages beside it: they may name the office of who is named in this one
    """
    if not holds_office(question, passage, before, behind):
        return False
    check = _CHECKS.get(question.kind)
    return check is None or check(question, passage)


def _asks_money(question: ParsedQuestion) -> bool:
    """Say whether money is asked for: `How much is it?` asks for no other measure."""
    is_bare = english.ASKS_HOW_MUCH_IT_IS.search(question.text.lower()) is not None
    return MONEY in question.measures or (is_bare and not question.measures)


def _holds_money(question: ParsedQuestion, passage: Passage) -> bool:
    if not _asks_money(question):
        return _holds_quantity(question, passage)
    quote = passage.quote
    if _is_only_a_limit(question, passage):
        return False
    if _new_match(_AMOUNT, question, quote) or answer_forms.FREE.search(quote):
        return True
    if _new_match(COMPILED[AnswerKind.SHARE], question, quote):
        return english.PRICED_BY_SHARE.search(question.text.lower()) is not None
    if _is_prose(passage):
        return False
    if _new_match(_PENNIES, question, quote):
        return True
    around = f"{passage.surroundings} {passage.label}"
    is_money = _CURRENCY.search(around) is not None or _names(MONEY, around)
    return is_money and _new_match(_FIGURE, question, quote)


def _is_only_a_limit(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether all amounts of a sentence are limits of something, and it speaks of no price.

    `cover of at least 3 million` is not what the insurance costs.
    """
    if not _is_prose(passage) or _LIMIT.search(question.text) or _PRICED.search(passage.quote):
        return False
    places = [match.start() for match in _AMOUNT.finditer(passage.quote)]
    limits = [match.end() for match in _LIMIT.finditer(passage.quote)]
    return bool(places) and all(any(0 <= p - end <= 2 for end in limits) for p in places)


def _holds_name(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a sentence names somebody: by capital words, or by the part that somebody plays."""
    quote = passage.quote
    if any(agents_in(question, quote)) or not asks_doer(question):
        return True
    if not _is_prose(passage):
        return _new_match(_IN_NAME, question, _values(passage))
    if _names_somebody(quote) or _new_match(COMPILED[AnswerKind.NAME], question, quote):
        return True
    names = {term for word in _NAME_WITHIN.findall(quote) for term in terms_of(word)}
    return not names <= question.terms.keys() | STOP_WORDS | english_words.NAMES_OF_TIMES


def _names_somebody(quote: str) -> bool:
    words = (match[0].lower() for match in _SOMEBODY.finditer(quote))
    return any(word.removesuffix("s") not in english_words.NO_PERSONS for word in words)


def _values(passage: Passage) -> str:
    """Return what a row says of the thing that it names; of a line or a field all of it."""
    table = passage.table
    if table is None or passage.row is None:
        return passage.quote
    return "; ".join(table.text(cell) for cell in table.values_of(passage.row))


def _holds_quantity(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether it has a figure in a unit of what is measured, or one beside the name of it."""
    if question.kind is AnswerKind.AMOUNT and _is_prose(passage):  # "how much" of something
        return any(_new_match(pattern, question, passage.quote) for pattern in _WITH_UNIT)
    if passage.table is None and fit(question, passage.quote) == 1.0:
        return True
    is_prose = _is_prose(passage)
    text = passage.quote if is_prose else f"{passage.surroundings} {passage.quote}"
    if not _new_match(_FIGURE, question, passage.quote):
        return False
    if passage.table is not None and question.unit:
        return True  # the head of its column may say it in another way
    if question.unit and question.unit not in english.COUNTED_SO:
        return _says_unit(question, terms_of(text))
    if not question.measures or english.ASKS_HOW_HIGH.search(question.text.lower()):
        return True
    return any(measure.has_unit(text) or _names(measure, text) for measure in question.measures)


def _says_unit(question: ParsedQuestion, terms: frozenset[str]) -> bool:
    """Say whether what is counted stands among some words, or one that begins so: `visitors`, `visit`."""
    if question.cover_of(terms_of(question.unit), terms) > 0:
        return True
    beginning = question.unit[:_SAME_BEGINNING]
    return len(beginning) == _SAME_BEGINNING and any(term.startswith(beginning) for term in terms)


def _holds_duration(question: ParsedQuestion, passage: Passage) -> bool:
    if english.ASKS_HOW_MUCH_TIME.search(question.text.lower()) and _holds_share(question, passage):
        return True
    return (
        _holds_quantity(question, passage)
        or answer_forms.OPEN_TIME.search(passage.quote) is not None
    )


def _holds_share(question: ParsedQuestion, passage: Passage) -> bool:
    quote = passage.quote
    if _new_match(COMPILED[AnswerKind.SHARE], question, quote) or answer_forms.PART_OF.search(
        quote
    ):
        return True
    around = f"{passage.surroundings} {passage.label}"
    names = any(m.has_unit(around) or _names(m, around) for m in question.measures)
    return names and not _is_prose(passage) and _new_match(_FIGURE, question, quote)


def _holds_date(question: ParsedQuestion, passage: Passage) -> bool:
    text = f"{passage.quote} {passage.surroundings}" if passage.table is not None else passage.quote
    if any(_new_match(form, question, text) for form in (answer_forms.DATE, answer_forms.CLOCK)):
        return True
    return not english.ASKS_PAST.search(question.text.lower()) and bool(
        answer_forms.OCCASION.search(text)
    )


def _holds_phone(question: ParsedQuestion, passage: Passage) -> bool:
    text = f"{passage.surroundings} {passage.label} {passage.quote}"
    if "fax" in question.terms and "fax" not in text.lower():
        return False
    is_named = _PHONE_WORD.search(text) is not None
    for match in answer_forms.PHONE.finditer(passage.quote):
        n_digits = sum(map(str.isdigit, match[0]))
        if is_named or n_digits >= _MIN_PHONE_DIGITS:
            return True
    return False


def _holds_code(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether it has a code, and says what is asked for: `VAT` of "the VAT number"."""
    if not _new_match(answer_forms.CODE, question, CLAUSE_NUMBER.sub("", passage.quote)):
        return False
    match = english.KIND_OF_CODE.search(question.text.lower())
    kind = _WORD.findall(match[1]) if match else []
    text = f"{passage.surroundings} {passage.label} {passage.quote}".lower()
    known_words = [word for word in kind if word[:_SAME_BEGINNING] in text]
    return 2 * len(known_words) >= len(kind)


def _holds_form(question: ParsedQuestion, passage: Passage) -> bool:
    return question.answered_in_kind(passage.quote)


def _holds_year(question: ParsedQuestion, passage: Passage) -> bool:
    return _new_match(answer_forms.YEAR, question, f"{passage.surroundings} {passage.quote}")


def _new_match(pattern: re.Pattern[str], question: ParsedQuestion, text: str) -> bool:
    """Say whether a text has what the pattern finds, and the question does not say it itself."""
    asked_terms = terms_of(question.text)
    return any(not terms_of(match[0]) <= asked_terms for match in pattern.finditer(text))


def _names(measure: Measure, text: str) -> bool:
    return not measure.names.isdisjoint(terms_of(text))


def _is_prose(passage: Passage) -> bool:
    """Say whether it is a sentence: in a row, a field, a short line a bare figure may be an amount."""
    if passage.table is not None or passage.field is not None or passage.kind is BlockKind.PICTURE:
        return False
    return passage.stop - passage.start > _MAX_LINE_WORDS or passage.quote.endswith(".")


_CHECKS: dict[AnswerKind, Callable[[ParsedQuestion, Passage], bool]] = {
    AnswerKind.AMOUNT: _holds_money,
    AnswerKind.NUMBER: _holds_quantity,
    AnswerKind.DURATION: _holds_duration,
    AnswerKind.SHARE: _holds_share,
    AnswerKind.DATE: _holds_date,
    AnswerKind.YEAR: _holds_year,
    AnswerKind.PHONE: _holds_phone,
    AnswerKind.CODE: _holds_code,
    AnswerKind.NAME: _holds_name,
    AnswerKind.MAIL: _holds_form,
    AnswerKind.ADDRESS: _holds_form,
    AnswerKind.PLACE: _holds_form,
    AnswerKind.ACCOUNT: _holds_form,
    AnswerKind.CLOCK: _holds_form,
}
