"""Tell the first rows of amounts, which the layout model took for heads, from the heads above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.layout.drafts import CellDraft, DraftWord
from indexer.layout.pieces import CURRENCIES
from indexer.layout.tables.amounts import NOTHING, is_amount, is_sum, text_without_marks

_MEASURED = re.compile(r"[-−–+]?\d[\d.,’' ]*(?P<unit>[^\W\d_]{1,4}|°[CF])(?!\w)")
_MISSING = frozenset({"NA", "N/A"})


def without_first_amounts(
    words: Sequence[DraftWord], cells: Sequence[CellDraft]
) -> list[CellDraft]:
    """Return the cells of a table; the last rows of heads are none where they have a name and amounts."""
    rows = {d.cell.row for d in cells if d.cell.is_head}
    last = max(rows, default=0)
    members = [d for d in cells if d.cell.row == last and d.rows]
    behind = [(d, text_without_marks(words, d)) for d in members if d.cell.column]
    has_amounts = (
        len(rows) > 1
        and 0 < len(behind) < len(members)
        and all(
            is_amount(text) or text.upper() in _MISSING or _has_unit_of_column(words, d, cells)
            for d, text in behind
        )
        and any(
            is_sum(text) or text[0] in CURRENCIES or text in NOTHING or not is_amount(text)
            for _, text in behind
        )
    )
    if not has_amounts:
        return list(cells)
    fewer_heads = [
        replace(d, cell=replace(d.cell, is_head=False)) if d.cell.row == last else d for d in cells
    ]
    return without_first_amounts(words, fewer_heads)


def _has_unit_of_column(
    words: Sequence[DraftWord], draft: CellDraft, cells: Sequence[CellDraft]
) -> bool:
    """Say whether a cell has a figure with a unit that a figure below it has, too: `4 GB` above `20 GB`."""
    match = _MEASURED.fullmatch(text_without_marks(words, draft))
    below = (
        text_without_marks(words, d)
        for d in cells
        if d.cell.column == draft.cell.column and not d.cell.is_head and d.rows
    )
    return match is not None and any(
        figure["unit"] == match["unit"] for figure in map(_MEASURED.match, below) if figure
    )
