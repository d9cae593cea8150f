"""Put signs that stand alone to their figures: a currency to the one on its right, a % to that on its left.

A mark that refers to a note belongs to what is on its left, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.word_marks import GLUED, RAISED
from indexer.layout.drafts import DraftWord
from indexer.layout.pieces import CURRENCIES
from indexer.layout.tables.amounts import NOTHING

_MARK = re.compile(r"\(\d\d?\)|[*†‡]+")
_MARK_GAP = 1.0  # in heights of the word before
_SMALLER = 0.75  # of its height
_SPACE = 0.5  # in heights: a name such as `% change` has no more behind its sign


def move_signs(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    owner_of: dict[int, int],
) -> None:
    """Change the cell that owns a sign to that of its figure."""
    for i in members:
        if words[i].text in CURRENCIES:
            x1 = frames[i][2]
            right = [j for j in _on_line(frames, members, i) if frames[j][0] >= x1 - 1.0]
            nearest = min(right, key=lambda j: float(frames[j][0]), default=i)
            text = words[nearest].text
            if text in NOTHING or text.strip("(-−–")[:1].isdigit():
                owner_of[i] = owner_of[nearest]
        elif (words[i].marks & RAISED and not words[i].marks & GLUED) or _MARK.fullmatch(
            words[i].text
        ):
            _move_mark(frames, members, owner_of, i)
        elif words[i].text == "%" and not _begins_name(words, frames, members, i):
            x0 = frames[i][0]
            left = [j for j in _on_line(frames, members, i) if frames[j][2] <= x0 + 1.0]
            nearest = max(left, key=lambda j: float(frames[j][2]), default=i)
            text = words[nearest].text
            if text in NOTHING or text.rstrip(")")[-1:].isdigit():
                owner_of[i] = owner_of[nearest]


def _move_mark(
    frames: NDArray[np.float64], members: Sequence[int], owner_of: dict[int, int], i: int
) -> None:
    """Change the cell that owns a raised mark to that of the word right before it."""
    x0, y0, _, y1 = frames[i]
    before = [
        j
        for j in members
        if j != i and frames[j][0] < x0 and frames[j][1] < y1 and y0 < frames[j][3]
    ]
    nearest = max(before, key=lambda j: float(frames[j][2]), default=i)
    height = float(frames[nearest][3] - frames[nearest][1])
    if x0 - frames[nearest][2] <= _MARK_GAP * height and y1 - y0 <= _SMALLER * height:
        owner_of[i] = owner_of[nearest]


def _on_line(frames: NDArray[np.float64], members: Sequence[int], i: int) -> list[int]:
    """Return the words at the height of a word's middle."""
    middle = (frames[i][1] + frames[i][3]) / 2
    return [j for j in members if j != i and frames[j][1] < middle < frames[j][3]]


def _begins_name(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int], i: int
) -> bool:
    x1, height = frames[i][2], frames[i][3] - frames[i][1]
    return any(
        words[j].text[0].isalpha() and -1.0 <= frames[j][0] - x1 <= _SPACE * height
        for j in _on_line(frames, members, i)
    )
