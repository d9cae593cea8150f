"""Finds who did what a question asks of: the name before its verb, behind "by", or before a part in brackets.

"Who tested the first unit?" is answered by `Jonas tested the first unit`, by `tested by Jonas` and, of a part
that somebody plays, by `Jonas Ode (tester)` or `Jonas Ode, Mill Lane 3 (the "Tester")`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from generator.passages.questions import english_words
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.values.patterns import TITLE
from indexer.base.language.stop_words import STOP_WORDS

_ASKS_DOER = re.compile(
    r"^\W*(?:(?:by|and|so) )?who(?:ever|m)? "
    r"(?:(?:has|have|had|will|would|must|should|shall|can|may|also"
    r"|first|originally|usually|normally) )*"
    r"(?P<verb>(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|be\b)[a-z]{3,})\b"
)
_ASKS_BY_WHOM = re.compile(
    r"\b(?:is|are|was|were|be|been) (?:[\w'-]+ ){1,12}?(?P<verb>[a-z]{2,}(?:ed|en|wn|ilt|ade|un|ung))"
    r" by whom\b"
    r"|\bby whom (?:is|are|was|were)\b.*?\b(?P<last>[a-z]{3,})\W*$"
)
_ASKS_PART = re.compile(
    r"\bwho (?:is|was|are|were) (?:the |its |their |our |an? )?(?P<part>[a-z][\w'-]+)"
)
_NAME = (
    rf"{TITLE}"
    r"(?<![\w'’.&-])(?>[A-Z][\w'’.&-]{0,40})"
    r"(?: (?:(?:van|von|de|der|den|di|da|du|la|le|bin|al|of|and|&) ){0,2}(?>[A-Z][\w'’.&-]{0,40})){0,4}"
)
_BETWEEN = r"(?: (?:has|have|had|will|also|then|both|first|\w+ly)){0,4}"
_NAME_BEFORE = re.compile(rf"(?P<name>{_NAME}){_BETWEEN} (?P<verb>[a-z]{{3,}})\b")
_NAME_BEHIND = re.compile(rf"\b(?P<verb>[A-Za-z]{{2,}}) (?:\w+ly )?by (?:the )?(?P<name>{_NAME})")
_PART_BEHIND = re.compile(rf"(?P<name>{_NAME}),? \((?P<verb>[\w' -]{{3,40}})\)")
# A party of a contract with all that describes it: `between Ann Lee, 3 Mill Lane (the "Landlord")`.
_PARTY = re.compile(
    r"(?:^|\bbetween |\band |; )(?P<name>[A-Z][^()]{2,120}?),? "
    r"\([^()]{0,60}?[\"“‘'](?:the )?(?P<verb>[\w -]{3,40})[\"”’']\)"
)
_FORMS = (_NAME_BEFORE, _NAME_BEHIND, _PART_BEHIND, _PARTY)
_POSSESSIVE = re.compile(r"['’]s?$")


def agents_in(question: ParsedQuestion, text: str) -> Iterator[tuple[int, int]]:
    """Yield where names stand, by first and last character, of who does what the question asks of."""
    verb = _verb_of(question.text.lower())
    if not verb:
        return
    for form in _FORMS:
        for match in form.finditer(text):
            if verb <= terms_of(match["verb"]) and _is_name(question, match["name"]):
                yield match.span("name")


def asks_doer(question: ParsedQuestion) -> bool:
    """Say whether a question asks who did something, and not who somebody is."""
    lower_case = question.text.lower()
    return bool(_ASKS_DOER.search(lower_case) or _ASKS_BY_WHOM.search(lower_case))


@lru_cache(maxsize=64)
def _verb_of(question: str) -> frozenset[str]:
    """Return the verb of who did something, or the part that somebody plays, as words are compared."""
    for pattern in (_ASKS_DOER, _ASKS_BY_WHOM, _ASKS_PART):
        match = pattern.search(question)
        if match is not None:
            return terms_of(next(filter(None, match.groups())))
    return frozenset()


def _is_name(question: ParsedQuestion, name: str) -> bool:
    """Say whether capital words name somebody: no month, no word that only begins a sentence."""
    bare = _POSSESSIVE.sub("", name)
    words = [word for word in re.findall(r"[\w'’-]+", bare) if word.lower() not in STOP_WORDS]
    new_words = [word for word in words if not terms_of(word) <= question.terms.keys()]
    return bool(new_words) and not {w.lower() for w in new_words} <= english_words.NAMES_OF_TIMES
