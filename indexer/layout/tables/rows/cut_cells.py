"""Join lines and paragraphs of one cell that the layout model took for rows of the table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, cells_by_row, words_of_rows
from indexer.layout.tables.rows.joined_rows import have_same_columns, joined_row, numbered_cells
from indexer.layout.upright import Upright

_LABEL_ENDS = ":?"
_MIN_LINES = 3  # of the cell above: a cell of prose
_MIN_WORDS = 4
_NEARER = 0.87  # lines of one name, to lines of two rows
_MIN_LETTERS = 3  # of a word that goes on with a name


def join_paragraphs_of_cells(
    words: Sequence[DraftWord],
    cells: Sequence[CellDraft],
    rules: NDArray[np.float64],
    upright: Upright,
) -> list[CellDraft]:
    """Return the cells of a table; a row that only goes on with a cell of the one above is part of it.

    rules  (R, 4) horizontal rules, in points of the upright page
    """
    if any(draft.cell.n_rows > 1 for draft in cells):
        return list(cells)
    rows_left: list[list[CellDraft]] = []
    rows = [row for _, row in sorted(cells_by_row(cells).items())]
    for row, below in zip_longest(rows, rows[1:]):
        above = rows_left[-1] if rows_left else None
        if above is None or not (
            _goes_on(words, above, row, rules, upright)
            or (below and _is_second_line(words, above, row, below, upright))
        ):
            rows_left.append(row)
            continue
        rows_left[-1] = joined_row(above, row)
    return numbered_cells(rows_left)


def _goes_on(
    words: Sequence[DraftWord],
    above: Sequence[CellDraft],
    row: Sequence[CellDraft],
    rules: NDArray[np.float64],
    upright: Upright,
) -> bool:
    if not have_same_columns(above, row):
        return False
    if len(row) < 2 or any(d.cell.is_head for d in (*above, *row)):
        return False
    filled_cells = [d for d in row if d.rows]
    if _splits_label(words, above, row):
        upper, lower = above[0], row[0]
    elif len(filled_cells) == 1 and _is_prose_behind(words, above, filled_cells[0]):
        lower = filled_cells[0]
        upper = above[lower.cell.column]
    else:
        return False
    first, second = upright.frames([upper.cell.box, lower.cell.box])
    top, bottom = (first[1] + first[3]) / 2, (second[1] + second[3]) / 2
    between = (rules[:, 1] > top) & (rules[:, 3] < bottom)
    meets = (rules[:, 0] < second[2]) & (rules[:, 2] > second[0])
    return not bool((between & meets).any())


def _is_second_line(
    words: Sequence[DraftWord],
    above: Sequence[CellDraft],
    row: Sequence[CellDraft],
    below: Sequence[CellDraft],
    upright: Upright,
) -> bool:
    """Say whether a row is a name alone that is nearer to the name above it, of a row, than to the next row.

    The name of a group stands nearer to what is below it.
    """
    rows = (above, row, below)
    if not all(len(own) > 1 and own[0].rows for own in rows) or not have_same_columns(above, row):
        return False
    if any(d.cell.is_head for own in rows for d in own) or any(d.rows for d in row[1:]):
        return False
    if not all(any(d.rows for d in own[1:]) for own in (above, below)) or len(row[0].rows) > 1:
        return False
    lines = [words[line[0]].box for line in (above[0].rows[-1], row[0].rows[0], below[0].rows[0])]
    first, second, third = ((f[1] + f[3]) / 2 for f in upright.frames(lines))
    return bool(0 < second - first < _NEARER * (third - second))


def _splits_label(
    words: Sequence[DraftWord], above: Sequence[CellDraft], row: Sequence[CellDraft]
) -> bool:
    """Say whether the name of a row begins in the row above, or ends in this one: it begins small."""
    if not above[0].rows or not row[0].rows or not words[row[0].rows[0][0]].text[0].islower():
        return False
    n_above, n_row = (sum(bool(d.rows) for d in cells) for cells in (above, row))
    is_item = len(words[row[0].rows[0][0]].text) < _MIN_LETTERS  # `a)`, `b.`
    return min(n_above, n_row) == 1 and max(n_above, n_row) > 1 and not is_item


def _is_prose_behind(
    words: Sequence[DraftWord], above: Sequence[CellDraft], lower: CellDraft
) -> bool:
    """Say whether the only cell of a row is prose that goes on with, or belongs to, the one above it."""
    upper = above[lower.cell.column]
    texts = [words[i].text for i in words_of_rows(lower.rows)]
    if lower.cell.column == 0 or not above[0].rows or not upper.rows:
        return False
    if len(above) == 2 and words[above[0].rows[-1][-1]].text[-1] in _LABEL_ENDS:
        return True  # of a form
    if len(texts) >= _MIN_WORDS and len(upper.rows) >= _MIN_LINES:
        return True
    n_named = sum(any(map(str.isalpha, text)) for text in texts)
    is_small = texts[0][0].islower() and len(texts[0]) >= _MIN_LETTERS
    return 2 * n_named > len(texts) and (is_small or len(lower.rows) >= _MIN_LINES)
