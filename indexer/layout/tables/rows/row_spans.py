"""Join cells below each other that no rule parts where rules part the rows: one cell beside several rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.layout.drafts import CellDraft, box_around
from indexer.layout.tables.rows.row_groups import is_parted
from indexer.layout.tables.table_rules import TableRules
from indexer.layout.upright import Upright

_MIN_UPRIGHT = 2  # rules: cells are boxes


def join_row_spans(
    cells: Sequence[CellDraft], rules: TableRules, upright: Upright
) -> list[CellDraft]:
    """Return the cells of a table; behind its first column those in one box are one cell.

    Each two rows beside it are parted by a rule in the first column.
    """
    if len(rules.upright) < _MIN_UPRIGHT or any(d.cell.n_rows > 1 for d in cells):
        return list(cells)
    columns: dict[int, list[CellDraft]] = {}
    for draft in cells:
        if not draft.cell.is_head:
            columns.setdefault(draft.cell.column, []).append(draft)
    names = {d.cell.row: d for d in columns.get(0, [])}
    whole_cells: dict[int, CellDraft] = {}
    for column, own in columns.items():
        for run in _runs(own, names, rules, upright) if column else []:
            cell = replace(
                run[0].cell, n_rows=len(run), box=box_around(draft.cell.box for draft in run)
            )
            whole_cells.update((id(draft), CellDraft(cell, [])) for draft in run[1:])
            whole_cells[id(run[0])] = CellDraft(cell, [row for draft in run for row in draft.rows])
    return [
        whole_cells.get(id(draft), draft)
        for draft in cells
        if id(draft) not in whole_cells or draft.cell.row == whole_cells[id(draft)].cell.row
    ]


def _runs(
    own: Sequence[CellDraft], names: dict[int, CellDraft], rules: TableRules, upright: Upright
) -> list[list[CellDraft]]:
    """Return cells of a column that are in one box, one of them with words, beside rows that are parted."""
    runs = [list(own[:1])]
    for above, below in pairwise(own):
        pair = [names.get(draft.cell.row) for draft in (above, below)]
        is_beside = (
            below.cell.row == above.cell.row + 1
            and pair[0] is not None
            and pair[1] is not None
            and all(draft.cell.n_columns == 1 for draft in (above, below))
            and is_parted(pair[0], pair[1], rules.across, upright)
            and not is_parted(above, below, rules.across, upright)
        )
        if is_beside:
            runs[-1].append(below)
        else:
            runs.append([below])
    return [run for run in runs if len(run) > 1 and sum(bool(draft.rows) for draft in run) == 1]
