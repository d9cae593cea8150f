"""Cut the words of a page into windows that a model reads to the end, each word kept from one of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

_OVERLAP = 16  # words that two windows share: each is taken from where it has more around it


class WordWindow(NamedTuple):
    """Words start..stop are read together; the vectors of own_start..own_stop are kept."""

    start: int
    stop: int
    own_start: int
    own_stop: int


def word_windows(sizes: Sequence[int], room: int) -> Iterator[WordWindow]:
    """Yield windows of words of `sizes` tokens, `room` tokens in each; a longer word has one of its own."""
    ends = list(accumulate(sizes, initial=0))
    own_start = 0
    while own_start < len(sizes):
        start = max(own_start - _OVERLAP // 2, 0)
        if _stop(ends, start, room) < min(own_start + _OVERLAP, len(sizes)):
            start = own_start  # words of many tokens
        stop = _stop(ends, start, room)
        own_stop = stop if stop == len(sizes) else max(stop - _OVERLAP // 2, own_start + 1)
        yield WordWindow(start, stop, own_start, own_stop)
        own_start = own_stop


def _stop(ends: Sequence[int], start: int, room: int) -> int:
    """Return where the words from `start` on have filled a window: behind one word at least."""
    return max(bisect_right(ends, ends[start] + room) - 1, start + 1)
