"""Tell what a printout has below a table: typed dashes, lines of prose. They are none of its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, words_of_rows
from indexer.layout.tables.amounts import is_figure

_TYPED_RULE = re.compile(r"[-=_–—─]{3,}")
_SPACES = 2.3  # letters: two typed spaces, not three
_MIN_RUN = 5  # words of a line,
_MIN_TORN = 3  # and cells that the model put them in
_ONE_WIDTH = 0.06  # of a letter's width: how much letters of typewriters differ


def last_row_above_lines(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    by_row: dict[int, list[CellDraft]],
    last: int,
) -> int:
    """Return the last row of a table, above prose, or above a typed rule with nothing but prose below.

    frames  (W, 4) of all words, in points of the upright page
    """
    row = last
    while row > 1 and _runs(words, frames, by_row.get(row, [])):
        row -= 1
    if row > 1 and _is_typed_rule(words, by_row.get(row, [])):
        return row - 1
    if row == last:
        return last
    has_gaps = not any(_runs(words, frames, by_row.get(n, [])) for n in range(1, row + 1))
    is_typed = all(_is_torn(words, frames, by_row[n]) for n in range(row + 1, last + 1))
    return row if has_gaps and is_typed else last


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
    space = _SPACES * float(np.median(_widths(words, frames, members)))
    return all(0.0 < frames[b][0] - frames[a][2] < space for a, b in pairwise(members))


def _is_torn(
    words: Sequence[DraftWord], frames: NDArray[np.float64], row: Sequence[CellDraft]
) -> bool:
    """Say whether a row is in letters of one width, and in several cells with more than figures."""
    members = [i for d in row for i in words_of_rows(d.rows)]
    widths = _widths(words, frames, members)
    is_typed = widths.max() - widths.min() <= _ONE_WIDTH * widths.max()
    filled_cells = [d for d in row if d.rows]
    is_prose = any(d.cell.column and not is_figure(words, d) for d in filled_cells)
    return is_typed and is_prose and len(filled_cells) >= _MIN_TORN


def _widths(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int]
) -> NDArray[np.float64]:
    """Return the usual width of a letter of each word."""
    return np.array([(frames[i][2] - frames[i][0]) / len(words[i].text) for i in members])
