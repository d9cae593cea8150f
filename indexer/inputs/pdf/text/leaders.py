"""Part the dots that lead the eye to a figure from the word before them, in the child: standard library only.

`Subscription.........` is a name and a leader. As one word nobody finds it, and most of it is no letter, so
that it would be taken for noise and read by OCR.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.layout.placed_words import PlacedWord

_LEADER = re.compile(r"([.·_])\1{3,}")
_NARROW = 0.5  # width of a leader's dot, in those of a usual letter


def without_leaders(word: PlacedWord) -> Sequence[PlacedWord]:
    """Return a word, or its parts where leaders stand in it: before, behind and between other characters."""
    if _LEADER.search(word.text) is None:
        return (word,)
    starts = [0]
    for leader in _LEADER.finditer(word.text):
        starts += leader.span()
    parts = [(a, b) for a, b in zip(starts, [*starts[1:], len(word.text)], strict=True) if a < b]
    if len(parts) < 2:
        return (word,)
    reaches = [0.0]
    for character in word.text:
        reaches.append(reaches[-1] + (_NARROW if character in ".·" else 1.0))
    x0, y0, x1, y1 = word.box
    edges = [x0 + (x1 - x0) * reach / reaches[-1] for reach in reaches]
    return [
        word._replace(text=word.text[start:stop], box=(edges[start], y0, edges[stop], y1))
        for start, stop in parts
    ]
