"""Compares words: exact, contained, nearly so, in part."""

from __future__ import annotations

from collections.abc import Sequence

from api.diagnostics.comparison.numbers import same_number
from api.diagnostics.comparison.similarity import anls
from api.diagnostics.comparison.tokens import Token
from api.diagnostics.comparison.verdicts import Comparison, partly, right, wrong

_NEGATIONS = frozenset(["not", "no", "never", "without", "nor", "cannot", "nicht", "kein", "keine"])
_NEGATION_REACH = 2  # words before what is denied
_NEAR = 0.9  # ANLS of a misread letter or two
_MIN_LETTERS = 6  # shorter ones are compared letter by letter
_MIN_WORDS = 4  # of an answer of which a part is worth something
_MOST = 0.8
_REORDERED = 0.8
_SHARE_IN_PLACE = 0.6
_MIN_SHARE_OF_GOLD = 0.5


def compare_phrase(gold: Sequence[Token], text: Sequence[Token]) -> Comparison:
    """Say whether the words of `gold` stand in `text`, in their order and beside each other."""
    if not gold or not text:
        return wrong("no text")
    places = _places(gold, text)
    if any(not _is_denied(gold, text, place) for place in places):
        return right("exact" if len(gold) == len(text) else "contained")
    if places:
        return wrong("denied")
    if _compact_match(gold, text):
        return right("contained, spaces apart")
    if _same_numbers(gold, text) and _is_near(gold, text):
        return right("nearly the same letters")
    return _compare_part(gold, text)


def _compare_part(gold: Sequence[Token], text: Sequence[Token]) -> Comparison:
    if len(text) >= _MIN_SHARE_OF_GOLD * len(gold) and _places(text, gold):
        return partly("part of the answer", len(text) / len(gold))
    similarity = anls(_letters(gold), _letters(text)) if _same_numbers(gold, text) else 0.0
    if similarity and _negations(gold) != _negations(text):
        return wrong("denied")
    if similarity:
        return partly("similar letters", similarity)
    if len(gold) > 1 and sorted(_words(gold)) == sorted(_words(text)):
        return partly("its words in another order", _REORDERED)
    words = set(_words(text))
    share = sum(token.text in words for token in gold) / len(gold)
    if len(gold) >= _MIN_WORDS and share >= _MOST:
        return partly("most of its words", share)
    return wrong("other words")


def _places(gold: Sequence[Token], text: Sequence[Token]) -> list[int]:
    n = len(gold)
    return [
        start
        for start in range(len(text) - n + 1)
        if all(map(same_token, gold, text[start : start + n]))
    ]


def same_token(gold: Token, token: Token) -> bool:
    """Say whether two tokens are the same word, quantity, range or date."""
    if gold.dates or token.dates:
        return any(a == b for a in gold.dates for b in token.dates)
    if gold.upper is not None or token.upper is not None:
        if gold.upper is None or token.upper is None or not gold.number or not token.number:
            return False
        return same_number(gold.number, token.number) and same_number(gold.upper, token.upper)
    if gold.number is not None and token.number is not None:
        return same_number(gold.number, token.number)
    return gold.text == token.text


def _is_denied(gold: Sequence[Token], text: Sequence[Token], place: int) -> bool:
    if _negations(gold):
        return False
    before = text[max(place - _NEGATION_REACH, 0) : place]
    return any(token.text in _NEGATIONS for token in before)


def _negations(tokens: Sequence[Token]) -> bool:
    return any(token.text in _NEGATIONS for token in tokens)


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]


def _letters(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _compact_match(gold: Sequence[Token], text: Sequence[Token]) -> bool:
    """Say whether the letters of `gold` are those of whole tokens of `text`, differently parted."""
    target = "".join(token.text for token in gold)
    if len(target) < _MIN_LETTERS:
        return False
    for start in range(len(text)):
        letters = ""
        for token in text[start:]:
            letters += token.text.replace(" ", "")
            if letters == target:
                return not _is_denied(gold, text, start)
            if not target.startswith(letters):
                break
    return False


def _same_numbers(gold: Sequence[Token], text: Sequence[Token]) -> bool:
    """Say whether every number, date and code of `gold` stands in `text` as it is."""
    exact = [token for token in gold if token.number or token.dates or _has_digit(token)]
    return all(any(same_token(token, word) for word in text) for token in exact)


def _has_digit(token: Token) -> bool:
    return any(map(str.isdigit, token.text))


def _is_near(gold: Sequence[Token], text: Sequence[Token]) -> bool:
    """Say whether as many tokens somewhere in `text` have nearly the same letters, and deny as much."""
    target, n = _letters(gold), len(gold)
    if len(target) < _MIN_LETTERS:
        return False
    words = [token.text for token in gold]
    for start in range(max(len(text) - n + 1, 0)):
        window = text[start : start + n]
        in_place = sum(word == token.text for word, token in zip(words, window, strict=True))
        if n > 1 and in_place < _SHARE_IN_PLACE * n - 1:
            continue
        if n == 1 and abs(len(window[0].text) - len(target)) > 1:
            continue
        if anls(target, _letters(window)) >= _NEAR and not _is_denied(gold, text, start):
            return _negations(gold) == _negations(window)
    return False
