"""Finds where sentences end in a run of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.passages.splitting.lines import is_marker
from indexer.base.language.sentence_ends import CLAUSE_ENDS, ends_before, ends_with_stop

MAX_WORDS = 60  # a longer sentence is split at the last comma in its second half
_MIN_WORDS = 3  # a full stop behind fewer words ends a number or an abbreviation


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
    return ends_with_stop(word) and (is_marker(following) or ends_before(word, following))


def _clause_end(texts: Sequence[str], start: int, stop: int) -> int:
    """Return the last place in start..stop behind a comma or the like; `stop` when there is none."""
    for i in range(stop, start, -1):
        if texts[i - 1].endswith(CLAUSE_ENDS):
            return i
    return stop
