"""Tells whether a passage names who holds an office: the name stands right beside it."""

from __future__ import annotations

import re

from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.passage import Passage
from generator.passages.values.patterns import COMPILED
from indexer.base.language.stop_words import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_N_ROLE_WORDS = 2  # of an office at its end: "current" may be left out
_MAX_BETWEEN = 4

# "the owner of your flat, Mr Prentice": what is owned stands between.
_OF_IT = re.compile(r"\s(?:of|at|in|for) (?:[\w'’-]+ ){0,3}[\w'’-]+, ")
# Who has an office: the name stands right beside it.
_ASKS_WHO_IS = re.compile(
    r"\b(?:who (?:is|was)|what (?:is|was) the name of) (?:the |its |their |our |your |an? )?"
    r"(?P<role>[a-z][\w'-]*(?: [a-z][\w'-]*){0,3}?)"
    r"(?= (?:of|for|at|in|on|to|from|by|that|who|when|with|under)\b|[?,.]|$)"
)
_OFFICE = re.compile(
    r"(?:analyst|architect|author|captain|chair(?:man|woman|person)?|chief|clerk|coach|consultant"
    r"|contact|curator"
    r"|dean|director|doctor|editor|engineer|executive|head|judge|lawyer|leader|librarian|manager|mayor"
    r"|minister"
    r"|notary|nurse|officer|owner|partner|president|principal|professor|registrar|secretary|steward"
    r"|supervisor"
    r"|surveyor|teacher|treasurer|auditor|accountant|landlord|tenant|warden|winner)s?"
)
_BESIDE_A_NAME = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "became",
        "is",
        "its",
        "new",
        "of",
        "our",
        "the",
        "their",
        "was",
        "were",
        "are",
        "has",
        "been",
        "by",
        "mr",
        "mrs",
        "ms",
        "dr",
    ]
)


def holds_office(question: ParsedQuestion, passage: Passage, before: str, behind: str) -> bool:
    """Say whether a passage names who has the office that is asked for; yes where none is.

    before, behind  the passages beside it, in which the office may stand
    """
    match = _ASKS_WHO_IS.search(question.text.lower())
    if match is None:
        return True
    role = _WORD.findall(match["role"])[-_N_ROLE_WORDS:]
    if not role or not _OFFICE.fullmatch(role[-1]):
        return True
    label = (
        f"{passage.label} {passage.surroundings}" if _is_row(passage) else passage.context.beside
    )
    if terms_of(" ".join(role)) <= terms_of(label):
        return True
    text = f"{before} {passage.quote} {behind}"
    first = len(before) + 1
    names = [(first + a, first + b) for a, b in _names(question, passage.quote)]
    return any(
        _beside(question, text, office, name) for office in _places(text, role) for name in names
    )


def _is_row(passage: Passage) -> bool:
    return passage.table is not None or passage.field is not None


def _names(question: ParsedQuestion, text: str) -> list[tuple[int, int]]:
    """Return where names stand, from the first to the last character, that are not of the question."""
    spans = []
    for match in COMPILED[AnswerKind.NAME].finditer(text):
        words = [word for word in _WORD.findall(match[0]) if word.lower() not in STOP_WORDS]
        new_words = [word for word in words if not terms_of(word) <= question.terms.keys()]
        if len(new_words) > 1 or any("." in part for part in match[0].split()):
            spans.append(match.span())
    return spans


def _places(text: str, role: list[str]) -> list[tuple[int, int]]:
    words = list(_WORD.finditer(text))
    role_terms = [terms_of(word) for word in role]
    return [
        (words[i].start(), words[i + len(role) - 1].end())
        for i in range(len(words) - len(role) + 1)
        if [terms_of(word[0]) for word in words[i : i + len(role)]] == role_terms
    ]


def _beside(
    question: ParsedQuestion, text: str, office: tuple[int, int], name: tuple[int, int]
) -> bool:
    """Say whether nothing but small words stands between an office and a name, in either order."""
    if office[0] < name[1] and name[0] < office[1]:
        return True  # `Captain Mary Ann Lee`
    between = text[office[1] : name[0]] if office[1] <= name[0] else text[name[1] : office[0]]
    words = [
        word
        for word in _WORD.findall(between)
        if word.lower() not in _BESIDE_A_NAME and not terms_of(word) <= question.terms.keys()
    ]
    if office[1] <= name[0] and _OF_IT.fullmatch(between):
        return True
    return not words and len(_WORD.findall(between)) <= _MAX_BETWEEN
