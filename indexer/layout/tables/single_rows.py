"""Tell text that the layout model took for a table of one row: places for signatures, a definition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, DraftWord, words_of_rows
from indexer.layout.tables.amounts import has_figure


def unmark_single_rows(
    words: Sequence[DraftWord], frames: NDArray[np.float64], blocks: Sequence[BlockDraft]
) -> None:
    """Let tables of one row, without heads and figures, be text of their lines.

    frames  (W, 4) of all words, in points of the upright page
    """
    for block in blocks:
        if _is_text(words, block):
            members = [i for d in block.cells for i in words_of_rows(d.rows)]
            lines = rows_of(np.stack([frames[i] for i in members]))
            block.kind = BlockKind.TEXT
            block.rows = [[members[n] for n in line] for line in lines]
            block.cells = []


def _is_text(words: Sequence[DraftWord], block: BlockDraft) -> bool:
    return (
        block.kind == BlockKind.TABLE
        and any(d.rows for d in block.cells)
        and not any(d.cell.row or d.cell.is_head for d in block.cells)
        and not any(d.cell.column and has_figure(words, d) for d in block.cells)
    )
