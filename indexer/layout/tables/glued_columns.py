"""Part a column of a table in which names and figures, or two figures, stand beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, Rows, box_around
from indexer.layout.pieces import CURRENCIES

_MIN_GAP = 0.9  # in heights of a word's box
_MIN_FIGURE_GAP = 0.4  # between figures in all rows,
_MIN_GAP_BELOW_NAMES = 0.15  # and where a head has a name over each
_MIN_FIGURE_ROWS = 2
_MIN_ROWS = 3
_MIN_FILLED = 0.7  # of the rows have words on both sides,
_MIN_FIGURES = 0.8  # and on the right of so many of them there are figures only
_FIGURE = re.compile(
    r"[-−–—+(]?[$€£¥₹]?[-−–—(]?[$€£¥₹]?(\d[\d.,'’]*)?[)%]*(\((\d*\.?\d+%?|[-−–—])\))?"
)
LEADER = re.compile(r"[.…·_]{2,}|…")  # dots that lead the eye from a name to its figure
_MAX_PARTS = 12


def part_columns(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table; a column that a white gap parts is two.

    A word of a name may cross no gap: columns are only parted where the right side has figures in most rows.
    """
    cells_left = list(cells)
    n_columns = max((draft.cell.column + draft.cell.n_columns for draft in cells), default=0)
    column = 0
    while column < n_columns < _MAX_PARTS + len(cells):
        own = [d for d in cells_left if d.cell.column == column]
        gap_x = _gap_of(words, frames, own, _rows_of_several(cells_left))
        if gap_x is None:
            column += 1
            continue
        cells_left = [
            part for draft in cells_left for part in _parts(words, frames, draft, column, gap_x)
        ]
        n_columns += 1
    return cells_left


def _rows_of_several(cells: Sequence[CellDraft]) -> set[int]:
    """Return the rows with words in several cells."""
    filled_rows = [d.cell.row for d in cells if d.rows]
    return {row for row in filled_rows if filled_rows.count(row) > 1}


def _gap_of(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    column: Sequence[CellDraft],
    rows_of_several: set[int],
) -> float | None:
    """Return the x of the widest gap that no word of a column crosses, if figures stand behind it.

    Rows that are nothing but a name need none.
    """
    body = [d for d in column if d.cell.n_columns == 1 and d.rows and not d.cell.is_head]
    members = [i for d in body for row in d.rows for i in row]
    if len(body) < _MIN_FIGURE_ROWS:
        return None
    height = float(np.median([frames[i][3] - frames[i][1] for i in members]))
    inked_words = [i for i in members if not LEADER.fullmatch(words[i].text)]
    if not inked_words:
        return None
    heads = [d for d in column if d.cell.n_columns == 1 and d.rows and d.cell.is_head]
    gaps = _white_gaps(frames[inked_words])
    for left, right in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        middle = (left + right) / 2
        is_wide = right - left >= _MIN_GAP * height
        have_names = len(heads) == 1 and _parts_names(words, frames, heads[0], middle, height)
        least_gap = _MIN_GAP_BELOW_NAMES if have_names else _MIN_FIGURE_GAP
        is_between_figures = right - left >= least_gap * height and all(
            _are_figures_on_both_sides(words, frames, draft, middle) for draft in body
        )
        if is_between_figures:
            return middle
        if is_wide and have_names and _n_on_both_sides(words, frames, body, middle) >= _MIN_ROWS:
            return middle
        several = [d for d in body if d.cell.row in rows_of_several]
        if is_wide and _has_figures_behind(words, frames, several or body, middle):
            return middle
    return None


def _parts_names(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    head: CellDraft,
    middle: float,
    height: float,
) -> bool:
    """Say whether each line of a head has a name on both sides of an x, far from each other."""
    for row in head.rows:
        left = [i for i in row if frames[i][2] <= middle]
        right = [i for i in row if frames[i][0] >= middle]
        are_names = all(
            any(c.isalpha() for i in side for c in words[i].text) for side in (left, right)
        )
        if len(left) + len(right) < len(row) or not are_names:
            return False
        if min(frames[i][0] for i in right) - max(frames[i][2] for i in left) < _MIN_GAP * height:
            return False
    return bool(head.rows)


def _n_on_both_sides(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    body: Sequence[CellDraft],
    middle: float,
) -> int:
    return sum(all(_sides(words, frames, draft.rows, middle)) for draft in body)


def _are_figures_on_both_sides(
    words: Sequence[DraftWord], frames: NDArray[np.float64], draft: CellDraft, middle: float
) -> bool:
    left, right = _sides(words, frames, draft.rows, middle)
    sides = [[words[i].text for row in side for i in row] for side in (left, right)]
    return all(
        all(_FIGURE.fullmatch(text) for text in texts)
        and any(character.isdigit() for text in texts for character in text)
        for texts in sides
    )


def _white_gaps(frames: NDArray[np.float64]) -> list[tuple[float, float]]:
    by_left = frames[np.argsort(frames[:, 0])]
    reach = np.maximum.accumulate(by_left[:, 2])[:-1]
    return [
        (float(left), float(right))
        for left, right in zip(reach, by_left[1:, 0], strict=True)
        if right > left
    ]


def _has_figures_behind(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    body: Sequence[CellDraft],
    middle: float,
) -> bool:
    n_filled = n_figures = n_alone = 0
    for draft in body:
        left, right = _sides(words, frames, draft.rows, middle)
        n_alone += not left  # a figure of its own, such as a sum, says nothing against a column
        if not left or not right or len(right) > 1:
            continue  # what stands behind the gap in several lines is no figure
        n_filled += 1
        texts = [words[i].text for i in right[0]]
        has_digit = any(c.isdigit() or c in "-−–—" for text in texts for c in text)
        n_figures += has_digit and all(_FIGURE.fullmatch(text) for text in texts)
        if all(text in "$€£¥₹" for row in left for text in (words[i].text for i in row)):
            n_filled -= 1  # a currency and its figure are one
            n_figures -= 1
    return n_filled >= max(_MIN_ROWS, _MIN_FILLED * (len(body) - n_alone)) and (
        n_figures >= _MIN_FIGURES * n_filled
    )


def _sides(
    words: Sequence[DraftWord], frames: NDArray[np.float64], rows: Rows, middle: float
) -> tuple[Rows, Rows]:
    """Return the rows of the words on the left of an x, and of those on its right.

    Dots are of the left; a currency belongs to the figure behind it.
    """
    on_left = {
        i
        for row in rows
        for i in row
        if (frames[i][0] + frames[i][2]) / 2 <= middle or LEADER.fullmatch(words[i].text)
    }
    for a, b in (pair for row in rows for pair in pairwise(row)):
        if a in on_left and b not in on_left and words[a].text in CURRENCIES:
            on_left.remove(a)
    left = [[i for i in row if i in on_left] for row in rows]
    right = [[i for i in row if i not in on_left] for row in rows]
    return [row for row in left if row], [row for row in right if row]


def _parts(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    draft: CellDraft,
    column: int,
    middle: float,
) -> list[CellDraft]:
    """Return a cell as it is when `column` has become two."""
    cell = draft.cell
    if cell.column > column:
        return [replace(draft, cell=replace(cell, column=cell.column + 1))]
    if cell.column + cell.n_columns <= column:
        return [draft]
    if cell.n_columns > 1 or cell.column < column:
        return [replace(draft, cell=replace(cell, n_columns=cell.n_columns + 1))]
    left, right = _sides(words, frames, draft.rows, middle)
    return [
        CellDraft(replace(cell, column=column + at, box=_box(words, rows, cell.box)), rows)
        for at, rows in enumerate((left, right))
    ]


def _box(
    words: Sequence[DraftWord], rows: Rows, box: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    return box_around(words[i].box for row in rows for i in row) if rows else box
