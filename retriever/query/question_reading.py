"""Reads a question before it is searched: what it asks, where it says to look, how it wants the answer.

"What was the revenue on page iv? Round to two decimals." asks for "What was the revenue on page iv?", at the
page that is printed iv, with an answer in two decimals. The rules are in `question_rules.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from indexer.base.language.spellings import NUMBER_WORDS, ORDINAL_WORDS
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.page_places import KINDS, place
from retriever.query import question_rules as rules
from retriever.query.slips import without_slips

_MAX_RANGE = 50  # pages; a longer range is no place
_LAST = {"last": 1, "final": 1, "back": 1, "back cover": 1, "penultimate": 2}
_FIRST = frozenset({"cover", "front", "title"})


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question, and what it says beside what it asks.

    text          as it was put
    search_text   what is searched for: the question without instructions about the answer
    instructions  about the form of the answer, in its own words
    positions     pages from the first, 1, or from the last, -1: "page 5" is the fifth
    places        terms of `page_places.py`: `page:5` for the page that is printed 5, `figure:3`
    """

    text: str
    search_text: str
    instructions: tuple[str, ...] = ()
    positions: frozenset[int] = frozenset()
    places: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def read_question(text: str) -> ReadQuestion:
    """Read a question. What no rule knows is searched for as it stands."""
    search_text, instructions = _without_instructions(text)
    spelled_right = without_slips(search_text)
    positions, labels = _pages(spelled_right)
    places = {place("page", label) for label in labels} | _places(spelled_right)
    return ReadQuestion(text, search_text, instructions, frozenset(positions), frozenset(places))


# -- where to look -------------------------------------------------------------------------------------


def _pages(text: str) -> tuple[set[int], set[str]]:
    """Return positions and printed numbers of the pages that a text names."""
    positions: set[int] = set()
    labels: set[str] = set()
    for match in rules.PAGES.finditer(text):
        numbers = match["numbers"].lower()
        for first, last in rules.RANGE.findall(numbers):
            labels |= {str(n) for n in _numbers_through(f"{first}-{last}")}
        for number in rules.NUMBER_IN_PAGES.findall(numbers):
            labels.add(str(NUMBER_WORDS.get(number, number)))
    positions |= {int(label) for label in labels if label.isdigit()}
    for match in rules.ORDINAL_PAGES.finditer(text):
        positions |= _positions_of(match["ordinal"].lower(), match["count"])
    return positions - {0}, labels


def _positions_of(ordinal: str, count: str | None) -> set[int]:
    """Return the positions of "first", "3rd", "last two": a count is only of first and last ones."""
    n = NUMBER_WORDS.get(count.lower(), 0) or int(count) if count else 1
    from_end = _LAST.get(ordinal, 2 if ordinal.endswith("last") else 0)
    if from_end:
        return {-i for i in range(from_end, from_end + min(n, _MAX_RANGE))}
    if ordinal in _FIRST:
        return {1}
    first = ORDINAL_WORDS[ordinal] if ordinal in ORDINAL_WORDS else int(ordinal[:-2])
    return set(range(first, first + (min(n, _MAX_RANGE) if first == 1 else 1)))


def _numbers_through(numbers: str) -> range:
    """Return 3, 4, 5 for "3-5". "Figure 1-4" may be the fourth of chapter one, too."""
    first, _, last = numbers.partition("-")
    if first.isdigit() and last.isdigit() and 0 < int(last) - int(first) < _MAX_RANGE:
        return range(int(first), int(last) + 1)
    return range(0)


def _places(text: str) -> set[str]:
    """Return the figures, tables and sections that a text names."""
    places = set()
    for match in rules.PLACES.finditer(text):
        kind = KINDS[match["kind"].lower()]
        for number in rules.NUMBER_OF_PLACE.findall(match["numbers"]):
            whole = rules.WITH_LETTER.sub(r"\1", number)
            is_word = len(whole) == 1 and whole.isalpha() and not whole.isupper()
            if not is_word:
                places.add(place(kind, whole))
            places |= {place(kind, str(n)) for n in _numbers_through(whole)}
    return places


# -- the form of the answer ----------------------------------------------------------------------------


def _without_instructions(text: str) -> tuple[str, tuple[str, ...]]:
    """Return what a text asks, and its instructions; all of it is asked where nothing else would be."""
    sentences = [
        part
        for sentence in rules.SENTENCE_END.split(text.strip())
        for part in _without_lead(sentence)
        if part
    ]
    instructions = [sentence for sentence in sentences if _is_instruction(sentence)]
    request = " ".join(sentence for sentence in sentences if sentence not in instructions)
    if not _has_content(request):
        request, instructions = text, []
    for pattern in rules.FORM_PHRASES:
        for match in reversed(list(pattern.finditer(request))):
            rest = _without_phrase(request, match)
            if rest is not None and _has_content(rest):
                instructions.append(match[0].strip(" ,;()"))
                request = rest
    return (request if instructions else text), tuple(instructions)


def _without_phrase(text: str, match: re.Match[str]) -> str | None:
    """Return a text without a phrase at its beginning or end; None for one in its middle, which is asked."""
    before, behind = text[: match.start()].rstrip(), text[match.end() :]
    mark = behind.lstrip(" ,:")
    if not before:
        return mark[:1].upper() + mark[1:]
    if mark.strip() and not mark.startswith(("?", ".", "!", ",", ";")):
        return None if not match[0].startswith(("(",)) else f"{before} {mark}"
    return before + behind.lstrip(" ")


def _without_lead(sentence: str) -> list[str]:
    """Part "Answer briefly: what is owed?" into its instruction and its question."""
    match = rules.LEAD.fullmatch(sentence)
    return (
        [match["lead"], match["rest"]] if match and _is_instruction(match["lead"]) else [sentence]
    )


def _is_instruction(sentence: str) -> bool:
    """Say whether a sentence speaks of the answer's form, and of nothing else."""
    if rules.INSTRUCTS.match(sentence):
        return True
    words = [
        word.lower().removesuffix(".")
        for word in rules.WORD.findall(rules.EXAMPLE.sub(" ", sentence))
    ]
    if words and words[0] in rules.ASKS:
        return False
    content = [
        word for word in words
        if word not in STOP_WORDS and word not in NUMBER_WORDS and not word.isdigit()
    ]  # fmt: skip
    return any(word in rules.FORM_MARKS for word in content) and all(
        word in rules.FORM_WORDS for word in content
    )


def _has_content(text: str) -> bool:
    words = [word.lower() for word in rules.WORD.findall(text)]
    return any(word not in STOP_WORDS and word not in rules.FORM_WORDS for word in words)
