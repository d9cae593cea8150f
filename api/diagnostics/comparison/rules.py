"""Compares a text with a right answer, rule by rule; docs/evaluation.md has them in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from api.diagnostics.comparison.gold import GoldAnswer, items_of
from api.diagnostics.comparison.numbers import (
    Number,
    as_percentage,
    is_close,
    rounds_to,
    same_number,
    same_unit,
)
from api.diagnostics.comparison.phrases import compare_phrase
from api.diagnostics.comparison.tokens import Token, tokens_of
from api.diagnostics.comparison.verdicts import Comparison, best, partly, right, wrong

_HEDGES = frozenset(
    ("about", "approximately", "approx", "around", "circa", "ca", "roughly", "nearly", "almost")
)
_YES_OR_NO = frozenset({"yes", "no"})
_MAX_UNIT_WORDS = 2
_STEM = 4  # letters that a word of a unit and its plural share


def compare(gold: GoldAnswer, text: str) -> Comparison:
    """Say whether `text` holds the answer, by the best of the answer and its alternatives."""
    if not text.strip():
        return wrong("no text")
    for phrase in gold.reject:
        if compare_phrase(tokens_of(phrase), tokens_of(text)).is_right:
            return wrong("holds what must not be said")
    alternatives = [gold.text, *gold.accept] if gold.text and not gold.items else [*gold.accept]
    comparisons = [compare_text(answer, text, gold.answer_format) for answer in alternatives]
    if gold.items:
        comparisons.append(_compare_items(gold.items, text))
    return best(comparisons)


def compare_text(gold: str, text: str, answer_format: str = "") -> Comparison:
    """Say whether `text` holds `gold`, both as they are written."""
    if items := items_of(gold):
        return _compare_items(items, text)
    return best(
        _compare_reading(tokens_of(gold, merge=True), tokens_of(text, merge=merge), answer_format)
        for merge in (False, True)
    )


def _compare_reading(
    gold: Sequence[Token], text: Sequence[Token], answer_format: str
) -> Comparison:
    gold = [token for token in gold if token.text not in _HEDGES] or gold
    if not gold:
        return wrong("the right answer has no letter or digit")
    head, *tail = gold
    if not tail and head.text in _YES_OR_NO:
        says_so = bool(text) and text[0].text == head.text
        return right("yes or no") if says_so else wrong("yes or no")
    if head.dates:
        comparison = _compare_dates(head, text)
        if not tail or not comparison.is_right:
            return comparison
        whole = compare_phrase(gold, text)
        return whole if whole.is_right else partly("part of the answer", 0.5)
    if not tail and head.upper is not None:
        return _compare_ranges(head, text)
    is_quantity = head.upper is None and len(tail) <= _MAX_UNIT_WORDS
    if head.number is not None and is_quantity and not any(t.number or t.dates for t in tail):
        return _compare_quantity(head.number, tail, text, answer_format)
    return compare_phrase(gold, text)


def _compare_items(items: Sequence[str], text: str) -> Comparison:
    """All items, in any order; one that is asked for twice must stand there twice."""
    scores = []
    for item, count in Counter(items).items():
        comparison = compare_text(item, text)
        if count > 1 and comparison.is_right:
            scores += [1.0] * min(count, _occurrences(item, text)) or [1.0]
            scores += [0.0] * (count - min(count, max(_occurrences(item, text), 1)))
        else:
            scores += [float(comparison.is_right)] * count
    share = sum(scores) / len(scores)
    if share == 1:
        return right("every item")
    return partly("some items", share) if share else wrong("no item")


def _occurrences(item: str, text: str) -> int:
    gold = tokens_of(item, merge=True)
    if len(gold) == 1 and gold[0].number is not None:
        number = gold[0].number
        return sum(
            token.is_value and same_number(number, token.number)
            for token in tokens_of(text)
            if token.number
        )
    tokens = tokens_of(text)
    return sum(
        all(a.text == b.text for a, b in zip(gold, tokens[n : n + len(gold)], strict=False))
        for n in range(len(tokens) - len(gold) + 1)
    )


def _compare_dates(gold: Token, text: Sequence[Token]) -> Comparison:
    moments = [moment for token in text for moment in token.dates]
    if any(moment.within(reading) for moment in moments for reading in gold.dates):
        return right("date")
    if any(reading.within(moment) for moment in moments for reading in gold.dates):
        return partly("part of the date", 0.5)
    return wrong("date")


def _compare_ranges(gold: Token, text: Sequence[Token]) -> Comparison:
    assert gold.number is not None and gold.upper is not None
    for token in text:
        if token.number is None or token.upper is None:
            continue
        same_low = token.number.value == gold.number.value
        if same_low and same_number(gold.upper, token.upper):
            return right("range")
    return wrong("range")


def _compare_quantity(
    gold: Number, unit_words: Sequence[Token], text: Sequence[Token], answer_format: str
) -> Comparison:
    values = [token.number for token in text if token.is_value and token.number]
    if not gold.is_word and len(text) > 1:  # "one" is seldom a number
        values = [value for value in values if not (value.is_word and value.value == 1)]
    for rule, agrees in _number_rules(gold, answer_format, is_alone=len(values) == 1):
        if any(agrees(gold, value) for value in values):
            if _names_unit(unit_words, text):
                return right(rule)
            return partly("number, of what is not said", 0.5)
    years = {moment.year for token in text for moment in token.dates}
    if not unit_words and not gold.unit and not gold.decimals and int(gold.value) in years:
        return right("year of a date")
    if _is_inexact(gold, answer_format) and any(rounds_to(gold, value) for value in values):
        return partly("number, rounded", 0.5)
    if any(value.value == gold.value and not same_unit(gold, value) for value in values):
        return wrong("number of another unit")
    return wrong("number")


def _number_rules(
    gold: Number, answer_format: str, *, is_alone: bool
) -> list[tuple[str, Callable[[Number, Number], bool]]]:
    """Return the rules by which a number of the text may be right, strictest first."""
    rules: list[tuple[str, Callable[[Number, Number], bool]]] = [("number", same_number)]
    if _is_inexact(gold, answer_format):
        rules.append(("number, as a percentage", as_percentage))
        rules.append(
            ("number, to the same decimals", lambda a, b: a.digits >= 2 and rounds_to(b, a))
        )
        if is_alone:
            rules.append(("number within 1 %", is_close))
    return rules


def _is_inexact(gold: Number, answer_format: str) -> bool:
    return answer_format == "Float" or (not answer_format and bool(gold.decimals))


def _names_unit(unit_words: Sequence[Token], text: Sequence[Token]) -> bool:
    """Say whether one of the words behind the right number stands in the text, or the number alone does."""
    if not unit_words or len(text) == 1:
        return True
    stems = {token.text[:_STEM] for token in unit_words}
    return any(token.text[:_STEM] in stems for token in text)
