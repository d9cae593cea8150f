"""Completes a question from the talk before it, where it needs it: "And of KD-485/B?", "How many of them?".

By rules of English; a question that is whole is left alone. Turns are read from the first on, as a question
before may have been a follow-up itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from generator.passages.questions.codes import TOKEN, is_code
from generator.passages.questions.parsed_question import read_question
from generator.prompts import REFUSAL, Turn

_MAX_TURNS = 6  # further back nobody refers
_MAX_CHARACTERS = 500  # of an earlier question that is searched once more

# "And of X?", "What about X?": the question before, with X in the place of what is like it.
_ELLIPSIS = re.compile(
    r"^\W*(?:(?:and|or|but|also|then)\b[\s,]*)?(?:(?:what|how) about|(?:and|or|also)\b|same for)?[\s,]*"
    r"(?:(?P<preposition>of|for|in|on|at|to|from|with|by|under|after|before|during)\s+)?(?P<rest>.*?)[\s?.!]*$",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS_ELLIPSIS = re.compile(
    r"^\W*(?:and\b|or\b|also\b|(?:what|how) about\b|same for\b)", re.IGNORECASE
)
_ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|may|must"
    r"|has|have|had|should|will|would)\b",
    re.IGNORECASE,
)
_MAX_ELLIPSIS_WORDS = 8
# "And the year before?": of the year that was asked for, or answered.
_OTHER_YEAR = re.compile(
    r"^\W*(?:(?:and|or|but|also|then)\b[\s,]*)?(?:(?:what|how) about\s+)?(?:(?:in|for|of|at)\s+)?(?:the\s+)?"
    r"(?:(?P<earlier>(?:year before|(?:previous|prior|preceding) year)(?: that)?)"
    r"|year after(?: that)?|(?:next|following) year)[\s?.!]*$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")

_PERSON = re.compile(r"\b(he|she|him|his|hers|her)\b", re.IGNORECASE)
_POSSESSIVES = frozenset({"his", "her", "hers", "its", "their", "theirs"})
# Not "it is", "is it true that"; not "this agreement": a word behind makes it whole.
_THING = re.compile(
    r"\b(it|its|they|them|their|theirs|those|these|that one|this one|the same|that|this)\b"
    r"(?!\s+(?:true|possible|allowed|necessary|permitted)\b)",
    re.IGNORECASE,
)
_POINTING = frozenset({"those", "these", "that", "this"})
_CLAUSE_PRONOUN = re.compile(
    r"\b(?:which|that|who)\s+(?:is|are|was|were|has|have)\b", re.IGNORECASE
)

_PLACE = re.compile(r"(?<!\bis )(?<!\bare )\bthere\b(?=\s*[?.!]|\s*$)", re.IGNORECASE)
_MANY = frozenset({"they", "them", "their", "theirs", "those", "these"})
# "Which documents must ...", "Are dogs admitted?": what the question is about, without an article.
_SUBJECT = re.compile(
    r"^(?:which|what|how many|are|were|do|does|did|can|may|must)\s+(?:(?:is|are|was|were)\s+)?"
    r"(?!(?:the|a|an|it|they|there|is|are|was|were|do|does|did|has|have|had)\b)"
    r"([a-z][a-z-]*(?:\s+[a-z-]+s)?)(?=\s+[a-z])",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\b(?:the|a|an|each|our|your)\s+((?:[^\W_][\w'’/&.-]*\s+){0,3}?[^\W_][\w'’/&.-]*)(?=\s+(?:is|are|was|were|be|been"
    r"|has|have|do|does|did|can|may|must|should|will|of|for|in|on|at|to|from|with|by|under|that|which|who|and|end"
    r"|begin|start|cost|need|take|run|set|made|used)\b|\s+(?:open|closed|due|free)\s*[?.!]"
    r"|\s*[?.!,]|\s*$)",
    re.IGNORECASE,
)
# "does the ferry leave?": what stands behind these and ends the question ends with its verb.
_AUXILIARY = re.compile(
    r"\b(?:do|does|did|can|could|may|must|should|will|would)\s+$", re.IGNORECASE
)
_END = re.compile(r"\s*(?:[?.!,]|$)")
# "What does a ticket for adults cost?": verbs that close a question behind what it is asked for.
_CLOSING_VERB = re.compile(
    r"(?<=\w)\s+(?:cost|end|begin|start|last|run|take|weigh|need|open|close|apply|expire|leave|arrive|work)$",
    re.IGNORECASE,
)
# "And from where?": another question word in the place of the first one.
_OTHER_PLACE_OR_TIME = re.compile(
    r"^\W*(?:(?:and|or|but|also|then)\b[\s,]*)?(?P<asks>(?:(?:from|to|at|by|until|since)\s+)?(?:where|when))"
    r"[\s?.!]*$",
    re.IGNORECASE,
)
_PLACE_OR_TIME = re.compile(
    r"^(?:(?:from|to|at|by|until|since)\s+)?(?:where|when)(?=\s+(?:is|are|was|were|do|does|did|can|could|may"
    r"|must|should|will|would|has|have|had)\b)",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<![.?!]\s)(?<!^)\b[A-Z][\w'’&-]*(?:\s+(?:of\s+|&\s+)?[A-Z][\w'’&-]*)*")
_NAME_LINE = re.compile(r"[A-Z][\w.'’-]*(?:\s+(?:[a-z]{2,3}\s+)?[A-Z][\w.'’-]*){1,3}")
_NUMBER = re.compile(r"\b\d[\d.,]*\b")
# "the boatbuilders", "homes": what a "their" behind it may belong to; no verb, no "as", "this", "less".
_PLURAL = re.compile(r"\b(?!does\b|was\b|has\b|this\b)[a-z][a-z-]{2,}(?<![sui])s\b", re.IGNORECASE)


class Phrase(NamedTuple):
    """Characters start..stop of a question, and what they say."""

    start: int
    stop: int
    text: str


def completed_question(question: str, history: Sequence[Turn]) -> str:
    """Return the question as it would be asked without the talk before it."""
    before, person, year = "", "", 0
    for turn in history[-_MAX_TURNS:]:
        whole = _complete(turn.question, before, person, year)
        is_refusal = turn.answer.startswith(REFUSAL)
        if whole != turn.question and is_refusal:
            continue  # it may have been completed with something that it did not mean
        before = whole
        answer = "" if is_refusal else turn.answer  # the nearest passage does not answer
        person = _name_in(answer) or person
        year = _year_in(before) or _year_in(answer)
    return _complete(question, before, person, year)


def _complete(question: str, before: str, person_before: str, year_before: int) -> str:
    """Return a question as it is asked without the one before.

    person_before  the last person that was an answer, or empty
    year_before    the year that the question before asked for, or its answer is of; 0: none
    """
    if not before or not question.strip() or len(before) > _MAX_CHARACTERS:
        return question
    if year_before and (match := _OTHER_YEAR.match(question)):
        return _of_year(before, year_before, year_before + (-1 if match["earlier"] else 1))
    new_words = _OTHER_PLACE_OR_TIME.match(question)
    if new_words is not None and (first := _PLACE_OR_TIME.match(before)):
        return new_words["asks"].capitalize() + before[first.end() :]
    if _is_ellipsis(question):
        return _with_part_replaced(before, question)
    person = _PERSON.search(question)
    if person is not None and _says_nobody(question, person.start()):
        name = person_before or _topic(before)
        return _with_topic(question, person, name) if name else question
    thing = _THING.search(question)
    if thing is not None and _points_back(question, thing):
        topic = _topic(before)
        return _with_topic(question, thing, topic) if topic else f"{before} {question}"
    place = _PLACE.search(question)
    if place is not None and (topic := _topic(before)):
        return f"{question[: place.start()]}at {topic}{question[place.end() :]}"
    return question if read_question(question).terms else f"{before} {question}"


def _is_ellipsis(question: str) -> bool:
    """Say whether a question is only a part: it has no verb to ask with."""
    match = _ELLIPSIS.match(question)
    if match is None or len(question.split()) > _MAX_ELLIPSIS_WORDS or not match["rest"]:
        return False
    asks = _ASKS.match(match["rest"]) is not None
    begins = _BEGINS_ELLIPSIS.match(question) is not None
    return not asks and (begins or (match["preposition"] is not None))


def _with_part_replaced(before: str, question: str) -> str:
    """Return the question before with the new part in the place of the one that is like it."""
    match = _ELLIPSIS.match(question)
    assert match is not None, "only an ellipsis is completed so"
    rest, preposition = match["rest"].strip(), match["preposition"]
    place = _part_like(before, rest, preposition)
    if place is None:
        link = preposition or "for"
        return f"{before.rstrip(' ?.!')} {link} {rest}?"
    return before[: place.start] + rest + before[place.stop :]


def _part_like(before: str, rest: str, preposition: str | None) -> Phrase | None:
    """Return the part of a question that a new one replaces: a code by a code, and so on."""
    if any(is_code(token) for token in TOKEN.findall(rest)):
        codes = [m for m in TOKEN.finditer(before) if is_code(m[0])]
        if codes:
            return _phrase(codes[-1])
    if _NUMBER.fullmatch(rest):
        numbers = list(_NUMBER.finditer(before))
        if numbers:
            return _phrase(numbers[-1])
    if rest[:1].isupper():
        names = list(_CAPITAL.finditer(before))
        if names:
            return _phrase(names[-1])
    if preposition is not None:
        alike = "of|for" if preposition.lower() in ("of", "for") else preposition
        behind = re.compile(rf"\b(?:{alike})\s+([^?.!,]+?)(?=\s*[?.!,]|\s*$)", re.IGNORECASE)
        phrases = list(behind.finditer(before))
        if phrases:
            return _without_verb(_phrase(phrases[-1], 1))
    nouns = _things(before)
    subject = _SUBJECT.match(before)
    if subject is not None and not preposition and not nouns:
        return _phrase(subject, 1)
    is_same_thing = bool(nouns) and nouns[-1].text.split()[-1].lower() == rest.split()[-1].lower()
    if nouns and (not preposition or is_same_thing):
        is_definite = rest.lower().startswith(("the ", "a ", "an ", "our ", "your ", "each "))
        return _with_article(before, nouns[-1]) if is_definite else nouns[-1]
    return None


def _things(text: str) -> list[Phrase]:
    """Return what has an article, without it and without a verb that ends the question: `ferry`."""
    things = []
    for match in _ARTICLE.finditer(text):
        thing = _phrase(match, 1)
        if _AUXILIARY.search(text[: match.start()]) and _END.match(text, match.end()):
            bare = thing.text.rsplit(maxsplit=1)[0]
            thing = Phrase(thing.start, thing.start + len(bare), bare)
        things.append(thing)
    return things


def _with_article(text: str, thing: Phrase) -> Phrase:
    """Return a thing with the article before it."""
    start = text.rindex(" ", 0, thing.start - 1) + 1 if " " in text[: thing.start - 1] else 0
    return Phrase(start, thing.stop, text[start : thing.stop])


def _without_verb(phrase: Phrase) -> Phrase:
    """Return what a question is asked for, without the verb that closes the question."""
    bare = _CLOSING_VERB.sub("", phrase.text)
    return Phrase(phrase.start, phrase.start + len(bare), bare)


def _topic(before: str) -> str:
    """Return what a question is about: its code, else its last name, else the last thing with an article."""
    codes = [token for token in TOKEN.findall(before) if is_code(token)]
    if codes:
        return str(codes[-1])
    nouns = _things(before)
    if nouns:
        return f"the {nouns[-1].text}"
    names = _CAPITAL.findall(before)
    if names:
        return str(names[-1])
    subject = _SUBJECT.match(before)
    return subject[1] if subject else ""


def _of_year(before: str, year_before: int, year: int) -> str:
    """Return the question before, asked of another year."""
    if str(year_before) in before:
        return before.replace(str(year_before), str(year))
    return f"{before.rstrip(' ?.!')} in {year}?"


def _year_in(text: str) -> int:
    """Return the first year that a text names; 0: none."""
    match = _YEAR.search(text)
    return int(match[0]) if match else 0


def _name_in(answer: str) -> str:
    """Return the name that an answer is; empty where its first line is something else."""
    first_line = answer.strip().split("\n")[0].strip(' *“”".')
    return str(first_line) if _NAME_LINE.fullmatch(first_line) else ""


def _says_nobody(question: str, place: int) -> bool:
    """Say whether no name stands before a pronoun that it could mean."""
    return not _CAPITAL.search(question[:place])


def _points_back(question: str, thing: re.Match[str]) -> bool:
    """Say whether a pronoun means something outside its sentence."""
    word = thing[1].lower()
    behind = question[thing.end() :].strip().lower()
    before = question[: thing.start()]
    if word in _POINTING and re.match(r"[a-z]", behind):
        verb = re.match(
            r"(?:is|are|was|were|has|have|do|does|did|can|may|must|should|will|cost|mean|apply|happen|end"
            r"|begin|start|change|work|end|include|come)\b",
            behind,
        )
        return verb is not None and _CLAUSE_PRONOUN.search(before + thing[0] + " " + behind) is None
    if word in _POINTING and behind.strip("?.! ") == "":
        return True
    if word == "their" and _PLURAL.search(before):
        return False  # "How many homes had their bills frozen?" has its owner in itself
    things = [*_ARTICLE.findall(before + " is"), *_CAPITAL.findall(before)]
    return not any(name.endswith("s") == (word in _MANY) for name in things)


def _with_topic(question: str, pronoun: re.Match[str], topic: str) -> str:
    word = pronoun[1].lower()
    is_own = word in _POSSESSIVES and re.match(r"\s+[a-z]", question[pronoun.end() :])
    own = "'" if topic.endswith("s") else "'s"
    text = f"{topic}{own}" if is_own else topic
    if pronoun.start() == 0:
        text = text[0].upper() + text[1:]
    return question[: pronoun.start()] + text + question[pronoun.end() :]


def _phrase(match: re.Match[str], group: int = 0) -> Phrase:
    return Phrase(match.start(group), match.end(group), match[group])
