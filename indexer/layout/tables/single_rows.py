"""Tell text that the layout model took for a table of one row: places for signatures, a definition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, DraftWord, Rows, words_of_rows
from indexer.layout.tables.amounts import is_figure

_MIN_PROSE = 4  # words of half of the lines


def unmark_single_rows(
    words: Sequence[DraftWord], frames: NDArray[np.float64], blocks: Sequence[BlockDraft]
) -> None:
    """Let tables of one row, without heads and cells of figures, be text of their lines.

    frames  (W, 4) of all words, in points of the upright page
    """
    for block in blocks:
        if _is_text(words, block):
            block.kind = BlockKind.TEXT
            block.rows = _columns(block) or _lines(frames, block)
            block.cells = []


def _columns(block: BlockDraft) -> Rows:
    """Return the lines of one cell after the other, where they are of prose; else none."""
    rows = [row for draft in block.cells for row in draft.rows]
    return rows if np.median([len(row) for row in rows]) >= _MIN_PROSE else []


def _lines(frames: NDArray[np.float64], block: BlockDraft) -> Rows:
    """Return the lines of all cells across."""
    members = [i for draft in block.cells for i in words_of_rows(draft.rows)]
    lines = rows_of(np.stack([frames[i] for i in members]))
    return [[members[n] for n in line] for line in lines]


def _is_text(words: Sequence[DraftWord], block: BlockDraft) -> bool:
    return (
        block.kind == BlockKind.TABLE
        and any(d.rows for d in block.cells)
        and not any(d.cell.row or d.cell.is_head for d in block.cells)
        and not any(d.cell.column and is_figure(words, d) for d in block.cells)
    )
