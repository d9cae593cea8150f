"""Finds where sentences end in a run of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.passages.questions.english import ABBREVIATIONS
from generator.passages.splitting.lines import is_marker

MAX_WORDS = 60  # a longer sentence is split at the last comma in its second half
_MIN_WORDS = 3  # a full stop behind fewer words ends a number or an abbreviation
_CLOSERS = "\"'”’)]»*"
_OPENERS = "\"'“‘([«"


def sentences(texts: Sequence[str], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Split words start..stop into the ranges of sentences, none longer than MAX_WORDS."""
    first = start
    for i in range(start, stop):
        n_words = i + 1 - first
        if i + 1 == stop or (n_words >= _MIN_WORDS and _ends(texts[i], texts[i + 1])):
            yield first, i + 1
            first = i + 1
        elif n_words == MAX_WORDS:
            end = _clause_end(texts, first + MAX_WORDS // 2, i + 1)
            yield first, end
            first = end


def _ends(word: str, following: str) -> bool:
    """Say whether a sentence ends behind `word`."""
    bare = word.rstrip(_CLOSERS)
    if not bare.endswith((".", "?", "!")) or bare.endswith(".."):  # a leader, or an omission
        return False
    stem = bare[:-1].lstrip(_OPENERS).lower()
    if bare.endswith(".") and (stem in ABBREVIATIONS or (len(stem) == 1 and stem.isalpha())):
        return False
    opening = following.lstrip(_OPENERS)
    return is_marker(following) or not opening or opening[0].isupper() or opening[0].isdigit()


def _clause_end(texts: Sequence[str], start: int, stop: int) -> int:
    """Return the last place in start..stop behind a comma or the like; `stop` when there is none."""
    for i in range(stop, start, -1):
        if texts[i - 1].endswith((",", ";", ":")):
            return i
    return stop
