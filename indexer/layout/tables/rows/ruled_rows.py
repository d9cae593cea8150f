"""Join lines of one row that the layout model took for rows, in a table with rules between its rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, DraftWord, cells_by_row
from indexer.layout.tables.amounts import is_figure
from indexer.layout.tables.rows.joined_rows import (
    Row,
    have_same_columns,
    joined_row,
    numbered_cells,
)
from indexer.layout.upright import Upright

_WHOLE = 0.9  # of the table's width: a rule between rows
_MIN_RULED = 0.5  # of the rows are parted by rules, titles left out,
_MIN_RULES = 2  # and so many


def join_unruled_rows(
    words: Sequence[DraftWord],
    cells: Sequence[CellDraft],
    rules: NDArray[np.float64],
    upright: Upright,
) -> list[CellDraft]:
    """Return the cells of a table; where rules part most rows, rows that none parts are one.

    rules  (R, 4) horizontal rules, in points of the upright page
    """
    rows = [row for _, row in sorted(cells_by_row(cells).items())]
    if len(rows) < _MIN_RULES + 1 or not len(rules) or any(d.cell.n_rows > 1 for d in cells):
        return list(cells)
    has_rule = [_is_ruled(a, b, rules, upright) for a, b in pairwise(rows)]
    if not _are_mostly_ruled(rows, has_rule):
        return list(cells)
    rows_left: list[list[CellDraft]] = [rows[0]]
    for row, is_ruled in zip(rows[1:], has_rule, strict=True):
        if is_ruled or not _are_lines_of_one(words, rows_left[-1], row):
            rows_left.append(row)
        else:
            rows_left[-1] = joined_row(rows_left[-1], row)
    return numbered_cells(rows_left)


def are_ruled(rows: Sequence[Row], rules: NDArray[np.float64], upright: Upright) -> bool:
    """Say whether rules part most rows."""
    return _are_mostly_ruled(rows, [_is_ruled(a, b, rules, upright) for a, b in pairwise(rows)])


def _are_mostly_ruled(rows: Sequence[Row], has_rule: Sequence[bool]) -> bool:
    are_titles = [len(row) == 1 for row in rows]
    body = [r for r, (a, b) in zip(has_rule, pairwise(are_titles), strict=True) if not (a or b)]
    return sum(body) >= max(_MIN_RULES, _MIN_RULED * len(body))


def _is_ruled(
    above: Sequence[CellDraft],
    below: Sequence[CellDraft],
    rules: NDArray[np.float64],
    upright: Upright,
) -> bool:
    """Say whether rules between two rows are together as wide as the table."""
    upper = upright.frames([d.cell.box for d in above])
    lower = upright.frames([d.cell.box for d in below])
    left, right = (
        min(upper[:, 0].min(), lower[:, 0].min()),
        max(upper[:, 2].max(), lower[:, 2].max()),
    )
    top = ((upper[:, 1] + upper[:, 3]) / 2).max()
    bottom = ((lower[:, 1] + lower[:, 3]) / 2).min()
    between = rules[(rules[:, 1] > top) & (rules[:, 3] < bottom)]
    widths = np.minimum(between[:, 2], right) - np.maximum(between[:, 0], left)
    return bool(widths.clip(min=0.0).sum() >= _WHOLE * (right - left))


def _are_lines_of_one(
    words: Sequence[DraftWord], above: Sequence[CellDraft], below: Sequence[CellDraft]
) -> bool:
    """Say whether two rows have the same columns, and nothing stands below a figure.

    Below a head, which its ground parts from the table, a row with something in every cell is one of its own.
    """
    if not have_same_columns(above, below) or _names_group(words, above):
        return False
    if _is_head(above) and not _is_head(below) and all(d.rows for d in below):
        return False
    have_figures = any(is_figure(words, d) for d in (*above, *below))
    if above[0].rows and below[0].rows and have_figures:
        return False  # each has a name of its own
    return not any(is_figure(words, a) and b.rows for a, b in zip(above, below, strict=True))


def _names_group(words: Sequence[DraftWord], row: Sequence[CellDraft]) -> bool:
    """Say whether a row is nothing but a name with a colon: that of the rows below."""
    filled_cells = [d for d in row if d.rows]
    return len(filled_cells) == 1 and words[filled_cells[0].rows[-1][-1]].text.endswith(":")


def _is_head(row: Sequence[CellDraft]) -> bool:
    return any(draft.cell.is_head for draft in row)
