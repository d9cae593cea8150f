"""Mark words that are parted at the end of a line. Standard library only, for the rasterizer's child.

Whether the hyphen belongs to the word, the document's own vocabulary decides: which of `notice-period` and
`noticeperiod` stands elsewhere, and how often. Where it says neither, a hyphen goes between two letters in
lower case, unless the parts are numerals, codes or have other hyphens.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from indexer.base.word_marks import BROKEN, GLUED, RAISED
from indexer.layout.placed_words import PlacedWord, along

_SOFT = "\u00ad"
_HYPHENS = "-\u2010" + _SOFT
_MAX_DROP = 2.5  # the next line begins no further below, in heights of the word
_MIN_PART = 2  # letters before a hyphen that may go: `e-`, `T-` and `x-` stay
_MIN_WORD = 3  # letters of parts that are words of their own: `same-sex`
_OUTER = "\"'“”‘’«»()[]{}.,;:!?"
# Behind these a hyphen stands for a part that is left out: `short- and long-term`, `Ein- und Ausgang`.
_LEFT_OUT = frozenset(
    {"and", "or", "nor", "to", "und", "oder", "bis", "sowie", "et", "ou", "y", "o", "e", "of", "en"}
)
_NUMERAL = re.compile(r"(twen|thir|for|fif|six|seven|eigh|nine)ty", re.IGNORECASE)
_OWN_WORD = frozenset({"self", "non", "ex"})


class Vocabulary:
    """The words of the pages read so far, in lower case, and how often they stand there."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, texts: Iterable[str]) -> None:
        """Add the words of a page, in reading order."""
        before = ""
        for text in texts:
            if before[-1:] not in _HYPHENS or not before:  # the rest of a parted word is no word
                self._counts[text.strip(_OUTER).lower()] += 1
            before = text

    def count(self, word: str) -> int:
        """Return how often a word stands on the pages, whatever its letters' case."""
        return self._counts[word.strip(_OUTER).lower()]


def join_parts(words: list[PlacedWord], vocabulary: Vocabulary) -> list[PlacedWord]:
    """Return the words of a page with marks on those that are parted at the ends of lines."""
    with_marks = list(words)
    for i, (word, following) in enumerate(pairwise(words)):
        mark, mark_behind = marks_of_parts(word, following, vocabulary)
        if mark_behind:
            with_marks[i] = with_marks[i]._replace(marks=with_marks[i].marks | mark)
            with_marks[i + 1] = following._replace(marks=following.marks | mark_behind)
    return with_marks


def marks_of_parts(
    word: PlacedWord, following: PlacedWord, vocabulary: Vocabulary
) -> tuple[int, int]:
    """Return the marks of a word and of the one behind it, where they are parts of one; else 0 and 0."""
    if word.text[-1:] not in _HYPHENS or word.line == following.line:
        return 0, 0
    if not _may_go_on(word, following):
        return 0, 0
    return BROKEN if _hyphen_goes(word.text, following.text, vocabulary) else 0, GLUED


def _may_go_on(word: PlacedWord, following: PlacedWord) -> bool:
    """Say whether `following` stands where the rest of a parted word can, and looks like one."""
    if (word.marks | following.marks) & RAISED or not word.text[-2:-1].isalnum():
        return False
    rest = following.text.strip(_OUTER)
    if not rest[:1].isalnum() or rest.lower() in _LEFT_OUT:
        return False
    if rest[0].isdigit() and not (word.text.isupper() or any(map(str.isdigit, word.text))):
        return False  # the number of the page, below `mes-`
    own, next_box = along(word.box, word.axis), along(following.box, following.axis)
    height = own[3] - own[1]
    is_below = 0 < next_box[1] - own[1] <= _MAX_DROP * height and next_box[0] < own[2]
    is_next_column = next_box[1] < own[1] and next_box[0] > own[2] and rest[0].islower()
    return word.axis == following.axis and (is_below or is_next_column)


def _hyphen_goes(word: str, following: str, vocabulary: Vocabulary) -> bool:
    """Say whether the hyphen at the end of `word` is of the line and not of the word."""
    if word[-1] == _SOFT:
        return True
    first, rest = word[:-1].lstrip(_OUTER), following.rstrip(_OUTER)
    n_joined = vocabulary.count(first + rest)
    n_hyphened = vocabulary.count(f"{first}-{rest}")
    if n_joined != n_hyphened:
        return n_joined > n_hyphened
    if len(first) < _MIN_PART or not rest[0].islower() or "-" in first:
        return False
    if any(map(str.isdigit, first + rest)) or _NUMERAL.fullmatch(first):
        return False
    if first.lower() in _OWN_WORD:
        return False
    are_words = min(len(first), len(rest)) >= _MIN_WORD
    return not (are_words and vocabulary.count(first) and vocabulary.count(rest))
