"""Join the cells of a group of rows, whose name stands beside only one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import CellDraft, box_around
from indexer.layout.upright import Upright

_CROSSES = 0.6  # of a cell's width: a rule that long parts it from the one above


def join_groups(
    cells: Sequence[CellDraft], rules: NDArray[np.float64], upright: Upright
) -> list[CellDraft]:
    """Return the cells of a table; in its first column those that no rule parts, with one name, as one cell.

    rules  (R, 4) horizontal rules, in points of the upright page
    """
    first = [draft for draft in cells if draft.cell.column == 0 and not draft.cell.is_head]
    if len(first) < 2 or not len(rules):
        return list(cells)
    groups: list[list[CellDraft]] = [[first[0]]]
    for draft in first[1:]:
        if is_parted(groups[-1][-1], draft, rules, upright):
            groups.append([])
        groups[-1].append(draft)
    if not _are_groups(groups):
        return list(cells)
    group_of = {id(draft): group for group in groups if len(group) > 1 for draft in group}
    cells_left: list[CellDraft] = []
    for draft in cells:
        group = group_of.get(id(draft))
        if group is None:
            cells_left.append(draft)
        elif draft is group[0]:
            cells_left.append(_join(group))
    return cells_left


def _are_groups(groups: Sequence[Sequence[CellDraft]]) -> bool:
    """Say whether each group has a name, and some name stands for several rows."""
    if len(groups) < 2 or max(map(len, groups)) < 2:
        return False
    n_names = [sum(bool(draft.rows) for draft in group) for group in groups]
    if all(n == 1 for n in n_names):
        return True
    # The name of a group may be on several lines; a table of names with a rule here and there is none.
    return (
        min(n_names) >= 1 and len(set(map(len, groups))) == 1 and n_names.count(1) > len(groups) / 2
    )


def is_parted(
    above: CellDraft, below: CellDraft, rules: NDArray[np.float64], upright: Upright
) -> bool:
    """Say whether a rule stands between two cells, or one of them is wider than its column."""
    if max(above.cell.n_columns, below.cell.n_columns) > 1:
        return True
    upper, lower = upright.frames([above.cell.box, below.cell.box])
    middle_above, middle_below = (upper[1] + upper[3]) / 2, (lower[1] + lower[3]) / 2
    width = min(upper[2] - upper[0], lower[2] - lower[0])
    between = (rules[:, 1] > middle_above) & (rules[:, 3] < middle_below)
    widths = np.minimum(rules[:, 2], lower[2]) - np.maximum(rules[:, 0], lower[0])
    return bool((between & (widths >= _CROSSES * width)).any())


def _join(group: Sequence[CellDraft]) -> CellDraft:
    cell = replace(
        group[0].cell,
        box=box_around(draft.cell.box for draft in group),
        n_rows=group[-1].cell.row + group[-1].cell.n_rows - group[0].cell.row,
    )
    return CellDraft(cell, [row for draft in group for row in draft.rows])
