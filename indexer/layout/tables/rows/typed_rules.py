"""Tell a rule of typed dashes at the end of a table, and prose below it: they are none of its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, words_of_rows

_TYPED_RULE = re.compile(r"[-=_–—─]{3,}")
_SPACES = 2.3  # letters of one width: two typed spaces, not three
_MIN_RUN = 5  # words of a line


def last_row_above_typed_rule(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    by_row: dict[int, list[CellDraft]],
    last: int,
) -> int:
    """Return the last row of a table, that above a typed rule with nothing but prose below it, or `last`.

    frames  (W, 4) of all words, in points of the upright page
    """
    row = last
    while row > 1 and _runs(words, frames, by_row.get(row, [])):
        row -= 1
    return row - 1 if row > 1 and _is_typed_rule(words, by_row.get(row, [])) else last


def _is_typed_rule(words: Sequence[DraftWord], row: Sequence[CellDraft]) -> bool:
    members = [i for d in row for i in words_of_rows(d.rows)]
    return bool(members) and all(_TYPED_RULE.fullmatch(words[i].text) for i in members)


def _runs(
    words: Sequence[DraftWord], frames: NDArray[np.float64], row: Sequence[CellDraft]
) -> bool:
    """Say whether the words of a row are one line with no more than spaces between them."""
    members = sorted(
        (i for d in row for i in words_of_rows(d.rows)), key=lambda i: float(frames[i][0])
    )
    if len(members) < _MIN_RUN:
        return False
    widths = [float(frames[i][2] - frames[i][0]) / len(words[i].text) for i in members]
    space = _SPACES * float(np.median(widths))
    return all(0.0 < frames[b][0] - frames[a][2] < space for a, b in pairwise(members))
